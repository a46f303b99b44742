"""Stops and starts a case's clock; the due day is counted anew from what was written down."""

from datetime import date

from sqlmodel import col, select

from ..store.context import SYSTEM, Context
from ..store.problems import Problem
from .calendar import load_calendar
from .models import CaseRow, SuspensionRow
from .moves import CLOSED_STATES, force_move
from .recount import recount

#: Working days a resident has to answer a correction where the item says nothing [typical].
REPLY_DAYS = 15


def suspend(
    ctx: Context, case: CaseRow, kind: str, reason: str, *, until: date | None = None, reply_by: date | None = None
) -> SuspensionRow:
    """Stop the clock from today; after `until` it starts again by itself. Raises Problem when that is past."""
    today = ctx.clock.today()
    if until is not None and until <= today:
        zh, en = "恢复日期须在今天之后。", "The day it starts again has to lie ahead."
        raise Problem("until_past", zh, en, field="until")
    row = SuspensionRow(
        case_id=case.id,
        kind=kind,
        reason=reason,
        from_day=today,
        until=until,
        reply_by=reply_by,
        by_name=ctx.actor.name,
    )
    ctx.session.add(row)
    return row


def reply_day(ctx: Context, days: int | None = None) -> date:
    """Give the day by which a resident is asked to answer a correction."""
    return load_calendar(ctx.session).add(ctx.clock.today(), days or REPLY_DAYS)


def resume(ctx: Context, case: CaseRow, *, on: date | None = None) -> None:
    """Start the clock again today, or as of an earlier day; nothing when it was running."""
    running = select(SuspensionRow).where(SuspensionRow.case_id == case.id, col(SuspensionRow.to_day).is_(None))
    stopped = list(ctx.session.exec(running))
    for row in stopped:
        row.to_day = on or ctx.clock.today()
    if stopped and case.state not in CLOSED_STATES:
        recount(ctx, case, "resumed", reason=stopped[0].reason)


def stopped_by_department(ctx: Context, case: CaseRow) -> bool:
    """Tell whether it was the department that stopped the clock."""
    query = select(SuspensionRow).where(SuspensionRow.case_id == case.id, col(SuspensionRow.to_day).is_(None))
    return any(row.kind == "special_procedure" and row.by_name == SYSTEM.name for row in ctx.session.exec(query))


def resume_due(ctx: Context, limit: int = 200) -> int:
    """Start every clock whose suspension has run its days; safe to repeat. Gives how many cases moved."""
    over = select(SuspensionRow).where(col(SuspensionRow.to_day).is_(None))
    found = ctx.session.exec(over.where(col(SuspensionRow.until) < ctx.clock.today()).limit(limit)).all()
    of_these = select(CaseRow).where(col(CaseRow.id).in_([row.case_id for row in found])).order_by(col(CaseRow.id))
    cases = {case.id: case for case in ctx.session.exec(of_these.with_for_update(key_share=True))}
    moved = 0
    for row in found:
        ctx.session.refresh(row)  # its clock may have started while this waited for the case
        case = cases.get(row.case_id)
        if row.until is None or row.to_day is not None:
            continue
        if case is None or case.state != "suspended":  # it left otherwise; the span ends as planned
            row.to_day = row.until
            continue
        force_move(ctx, case, "resume_by_itself", until=row.until.isoformat())
        resume(ctx, case, on=row.until)
        moved += 1
    return moved
