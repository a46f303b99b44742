"""Open cases of those who do not work here any more: their owner is named, but nobody looks after them.

Closing an account or taking a role happens at once, for it may have to. What it leaves is told to the hub admins
until they have shared it out.
"""

from dataclasses import dataclass

from sqlmodel import col, func, or_, select

from ..cases.models import CaseRow
from ..cases.moves import OPEN_STATES
from ..staff.models import GrantRow, WorkerRow
from ..store.context import Context


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """Somebody who takes in nothing here any more, with how many open cases are still theirs."""

    worker_id: str
    name: str
    cases: int


def left_behind(ctx: Context) -> list[LeftBehind]:
    """List whose open cases nobody looks after any more. One query, over those who ever worked at the hub."""
    now = ctx.clock.now()
    here, running = (
        col(GrantRow.hub_id) == ctx.hub.id,
        or_(col(GrantRow.valid_to).is_(None), col(GrantRow.valid_to) > now),
    )
    ever = select(GrantRow.worker_id).where(here)
    still = select(GrantRow.worker_id).where(here, GrantRow.role == "worker", GrantRow.kind != "cover")
    still = still.where(col(GrantRow.valid_from) <= now, running)
    query = select(WorkerRow.id, WorkerRow.name, func.count()).join(CaseRow, col(CaseRow.owner_id) == WorkerRow.id)
    query = query.where(col(WorkerRow.id).in_(ever), CaseRow.hub_id == ctx.hub.id, col(CaseRow.state).in_(OPEN_STATES))
    query = query.where(~col(WorkerRow.is_active) | col(WorkerRow.id).not_in(still))
    rows = ctx.session.exec(query.group_by(WorkerRow.id, WorkerRow.name).order_by(WorkerRow.name, WorkerRow.id))
    return [LeftBehind(*row) for row in rows]
