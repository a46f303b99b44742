"""Makes the parcels of a rehearsal: each item of a line accepted at a synthetic hub for a synthetic resident.

The verbs of the round table do it, in a transaction that is taken back: no person, no case, no delivery, no number and
no line in the trail is left. What travels afterwards is what was frozen.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date

from sqlmodel import Session, col, select

from ..api.nouns import Hub, Worker
from ..api.parcels import Parcel
from ..cases.models import CaseMaterialRow, DraftRow
from ..cases.season import next_opening
from ..catalogue.answers import answer_all, number_of
from ..catalogue.form import form_of
from ..catalogue.items import Catalogue, Item
from ..delivery.models import DeliveryRow, PayloadRow
from ..delivery.pack import pack
from ..host.discover import Installed
from ..hubs.models import AdmissionRow, HubRow
from ..hubs.open_lines import forget_hub, open_line
from ..people.check import PersonInput
from ..people.models import PersonRow
from ..people.register import AlreadyRegistered, register_person
from ..reception.accept import CannotAccept, accept
from ..reception.draft import begin
from ..store.context import Context
from ..store.engine import Store
from ..store.ids import new_id
from ..store.problems import Problem, Problems

NAME, BORN, PHONE = "演练居民", date(1950, 3, 7), "19900000001"
REASON = "演练：不对应任何真实居民"
#: Numbers of a rehearsal end like this, beyond what a hub can accept in a day.
BEYOND = 90000
ORDERS = range(905, 999, 10)


@dataclass(frozen=True)
class Composed:
    """One item of a rehearsal: its parcels, or in words why there are none."""

    item: Item
    parcels: tuple[tuple[str, Parcel], ...] = ()  # platform id and what goes there
    verdict: str = ""  # "not-now", "nothing-sent", "failed"
    text_zh: str = ""
    text_en: str = ""


class TakenBack(Exception):
    """Ends the transaction of a rehearsal, which leaves nothing."""


def compose(
    store: Store, ctx: Context, known: Catalogue, installed: Installed, items: Sequence[Item]
) -> list[Composed]:
    """Accept each of these items for the synthetic resident, each in a transaction of its own that is taken back."""
    return [_compose(store, ctx, known, installed, item, position) for position, item in enumerate(items, start=1)]


def _compose(store: Store, ctx: Context, known: Catalogue, installed: Installed, item: Item, position: int) -> Composed:
    found = Composed(item, verdict="failed")
    hub = Hub(new_id(), "演练站点", "Rehearsal", ctx.hub.division)
    try:
        with store.write() as session:
            found = _accept(_at(ctx, session, hub), known, installed, item, position)
            raise TakenBack
    except TakenBack:
        return found
    except CannotAccept as error:
        ((_, ready),) = error.hindered.items()
        first = next(iter(ready.problems.items()), None)
        words = (first[1].zh, first[1].en) if first else ("材料不齐", "materials are missing")
        where = f"{first[0]}: " if first else ""
        return replace(found, text_zh=f"填不成：{where}{words[0]}", text_en=f"Cannot be completed: {where}{words[1]}")
    except Problem as problem:
        if problem.code == "out_of_season":
            opens = next_opening(item.manifest.windows, ctx.clock.today())
            zh, en = f"现在不在受理时段，下次从 {opens} 起。", f"Out of its season, next from {opens}."
            return Composed(item, verdict="not-now", text_zh=zh, text_en=en)
        return replace(found, text_zh=problem.zh, text_en=problem.en)
    except Problems as several:
        return replace(found, text_zh=several.problems[0].zh, text_en=several.problems[0].en)
    except (Exception, SystemExit) as error:  # a line's own code must not end the worker process
        name = type(error).__name__
        return replace(found, text_zh=f"受理出错：{name}", text_en=f"Accepting it failed: {name}")
    finally:
        forget_hub(store, hub.id)


def _at(ctx: Context, session: Session, hub: Hub) -> Context:
    """Give the context of a worker nobody is, at a hub nobody sees."""
    worker = Worker(new_id(), "rehearsal", "演练社工", frozenset({"worker"}))
    return replace(ctx, session=session, hub=hub, actor=worker, origin="rehearsal")


def _accept(ctx: Context, known: Catalogue, installed: Installed, item: Item, position: int) -> Composed:
    _stage(ctx, installed, item.line_id)
    draft = _fill(ctx, item, _register(ctx))
    (case,) = accept(ctx, known, installed, {draft.case_id: draft.accept_key})
    query = select(DeliveryRow, PayloadRow).join(PayloadRow, col(PayloadRow.id) == col(DeliveryRow.payload_id))
    rows = ctx.session.exec(query.where(DeliveryRow.case_id == case.case_id).order_by(col(DeliveryRow.id))).all()
    case_no = f"{case.case_no.rpartition('-')[0]}-{BEYOND + position:05d}"
    parcels = [(row.platform_id, replace(pack(row, payload, ctx.files), case_no=case_no)) for row, payload in rows]
    if not parcels:
        zh, en = "受理时不向任何平台报送。", "Nothing is sent to a platform when it is accepted."
        return Composed(item, verdict="nothing-sent", text_zh=zh, text_en=en)
    return Composed(item, tuple(parcels))


def _stage(ctx: Context, installed: Installed, line_id: str) -> None:
    """Make the synthetic hub, with its worker and the line open."""
    hub = ctx.hub
    ctx.session.add(HubRow(id=hub.id, name_zh=hub.name_zh, name_en=hub.name_en, shape="single", division=hub.division))
    ctx.session.flush()
    today, now = ctx.clock.today(), ctx.clock.now()
    ctx.session.add(
        AdmissionRow(
            id=new_id(), hub_id=hub.id, line_id=line_id, approved_by=REASON, directory=REASON, valid_from=today,
            made_by=ctx.actor.id, made_at=now,
        )
    )  # fmt: skip
    ctx.session.flush()
    open_line(ctx, installed, line_id)
    ctx.session.flush()


def _register(ctx: Context) -> PersonRow:
    """Register the synthetic resident, under a number nobody has."""
    for order in ORDERS:
        given = PersonInput(name=NAME, id_type="111", id_no=number_of(BORN, order), phone=PHONE)
        with suppress(AlreadyRegistered):
            return register_person(ctx, given)
    raise Problem("no_number", "演练用的证件号码都已被占用。", "All numbers for rehearsals are taken.")


def _fill(ctx: Context, item: Item, person: PersonRow) -> DraftRow:
    case = begin(ctx, item, person)
    draft = ctx.session.get_one(DraftRow, case.id)
    form = form_of(item.manifest)
    draft.values = answer_all(form, draft.values or {})
    draft.origins = {key: origin | {"reason": REASON} for key, origin in (draft.origins or {}).items()}
    noted = set(ctx.session.exec(select(CaseMaterialRow.key).where(CaseMaterialRow.case_id == case.id)))
    for key in {material.key for material in item.manifest.materials} - noted:
        ctx.session.add(CaseMaterialRow(case_id=case.id, key=key, state="sighted"))
    ctx.session.flush()
    return draft
