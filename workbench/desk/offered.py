"""What waits for this worker besides their own cases, counted in one statement over indexes.

Work of colleagues in their hands, hand-overs to read, calls, urgings, visits, lists to confirm, swaps; and, for
those who administer, what nobody covers.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import Date, Select, bindparam, func, select
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel.sql.sqltypes import UTCDateTime

from ..agenda.find import STANDS
from ..agenda.models import AgendaRow
from ..assigned.models import AssignedTaskRow
from ..cases.calendar import MARK_COLUMNS, use_mark
from ..cases.held import WAITS
from ..cases.models import CaseRow, UrgingRow
from ..cases.moves import OPEN_STATES
from ..catalogue.items import Catalogue
from ..duty.models import SwapRow
from ..enquiries.models import EnquiryRow
from ..identity.may import may
from ..staff.cover_models import AbsenceRow, CallRow, CoverRow, HandoverRow
from ..store.context import Context
from ..store.rows import even, prepare, run

#: A count stops here; more reads "100".
MOST = 100
#: How long before an absence its worker is asked to write the hand-over.
AHEAD = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Offered:
    """How much of each kind waits."""

    handed: int  # covers that run for this worker
    unread: int  # of them, with notes unread or papers uncounted
    calls: int
    urged: int
    visits: int
    lists: int  # residents on automatic lists to confirm
    due: int  # other proposals of the agenda that are due
    leaving: str  # an absence that is near and has no hand-over yet
    returned: str  # an absence that is over and not read
    swaps: int  # for this worker to answer
    approvals: int  # swaps for a hub admin
    gaps: int  # spans nobody covers, now or ahead
    assigned: int  # tasks that departments assigned to the hub
    late: int  # of them, past their day
    asked: int  # enquiries that wait for an answer


_NOW = bindparam("now", type_=UTCDateTime())
_ME: Any = bindparam("me")
_HUB: Any = bindparam("hub")
_OWN, _VISIT = aliased(CaseRow), aliased(CaseRow)


def _count(query: Select[Any]) -> Any:
    return select(func.count()).select_from(query.limit(MOST).subquery()).scalar_subquery()


_RUNNING = select(col(CoverRow.id)).where(
    col(CoverRow.to_id) == _ME, col(CoverRow.hub_id) == _HUB, col(CoverRow.ends_at) > _NOW,
    col(CoverRow.starts_at) <= _NOW,
)  # fmt: skip
_AGENDA = select(col(AgendaRow.id)).where(col(AgendaRow.hub_id) == _HUB, col(AgendaRow.state) == "open", STANDS)
_TASKS = select(col(AssignedTaskRow.id)).where(
    col(AssignedTaskRow.hub_id) == _HUB, col(AssignedTaskRow.state) == "open"
)
_ABSENT = select(col(AbsenceRow.id)).where(col(AbsenceRow.worker_id) == _ME, col(AbsenceRow.hub_id) == _HUB)
_SWAPS = select(col(SwapRow.id)).where(col(SwapRow.hub_id) == _HUB)
COUNT = prepare(
    select(
        _count(_RUNNING),
        _count(_RUNNING.where(WAITS)),
        _count(
            select(col(CallRow.id)).where(
                col(CallRow.to_id) == _ME, col(CallRow.answered_at).is_(None), col(CallRow.hub_id) == _HUB
            )
        ),
        _count(
            select(col(UrgingRow.id))
            .join(_OWN, col(_OWN.id) == col(UrgingRow.case_id))
            .where(col(UrgingRow.hub_id) == _HUB, col(UrgingRow.answered_at).is_(None), col(_OWN.owner_id) == _ME)
        ),
        _count(
            select(col(_VISIT.id)).where(
                col(_VISIT.owner_id) == _ME, col(_VISIT.hub_id) == _HUB, col(_VISIT.state).in_(OPEN_STATES),
                col(_VISIT.step).in_(bindparam("visits", expanding=True)),
            )
        ),
        _count(_AGENDA.where(col(AgendaRow.kind) == "automatic")),
        _count(
            _AGENDA.where(
                col(AgendaRow.kind).not_in(("automatic", "entitled")),
                col(AgendaRow.due_on) <= bindparam("today", type_=Date),
            )
        ),
        _ABSENT.where(
            col(AbsenceRow.ends_at) > _NOW, col(AbsenceRow.starts_at) <= bindparam("soon", type_=UTCDateTime()),
            ~select(col(HandoverRow.id)).where(col(HandoverRow.absence_id) == col(AbsenceRow.id)).exists(),
        ).order_by(col(AbsenceRow.starts_at)).limit(1).scalar_subquery(),
        _ABSENT.where(
            col(AbsenceRow.ends_at) <= _NOW, col(AbsenceRow.ends_at) > col(AbsenceRow.starts_at),
            col(AbsenceRow.read_at).is_(None),
        ).order_by(col(AbsenceRow.ends_at)).limit(1).scalar_subquery(),
        _count(_SWAPS.where(col(SwapRow.state) == "asked", col(SwapRow.to_id) == _ME)),
        _count(_SWAPS.where(col(SwapRow.state) == "accepted")),
        _count(
            select(col(CoverRow.id)).where(
                col(CoverRow.hub_id) == _HUB, col(CoverRow.ends_at) > _NOW, col(CoverRow.to_id) == ""
            )
        ),
        _count(_TASKS),
        _count(_TASKS.where(col(AssignedTaskRow.due_on) < bindparam("today", type_=Date))),
        _count(select(col(EnquiryRow.id)).where(col(EnquiryRow.hub_id) == _HUB, col(EnquiryRow.state) == "open")),
        *MARK_COLUMNS,
    )
)  # fmt: skip


#: What stands for none where an id is named.
_NOTHING: dict[int, Any] = {7: "", 8: ""}


def count_offered(ctx: Context, known: Catalogue) -> Offered:
    """Count what waits for the worker at the hub. One statement, which also tells whether the calendar is known."""
    now = ctx.clock.now()
    *row, days, notice = run(
        ctx.session, COUNT, me=ctx.actor.id, hub=ctx.hub.id, now=now, soon=now + AHEAD, today=ctx.clock.today(),
        visits=even(visit_steps(known)),
    ).one()  # fmt: skip
    use_mark(ctx.session, (days, notice))
    is_admin, accepts = may(ctx.actor, "staff"), may(ctx.actor, "accept")  # whoever may not act on it is not called
    seen = {5: accepts, 6: accepts, 10: is_admin, 11: is_admin, 12: accepts, 13: accepts, 14: accepts}
    shown: list[Any] = [value if seen.get(number, True) else 0 for number, value in enumerate(row)]
    return Offered(*(value or _NOTHING.get(number, 0) for number, value in enumerate(shown)))


@cache
def visit_steps(known: Catalogue) -> list[str]:
    """List the keys of the steps that are visits; "-" stands for none."""
    items = (item for versions in known.by_code.values() for item in versions)
    keys = {step.key for item in items for step in item.manifest.steps if step.kind == "home_visit"}
    return sorted(keys) or ["-"]
