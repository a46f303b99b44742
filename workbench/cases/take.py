"""Pulling the next case out of the common queue: the nearest due that nobody else has taken.

The case's row is locked while it is taken, so of two who pull at once each gets another case. A taking holds
for one step and two hours; then the case is anybody's again.
"""

from datetime import timedelta

from sqlmodel import col, select

from ..store.context import Context
from .find import cases_to_review, get_case
from .models import CaseRow, TakingRow
from .moves import OPEN_STATES

HELD = timedelta(hours=2)
#: How many of the nearest due are looked at.
MOST = 50


def pull_next(ctx: Context, line_id: str = "") -> CaseRow | None:
    """Take the next case whose open step is for this worker, one's own first; None when nothing is left."""
    found = cases_to_review(ctx, ctx.actor.roles, MOST, line_id=line_id)
    taken = taken_by(ctx, [line.id for line in found])
    mine = [line for line in found if taken.get(line.id, ("", ""))[0] == ctx.actor.id]
    for line in (*mine, *(line for line in found if line.id not in taken)):
        case = get_case(ctx, line.id, lock=True)
        if case is not None and case.step == line.step and case.state in OPEN_STATES and take(ctx, case):
            return case
    return None


def take(ctx: Context, case: CaseRow) -> bool:
    """Take a locked case's open step; False when somebody else has it."""
    now, row = ctx.clock.now(), ctx.session.get(TakingRow, case.id)
    if row is not None and row.worker_id != ctx.actor.id and row.step == case.step and row.taken_at > now - HELD:
        return False
    row = row or TakingRow(case_id=case.id, step="", worker_id="", worker_name="", taken_at=now)
    row.step, row.worker_id, row.worker_name, row.taken_at = case.step, ctx.actor.id, ctx.actor.name, now
    ctx.session.add(row)
    ctx.session.flush()
    return True


def taken_by(ctx: Context, case_ids: list[str]) -> dict[str, tuple[str, str]]:
    """Tell who has which of these cases, as id and name. One query."""
    query = select(TakingRow.case_id, TakingRow.worker_id, TakingRow.worker_name)
    query = query.join(CaseRow, col(CaseRow.id) == TakingRow.case_id).where(col(TakingRow.case_id).in_(case_ids))
    query = query.where(TakingRow.step == CaseRow.step, col(TakingRow.taken_at) > ctx.clock.now() - HELD)
    return {case_id: (worker_id, name) for case_id, worker_id, name in ctx.session.exec(query).all()}
