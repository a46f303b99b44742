"""What happened to a household, the newest first: who, when, by which paper, recorded by whom, taken back or not."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_
from sqlmodel import col, select

from ..staff.models import WorkerRow
from ..store.context import Context
from .household_models import HouseholdChangeRow, HouseholdEventRow
from .models import PersonRow

MOST = 50


@dataclass(frozen=True, slots=True)
class Happened:
    """One event as pages show it; `people` are those whose standing it changed."""

    id: str
    kind: str
    on: date
    people: tuple[str, ...]
    proof: str
    reason: str
    at: datetime
    by: str
    household_id: str
    other_id: str | None
    undone_by: str  # the event that took it back
    undoes: str
    untold: str
    address: str  # the new one, where the event changed it


def history_of(ctx: Context, household_id: str) -> list[Happened]:
    """Give what happened to a household. Two queries."""
    mine = or_(col(HouseholdEventRow.household_id) == household_id, col(HouseholdEventRow.other_id) == household_id)
    return _read(ctx, mine)


def event_named(ctx: Context, event_id: str) -> Happened | None:
    """Give one event of this hub. Two queries."""
    return next(iter(_read(ctx, col(HouseholdEventRow.id) == event_id)), None)


def _read(ctx: Context, which: object) -> list[Happened]:
    query = (
        select(HouseholdEventRow, WorkerRow.name)
        .outerjoin(WorkerRow, col(WorkerRow.id) == col(HouseholdEventRow.recorded_by))
        .where(which, col(HouseholdEventRow.hub_id) == ctx.hub.id)  # type: ignore[arg-type]
        .order_by(col(HouseholdEventRow.recorded_at).desc(), col(HouseholdEventRow.id).desc())
        .limit(MOST)
    )
    rows = list(ctx.session.exec(query))
    ids = [event.id for event, _name in rows]
    people = (
        select(HouseholdChangeRow, PersonRow.name)
        .join(PersonRow, col(PersonRow.id) == col(HouseholdChangeRow.person_id))
        .where(col(HouseholdChangeRow.event_id).in_(ids))
        .order_by(col(HouseholdChangeRow.id))
    )
    names: dict[str, list[str]] = {}
    for change, name in ctx.session.exec(people):
        if change.before != change.after:
            names.setdefault(change.event_id, []).append(name)
    back = select(HouseholdEventRow.undoes_id, HouseholdEventRow.id).where(col(HouseholdEventRow.undoes_id).in_(ids))
    undone: dict[str, str] = dict(ctx.session.exec(back).all())
    return [_happened(event, name or "", names.get(event.id, []), undone.get(event.id, "")) for event, name in rows]


def _happened(event: HouseholdEventRow, by: str, names: list[str], undone_by: str) -> Happened:
    addresses = event.addresses or {"before": {}, "after": {}}
    moved = [new for home, new in addresses["after"].items() if addresses["before"].get(home) != new]
    return Happened(
        id=event.id,
        kind=event.kind,
        on=event.on_day,
        people=tuple(names),
        proof=event.proof,
        reason=event.reason,
        at=event.recorded_at,
        by=by,
        household_id=event.household_id,
        other_id=event.other_id,
        undone_by=undone_by,
        undoes=event.undoes_id,
        untold=event.untold,
        address=moved[0] or "" if moved else "",
    )
