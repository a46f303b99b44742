"""Stops and starts a case's clock; the days it stood still are added to its due day."""

from sqlmodel import col, select

from ..store.context import Context
from .calendar import load_calendar
from .clock import extend_by_suspension
from .models import CaseRow, SuspensionRow


def suspend(ctx: Context, case: CaseRow, kind: str, reason: str) -> None:
    """Stop the clock from today."""
    ctx.session.add(SuspensionRow(case_id=case.id, kind=kind, reason=reason, from_day=ctx.clock.today()))


def resume(ctx: Context, case: CaseRow) -> None:
    """Start the clock again today and move the due day; nothing when it was running."""
    running = select(SuspensionRow).where(SuspensionRow.case_id == case.id, col(SuspensionRow.to_day).is_(None))
    calendar, today = load_calendar(ctx.session), ctx.clock.today()
    for row in ctx.session.exec(running):
        row.to_day = today
        case.due_on = extend_by_suspension(case.due_on, row.from_day, today, calendar)
