"""Accept anywhere, decide at home (收受分离): images travel with the parcel, papers by hand, and the trail is kept.

The receiving hub keeps the case and its papers until they are handed over; the home hub reviews, and its
division's departments decide.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Protocol

from sqlmodel import col, or_, select

from ..catalogue.items import Item
from ..hubs.models import HubRow
from ..people.models import PersonRow
from ..store.clock import local
from ..store.context import Context
from ..store.problems import Problem
from .models import CaseRow, PaperHopRow
from .moves import note_event


class Form(Protocol):
    """What is asked of a form that is being accepted."""

    @property
    def case_id(self) -> str: ...
    @property
    def person_id(self) -> str: ...
    @property
    def item(self) -> Item: ...


def homes_of(ctx: Context, forms: Iterable[Form]) -> dict[str, HubRow]:
    """Give the home hubs of what was not accepted at home, by case; asks nothing where no item travels."""
    people = {form.case_id: form.person_id for form in forms if form.item.manifest.anywhere}
    if not people:
        return {}
    query = select(PersonRow.id, HubRow).join(HubRow, col(HubRow.id) == col(PersonRow.hub_id))
    found = dict(ctx.session.exec(query.where(col(PersonRow.id).in_(set(people.values())))).all())
    homes = {case_id: found[person] for case_id, person in people.items() if person in found}
    return {case_id: hub for case_id, hub in homes.items() if hub.id != ctx.hub.id}


def at_home(ctx: Context, home: HubRow | None) -> Context:
    """Give the context in which parcels name the division that decides; the hub that sends them stays."""
    return ctx if home is None else replace(ctx, hub=replace(ctx.hub, division=home.division))


def send_home(ctx: Context, homes: Mapping[str, HubRow]) -> None:
    """Begin the trail of the papers of what is decided elsewhere."""
    by = hand_over_by(local(ctx.clock.now()))
    for case_id, home in homes.items():
        ctx.session.add(PaperHopRow(case_id=case_id, from_hub=ctx.hub.id, to_hub=home.id, hand_over_by=by))
        case = ctx.session.get_one(CaseRow, case_id)
        note_event(ctx, case, "sent_home", text=f"{home.name_zh} {home.name_en}")


def hand_over_by(accepted: datetime) -> datetime:
    """Give when paper has to be handed over (domain C6): half-days, 17:30-11:30 by 12:00, 11:30-17:00 by 17:30."""
    clock, day = accepted.time(), accepted.date()
    if clock < time(11, 30):
        return datetime.combine(day, time(12), accepted.tzinfo)
    if clock < time(17):
        return datetime.combine(day, time(17, 30), accepted.tzinfo)
    return datetime.combine(day + timedelta(days=1), time(12), accepted.tzinfo)


@dataclass(frozen=True, slots=True)
class OnTheWay:
    """Papers of one case, as their list shows them."""

    hop: PaperHopRow
    case_no: str
    title_zh: str
    title_en: str


def papers_on_the_way(ctx: Context, limit: int = 100) -> list[OnTheWay]:
    """List papers this hub has still to send, or to receive; what is due first. One query."""
    query = select(PaperHopRow, CaseRow.case_no, CaseRow.title_zh, CaseRow.title_en)
    query = query.join(CaseRow, col(CaseRow.id) == col(PaperHopRow.case_id))
    ours = (col(PaperHopRow.from_hub) == ctx.hub.id) & col(PaperHopRow.sent_at).is_(None)
    theirs = (col(PaperHopRow.to_hub) == ctx.hub.id) & col(PaperHopRow.received_at).is_(None)
    rows = ctx.session.exec(query.where(or_(ours, theirs)).order_by(col(PaperHopRow.hand_over_by)).limit(limit))
    return [OnTheWay(hop, number or "", zh, en) for hop, number, zh, en in rows]


def hand_over(ctx: Context, case: CaseRow, way: str) -> None:
    """Write down that the papers left; raises Problem when they did, or nobody says how."""
    hop = _hop(ctx, case)
    if hop.from_hub != ctx.hub.id or hop.sent_at is not None:
        raise Problem("hop_wrong", "材料已经移交，请刷新。", "The papers have left already; reload.")
    if not way.strip():
        raise Problem("way_missing", "请写明交接人或邮件号。", "Say by whom, or the number of the mail.", field="way")
    hop.way, hop.sent_at, hop.sent_by = way.strip()[:200], ctx.clock.now(), ctx.actor.name
    note_event(ctx, case, "papers_sent", text=hop.way)


def take_over(ctx: Context, case: CaseRow, remark: str) -> None:
    """Write down that the papers came, and what was missing; only what was sent can come."""
    hop = _hop(ctx, case)
    if hop.to_hub != ctx.hub.id or hop.sent_at is None or hop.received_at is not None:
        raise Problem("hop_wrong", "材料尚未移交或者已经签收，请刷新。", "The papers were not sent, or came already.")
    hop.remark, hop.received_at, hop.received_by = remark.strip()[:200], ctx.clock.now(), ctx.actor.name
    note_event(ctx, case, "papers_received", text=hop.remark)


def _hop(ctx: Context, case: CaseRow) -> PaperHopRow:
    hop = ctx.session.get(PaperHopRow, case.id, with_for_update=True)
    if hop is None:
        raise Problem("no_hop", "此办件没有需要移交的材料。", "No papers of this case travel.")
    return hop
