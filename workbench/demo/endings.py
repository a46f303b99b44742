"""The last chapter of a demonstration case: what brings it from review to each state it may be planned for."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from ..store.context import SYSTEM
from . import words
from .matter import Matter
from .parcels import Parcels
from .scene import in_role

Moments = Iterator[datetime]
Ending = Callable[[Matter, Parcels, str, Moments], None]
CLOSED = ("concluded", "delivered", "archived")
#: Fields a department might find wrong.
DOUBTED = ("address", "phone", "bank", "date", "text", "code", "id_no")


def _detail(matter: Matter, platform: str, text: str) -> dict[str, Any]:
    return {"platform": platform, "text": text, "reference": matter.case["reference"]}


def _review(matter: Matter, parcels: Parcels, platform: str, moments: Moments) -> None:
    chance = matter.scene.chance
    if matter.case["step_by"] == "department" and chance.happens(0.5):
        text = chance.one_of(words.PROGRESS)
        matter.note(next(moments), "progress", SYSTEM, step=matter.case["step"], **_detail(matter, platform, text))


def _decide(matter: Matter, parcels: Parcels, platform: str, moments: Moments) -> None:
    detail = _detail(matter, platform, words.DECIDED)
    matter.note(next(moments), "progress", SYSTEM, step=matter.case["step"], **detail)
    matter.case.update(state="decided", version=matter.case["version"] + 1)


def _correct(matter: Matter, parcels: Parcels, platform: str, moments: Moments) -> None:
    at, chance, is_rejected = next(moments), matter.scene.chance, matter.plan.hold == "rejected"
    form = matter.scene.form(matter.item)
    doubted = [field for field in form.fields.values() if field.required and field.type in DOUBTED]
    field = chance.one_of(doubted or list(form.fields.values()))
    text = chance.one_of(words.CORRECTION).format(label=field.label_zh)
    for parcel in matter.parcels if is_rejected else ():
        if parcel["platform_id"] == platform:
            parcels.finish(parcel, at, granted=False, text=text)
    matter.suspend(at, "correction", text)
    detail = _detail(matter, platform, text)
    matter.move(at, "department_correction", SYSTEM, field=field.key, rejected=is_rejected, **detail)


def _suspend(matter: Matter, parcels: Parcels, platform: str, moments: Moments) -> None:
    at, text = next(moments), matter.scene.chance.one_of(words.SUSPENDED)
    matter.suspend(at, "special_procedure", text)
    matter.move(at, "department_suspend", SYSTEM, **_detail(matter, platform, text))


def _conclude(matter: Matter, parcels: Parcels, platform: str, moments: Moments) -> None:
    at, is_granted = next(moments), matter.scene.chance.happens(0.9)
    text = matter.scene.chance.one_of(words.GRANTED if is_granted else words.DENIED)
    for parcel in matter.parcels:
        if parcel["platform_id"] == platform:
            by = matter.owner.id if parcels.is_typed(platform) else SYSTEM.id
            parcels.finish(parcel, at, granted=is_granted, text=text, by=by)
    matter.finish(at, "granted" if is_granted else "refused", text)
    matter.move(at, "grant" if is_granted else "deny", SYSTEM, **_detail(matter, platform, text))


def _deliver(matter: Matter, parcels: Parcels, platform: str, moments: Moments) -> None:
    _conclude(matter, parcels, platform, moments)
    matter.move(next(moments), "hand_over_result", matter.owner)


def _archive(matter: Matter, parcels: Parcels, platform: str, moments: Moments) -> None:
    _deliver(matter, parcels, platform, moments)
    matter.move(next(moments), "archive", matter.owner)


def _withdraw(matter: Matter, parcels: Parcels, platform: str, moments: Moments) -> None:
    at = next(moments)
    matter.move(at, "withdraw", matter.owner, reason=matter.scene.chance.one_of(words.WITHDRAWN))
    matter.case["concluded_at"] = at


def _return(matter: Matter, parcels: Parcels, platform: str, moments: Moments) -> None:
    at, reviewer = next(moments), matter.scene.workers[in_role(matter.plan.hub_id, "reviewer")]
    matter.move(at, "return", reviewer, reason=matter.scene.chance.one_of(words.RETURNED))
    matter.case["concluded_at"] = at


ENDINGS: Mapping[str, Ending] = {
    "reviewing": _review,
    "decided": _decide,
    "correction": _correct,
    "suspended": _suspend,
    "concluded": _conclude,
    "delivered": _deliver,
    "archived": _archive,
    "withdrawn": _withdraw,
    "returned": _return,
}
