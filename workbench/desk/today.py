"""What the home page asks the database: each list one narrow query, however long it is."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import NamedTuple

from sqlalchemy import Date, Integer, bindparam, case, func, select
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel.sql.sqltypes import UTCDateTime

from ..agenda.find import STANDS
from ..agenda.found import LISTED, MOST
from ..agenda.models import AgendaRow
from ..cases.find import FAR, CaseLine
from ..cases.models import CaseRow, ProposalRow
from ..cases.moves import OPEN_STATES
from ..cases.propose import PROPOSED_TO
from ..delivery.models import DeliveryRow
from ..store.clock import SHANGHAI
from ..store.context import Context
from ..store.rows import prepare, run

#: Deliveries that stopped for a reason the worker of the case can settle.
WORKERS_REASONS = ("rekey", "outcome-unknown")


class Counts(NamedTuple):
    """Figures of the worker's day."""

    accepted: int
    open: int
    overdue: int
    decided: int
    proposed: int  # cases to which a value is proposed that was corrected elsewhere
    found: int  # residents the night found something for, at most one more than is told


@dataclass(frozen=True, slots=True)
class Stopped:
    """A delivery that needs a person."""

    id: str
    case_id: str
    case_no: str
    title_zh: str
    title_en: str
    platform_id: str
    reason: str
    reason_text: str
    updated_at: datetime


_P, _OF = aliased(ProposalRow), aliased(CaseRow)
_MORNING = bindparam("morning", type_=UTCDateTime())
_IS_OPEN = col(CaseRow.state).in_(OPEN_STATES)
_TESTS = (
    col(CaseRow.accepted_at) >= _MORNING,
    _IS_OPEN,
    _IS_OPEN & (col(CaseRow.due_on) < bindparam("day", type_=Date)),
    col(CaseRow.concluded_at) >= _MORNING,
)
_PROPOSED = (
    select(func.count(func.distinct(_P.case_id)))
    .join(_OF, col(_OF.id) == col(_P.case_id))
    .where(col(_P.hub_id) == bindparam("hub"), col(_P.state) == "open", col(_OF.owner_id) == bindparam("owner"))
    .where(col(_OF.state).in_(PROPOSED_TO))
    .scalar_subquery()
)
_FOUND = (
    select(func.count())
    .select_from(
        select(col(AgendaRow.id))
        .where(col(AgendaRow.hub_id) == bindparam("hub"), col(AgendaRow.state) == "open")
        .where(col(AgendaRow.kind).in_(LISTED), STANDS)
        .limit(MOST + 1)
        .subquery()
    )
    .scalar_subquery()
)
COUNT = prepare(
    select(*(func.coalesce(func.sum(case((test, 1), else_=0)), 0) for test in _TESTS), _PROPOSED, _FOUND).where(
        col(CaseRow.owner_id) == bindparam("owner"), col(CaseRow.hub_id) == bindparam("hub")
    )
)
_STOPPED_COLUMNS = (
    col(DeliveryRow.id), col(DeliveryRow.case_id), col(DeliveryRow.case_no),
    col(CaseRow.title_zh), col(CaseRow.title_en), col(DeliveryRow.platform_id),
    col(DeliveryRow.reason), col(DeliveryRow.reason_text), col(DeliveryRow.updated_at),
)  # fmt: skip
STOPPED = prepare(
    select(*_STOPPED_COLUMNS)
    .join(CaseRow, col(CaseRow.id) == col(DeliveryRow.case_id))
    .where(col(CaseRow.owner_id) == bindparam("owner"), col(DeliveryRow.hub_id) == bindparam("hub"))
    .where(col(DeliveryRow.state) == "needs-people", col(DeliveryRow.reason).in_(WORKERS_REASONS))
    .order_by(col(DeliveryRow.updated_at), col(DeliveryRow.id))
    .limit(bindparam("most", type_=Integer))
)


def count_today(ctx: Context) -> Counts:
    """Count the worker's own cases at this hub. One query."""
    today = ctx.clock.today()
    morning = datetime.combine(today, time(), SHANGHAI)
    return Counts(*run(ctx.session, COUNT, owner=ctx.actor.id, hub=ctx.hub.id, day=today, morning=morning).one())


def stopped_deliveries(ctx: Context, limit: int = 20) -> list[Stopped]:
    """List deliveries of the worker's own cases that wait for the worker, oldest first. One query."""
    return [Stopped(*row) for row in run(ctx.session, STOPPED, owner=ctx.actor.id, hub=ctx.hub.id, most=limit)]


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
