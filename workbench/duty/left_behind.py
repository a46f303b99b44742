"""What closing an account or taking a role leaves behind: open cases of somebody who left, steps nobody can take.

Both happen at once, for they may have to. What they leave is told to the hub admins until they have seen to it.
"""

from collections import defaultdict
from dataclasses import dataclass

from sqlmodel import col, func, or_, select

from ..cases.models import CaseRow
from ..cases.moves import OPEN_STATES
from ..staff.models import GrantRow, WorkerRow
from ..store.context import Context
from .plan import STANDS_FOR


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


def unmanned_roles(ctx: Context) -> list[str]:
    """List the roles behind the table whose steps wait in open cases of the hub while nobody here can take them.

    One query, and one more for each role that nobody holds for all lines.
    """
    now, held = ctx.clock.now(), defaultdict[str, set[str]](set)
    query = select(GrantRow.role, GrantRow.line_id).join(WorkerRow, col(WorkerRow.id) == GrantRow.worker_id)
    query = query.where(GrantRow.hub_id == ctx.hub.id, col(GrantRow.role).in_(STANDS_FOR), col(WorkerRow.is_active))
    query = query.where(
        col(GrantRow.valid_from) <= now, or_(col(GrantRow.valid_to).is_(None), col(GrantRow.valid_to) > now)
    )
    for role, line_id in ctx.session.exec(query.distinct()).all():
        for step, who in STANDS_FOR.items():
            if role in who:
                held[step].add(line_id)
    return [role for role in STANDS_FOR if "" not in held[role] and _waits(ctx, role, held[role])]


def _waits(ctx: Context, role: str, lines: set[str]) -> bool:
    """Tell whether a step of a role waits in a line other than these."""
    here = or_(
        (col(CaseRow.hub_id) == ctx.hub.id) & (col(CaseRow.home_hub_id) == ""), CaseRow.home_hub_id == ctx.hub.id
    )
    line = func.coalesce(func.nullif(col(CaseRow.step_line), ""), col(CaseRow.line_id))
    query = select(CaseRow.id).where(here, col(CaseRow.state).in_(OPEN_STATES), CaseRow.step_by == role)
    return ctx.session.exec(query.where(line.not_in(sorted(lines))).limit(1)).first() is not None
