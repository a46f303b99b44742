"""How a demonstration case went on after it was accepted, up to the state it was planned to reach."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from ..cases.send import deciding_platform
from ..cases.steps import accepting_position
from ..store.context import SYSTEM
from . import words
from .agenda import USUAL
from .endings import CLOSED, ENDINGS
from .matter import Matter
from .parcels import Parcels
from .scene import in_role
from .tray import Row

#: How many things happen, at most, after the in-house steps.
AFTERWARDS = 3


class Course:
    """Tells one accepted case to its end."""

    def __init__(self, matter: Matter, parcels: Parcels) -> None:
        self._matter, self._parcels = matter, parcels
        self._plan, self._chance = matter.plan, matter.scene.chance
        self._platform = deciding_platform(matter.item.manifest)
        self._moments = iter(self._draw_moments())

    def _draw_moments(self) -> list[datetime]:
        whole = self._matter.item.manifest.promised_days
        span = int((USUAL if whole is None else whole) * 0.9)
        if self._plan.state not in CLOSED:
            span = min(span, 3) if self._house(0) else span // 2
        count = len(self._matter.steps) + AFTERWARDS
        return self._matter.scene.later(self._plan.index, self._plan.at + timedelta(minutes=30), count, span)

    def tell(self, payload: Row) -> None:
        """Send the parcels and tell what became of the case."""
        plan, item = self._plan, self._matter.item.manifest
        for to in item.steps[accepting_position(item)].deliveries:
            parcel = self._parcels.send(self._matter.case, item, to, plan.at, self._matter.owner.name)
            self._matter.parcels.append(parcel)
            if plan.hold != "waiting":
                self._set_off(parcel, payload)
        if plan.state != "accepted":
            self._pass_in_house()
            self._end()

    def _set_off(self, parcel: Row, payload: Row) -> None:
        """Let a parcel go the way of its platform."""
        parcels, hold = self._parcels, self._plan.hold
        at = self._plan.at + timedelta(seconds=self._chance.number(1, 5))
        by = None
        if parcels.is_typed(parcel["platform_id"]):
            parcels.hand_over(parcel, payload, at)
            if hold == "rekey":
                return
            owner = self._matter.owner
            by, at = {"id": owner.id, "name": owner.name}, at + timedelta(minutes=self._chance.number(8, 25))
        elif hold in words.STOPPED:
            parcels.stop(parcel, at, hold, words.STOPPED[hold])
            return
        self._note_taken(parcel, parcels.take(parcel, at, by), at)

    def _note_taken(self, parcel: Row, reference: str, at: datetime) -> None:
        matter, detail = self._matter, {"platform": parcel["platform_id"], "reference": reference}
        if parcel["platform_id"] != self._platform:
            matter.note(at, "consulted", SYSTEM, status="accepted", **detail)
            return
        matter.case["reference"] = matter.case["reference"] or reference
        matter.note(at, "department_accepted", SYSTEM, **detail)
        if matter.case["state"] == "accepted":
            matter.move(at, "start_review", SYSTEM)

    def _house(self, position: int) -> list[str]:
        """Name who takes the in-house steps from a position on."""
        steps = self._matter.item.manifest.steps[position:]
        return [step.by for step in steps if step.by in ("reviewer", "approver")]

    def _pass_in_house(self) -> None:
        for role in self._passed_by():
            at = next(self._moments)
            by = self._matter.scene.workers[in_role(self._plan.hub_id, role)]
            agree = role == "reviewer" or self._chance.happens(0.9)
            reason = self._chance.one_of(words.AGREED if agree else words.DISAGREED)
            outcome = "agree" if agree else "disagree"
            step = self._matter.item.manifest.steps[self._matter.pass_step(at, by, outcome, reason)]
            for to in step.deliveries:
                extra = {"opinion": outcome, "opinion_text": reason}
                parcel = self._parcels.send(self._matter.case, self._matter.item.manifest, to, at, by.name, extra)
                self._matter.parcels.append(parcel)
                self._note_taken(parcel, self._parcels.take(parcel, at + timedelta(seconds=3)), at)

    def _passed_by(self) -> Iterator[str]:
        """Give the roles that took their steps already: all of them, or those before the one that has it now."""
        if self._plan.state not in (*CLOSED, "reviewing", "decided"):
            return
        house = self._house(0)
        if self._plan.hold == "reviewer":
            yield from house[: self._chance.number(0, house.count("reviewer") - 1)]
        elif self._plan.hold == "approver":
            yield from (role for role in house if role == "reviewer")
        else:
            yield from house

    def _end(self) -> None:
        """Bring the case from review to its planned state."""
        self._consult()
        ENDINGS[self._plan.state](self._matter, self._parcels, self._platform, self._moments)

    def _consult(self) -> None:
        """Let consulted platforms answer within a day or so."""
        for parcel in self._matter.parcels:
            if parcel["platform_id"] != self._platform and self._plan.index < len(self._matter.scene.days) - 2:
                at = parcel["accepted_at"] + timedelta(minutes=self._chance.number(40, 300))
                self._parcels.finish(parcel, at, granted=True, text=words.CONSULTED)
                detail = {"platform": parcel["platform_id"], "reference": parcel["reference"]}
                self._matter.note(at, "consulted", SYSTEM, status="granted", text=words.CONSULTED, **detail)
