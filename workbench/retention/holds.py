"""What keeps a case or a resident's file from being erased: what is under way, an appeal, a hold with its reason."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlmodel import Session, col

from ..agenda.models import AgendaRow
from ..api.manifest import ItemManifest
from ..cases.models import CaseEventRow, CaseRow
from ..cases.moves import CLOSED_STATES, note_event
from ..catalogue.freeze import frozen_item
from ..catalogue.items import Catalogue
from ..delivery.models import DeliveryRow, DifferenceRow, OutcomeRow
from ..identity.audit import record
from ..people.models import PersonRow
from ..store.context import Context
from ..store.ids import new_id
from ..store.problems import Problem
from .models import HoldRow

#: Deliveries that still go somewhere, or of which nobody knows whether they did.
UNDER_WAY = ("waiting", "sending", "sent", "needs-people")


@dataclass(frozen=True, slots=True)
class Hold:
    """One reason: open, appeal, delivery, message, difference, benefit, hold; `text` is what a person wrote."""

    kind: str
    text: str = ""


def holds_of(session: Session, known: Catalogue, case_ids: Sequence[str]) -> dict[str, list[Hold]]:
    """Give what keeps each of these cases; as many queries for one as for fifty."""
    found: dict[str, list[Hold]] = defaultdict(list)
    c = CaseRow
    columns = ("id", "state", "concluded_at", "person_id", "item_code", "item_digest", "result")
    query = select(*(col(getattr(c, name)) for name in columns)).where(col(c.id).in_(case_ids))
    cases = {row.id: row for row in session.execute(query)}
    for row in cases.values():
        if row.state not in CLOSED_STATES or row.concluded_at is None:
            found[row.id].append(Hold("open"))
    appeals = _appeals(session, list(cases))
    for case_id in appeals:
        found[case_id].append(Hold("appeal"))
    for kind, query in _moving(list(cases)):
        for case_id in session.scalars(query):
            found[case_id].append(Hold(kind))
    for case_id in _running(session, known, cases):
        found[case_id].append(Hold("benefit"))
    for case_id, reason in _held(session, cases):
        found[case_id].append(Hold("hold", reason))
    return dict(found)


def _appeals(session: Session, case_ids: list[str]) -> list[str]:
    """Give the cases with an appeal after their end that nobody settled."""
    e = CaseEventRow
    newest = (
        select(col(e.case_id), col(e.kind), func.max(col(e.id)).label("newest"))
        .where(col(e.case_id).in_(case_ids), col(e.kind).in_(("appeal", "appeal_settled", "reopen")))
        .group_by(col(e.case_id), col(e.kind))
    )
    last: dict[str, dict[str, int]] = defaultdict(dict)
    for row in session.execute(newest):
        last[row.case_id][row.kind] = row.newest
    return [one for one, seen in last.items() if max(seen, key=lambda kind: seen[kind]) == "appeal"]


def _moving(case_ids: list[str]) -> Iterable[tuple[str, Any]]:
    d = DeliveryRow
    theirs = select(col(d.case_id)).where(col(d.case_id).in_(case_ids)).distinct()
    yield "delivery", theirs.where(col(d.state).in_(UNDER_WAY))
    yield (
        "message",
        theirs.join(OutcomeRow, col(OutcomeRow.delivery_id) == col(d.id)).where(col(OutcomeRow.applied_at).is_(None)),
    )
    unsettled = col(DifferenceRow.settled_at).is_(None)
    yield "difference", theirs.join(DifferenceRow, col(DifferenceRow.delivery_id) == col(d.id)).where(unsettled)


def _running(session: Session, known: Catalogue, cases: Mapping[str, Any]) -> list[str]:
    """Give granted cases of a benefit that goes on: nobody stopped it, and no later case took its place."""
    items: dict[str, ItemManifest | None] = {}
    for row in cases.values():
        if row.item_digest not in items:
            items[row.item_digest] = frozen_item(session, known, row.item_digest)
    going = [row for row in cases.values() if row.result == "granted" and _goes_on(items[row.item_digest])]
    if not going:
        return []
    people = {row.person_id for row in going}
    later, stop = CaseRow, AgendaRow
    query = select(col(later.person_id), col(later.item_code), func.max(col(later.concluded_at)))
    query = query.where(col(later.person_id).in_(people), col(later.concluded_at).is_not(None))
    newest = {row[:2]: row[2] for row in session.execute(query.group_by(col(later.person_id), col(later.item_code)))}
    stopped = select(col(stop.person_id), col(stop.item_code)).where(
        col(stop.person_id).in_(people), col(stop.kind) == "stop", col(stop.state) == "taken"
    )
    ended = {tuple(row) for row in session.execute(stopped)}
    gone = set(session.scalars(select(col(PersonRow.id)).where(col(PersonRow.id).in_(people), _is_gone())))
    return [
        row.id
        for row in going
        if row.person_id not in gone
        and (row.person_id, row.item_code) not in ended
        and newest[row.person_id, row.item_code] <= row.concluded_at
    ]


def _goes_on(item: ItemManifest | None) -> bool:
    return item is not None and item.ongoing


def _is_gone() -> ColumnElement[bool]:
    return col(PersonRow.status).in_(("dead", "moved", "merged"))


def _held(session: Session, cases: Mapping[str, Any]) -> list[tuple[str, str]]:
    h = HoldRow
    people = {row.person_id for row in cases.values()}
    those = or_(col(h.case_id).in_(list(cases)), and_(col(h.case_id) == "", col(h.person_id).in_(people)))
    query = select(col(h.case_id), col(h.person_id), col(h.reason)).where(
        col(h.person_id).in_(people), those, col(h.lifted_at).is_(None)
    )
    held = session.execute(query).all()
    return [
        (row.id, one.reason)
        for row in cases.values()
        for one in held
        if one.case_id == row.id or (one.case_id == "" and one.person_id == row.person_id)
    ]


def people_held(session: Session, person_ids: Iterable[str]) -> dict[str, str]:
    """Give of these residents those of whom anything is held, each with a reason. One query."""
    h = HoldRow
    query = select(col(h.person_id), col(h.reason)).where(
        col(h.person_id).in_(list(person_ids)), col(h.lifted_at).is_(None)
    )
    return {row.person_id: row.reason for row in session.execute(query)}


def hold(ctx: Context, case: CaseRow, reason: str, *, everything: bool = False) -> HoldRow:
    """Keep a case, or everything of its resident, from being erased until this is lifted; raises Problem."""
    words = _stated(reason)
    named = "" if everything else case.id
    query = select(HoldRow).where(col(HoldRow.person_id) == case.person_id, col(HoldRow.case_id) == named)
    standing = ctx.session.scalars(query.where(col(HoldRow.lifted_at).is_(None))).first()
    if standing is not None:
        return standing
    row = HoldRow(
        id=new_id(), hub_id=ctx.hub.id, person_id=case.person_id, case_id=named, case_no=case.case_no or "",
        reason=words, by_id=ctx.actor.id, by_name=ctx.actor.name, at=ctx.clock.now(),
    )  # fmt: skip
    ctx.session.add(row)
    record(ctx, "retention.hold", person_id=case.person_id, subject=f"case:{case.id}", purpose=words)
    return row


def lift(ctx: Context, hold_id: str, reason: str) -> HoldRow:
    """Lift a hold; twice is safe. Raises Problem when there is none here, or the reason is missing."""
    row = ctx.session.get(HoldRow, hold_id[:26], with_for_update=True)
    if row is None or row.hub_id != ctx.hub.id:
        raise Problem("no_such_hold", "没有这项保留。请刷新后重试。", "There is no such hold. Reload and try again.")
    words = _stated(reason)
    if row.lifted_at is None:
        row.lifted_at, row.lifted_by, row.lifted_name = ctx.clock.now(), ctx.actor.id, ctx.actor.name
        row.lift_reason = words
        ctx.session.add(row)
        record(ctx, "retention.lift", person_id=row.person_id, subject=f"hold:{row.id}", purpose=words)
    return row


def settle_appeal(ctx: Context, case: CaseRow, how: str) -> None:
    """Write down how an appeal ended, so that it keeps the case no longer; raises Problem."""
    words = _stated(how)
    if case.id in _appeals(ctx.session, [case.id]):
        note_event(ctx, case, "appeal_settled", text=words)


def _stated(reason: str) -> str:
    if len(reason.strip()) < 2:
        raise Problem("reason_missing", "请写明理由。", "State the reason.", field="reason")
    return reason.strip()[:500]
