"""What the home page asks the database: each list one narrow query, however long it is."""

from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import case, func, select
from sqlmodel import col

from ..cases.calendar import Calendar
from ..cases.clock import Due, judge
from ..cases.find import FAR, CaseLine
from ..cases.models import CaseRow
from ..cases.moves import OPEN_STATES
from ..delivery.models import DeliveryRow
from ..store.clock import SHANGHAI, local
from ..store.context import Context

#: Deliveries that stopped for a reason the worker of the case can settle.
WORKERS_REASONS = ("rekey", "outcome-unknown")


@dataclass(frozen=True, slots=True)
class Counts:
    """Figures of the worker's day."""

    accepted: int
    open: int
    overdue: int
    decided: int


@dataclass(frozen=True, slots=True)
class Stopped:
    """A delivery that needs a person."""

    id: str
    case_id: str
    case_no: str
    item_title: str
    platform_id: str
    reason: str
    reason_text: str
    updated_at: datetime


def count_today(ctx: Context) -> Counts:
    """Count the worker's own cases at this hub. One query."""
    today = ctx.clock.today()
    morning = datetime.combine(today, time(), SHANGHAI)
    is_open = col(CaseRow.state).in_(OPEN_STATES)
    tests = (
        col(CaseRow.accepted_at) >= morning,
        is_open,
        is_open & (col(CaseRow.due_on) < today),
        col(CaseRow.concluded_at) >= morning,
    )
    query = select(*(func.coalesce(func.sum(case((test, 1), else_=0)), 0) for test in tests))
    query = query.where(col(CaseRow.owner_id) == ctx.actor.id, col(CaseRow.hub_id) == ctx.hub.id)
    return Counts(*ctx.session.execute(query).one())


def stopped_deliveries(ctx: Context, limit: int = 20) -> list[Stopped]:
    """List deliveries of the worker's own cases that wait for the worker, oldest first. One query."""
    names = ("id", "case_id", "case_no", "item_title", "platform_id", "reason", "reason_text", "updated_at")
    query = (
        select(*(col(getattr(DeliveryRow, name)) for name in names))
        .join(CaseRow, col(CaseRow.id) == col(DeliveryRow.case_id))
        .where(col(CaseRow.owner_id) == ctx.actor.id, col(DeliveryRow.hub_id) == ctx.hub.id)
        .where(col(DeliveryRow.state) == "needs-people", col(DeliveryRow.reason).in_(WORKERS_REASONS))
        .order_by(col(DeliveryRow.updated_at), col(DeliveryRow.id))
    )
    return [Stopped(*row) for row in ctx.session.execute(query.limit(limit))]


def due_of(line: CaseLine, today: date, calendar: Calendar) -> Due:
    """Say how a listed case stands today."""
    accepted = local(line.accepted_at).date() if line.accepted_at else None
    return judge(accepted, line.due_on, today, calendar, line.state in OPEN_STATES)


def place_after(line: CaseLine) -> str:
    """Write where the next page of open cases begins, for its address."""
    return f"{(line.due_on or FAR).isoformat()}~{line.id}"


def read_place(text: str) -> tuple[str, str] | None:
    """Read where a page begins; None for the first page, and for what nobody wrote."""
    day, _, case_id = text.partition("~")
    try:
        date.fromisoformat(day)
    except ValueError:
        return None
    return (day, case_id[:26]) if case_id else None
