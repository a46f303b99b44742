"""Counts the due day of a case anew from its record, and says in the timeline what moved it.

Called whenever something a due day depends on has changed: a suspension ended, an extension was
approved, the calendar changed. Counting twice changes nothing.
"""

from datetime import date

from ..store.clock import local
from ..store.context import Context
from .calendar import load_calendar
from .limits import Record, count_due, kept_item, main_limit, read_record
from .models import CaseRow
from .moves import note_event
from .walk import walk


def recount(ctx: Context, case: CaseRow, cause: str, **detail: str) -> bool:
    """Count a case's due days anew; tells whether the case's own moved. Cases without a kept item stay."""
    item = kept_item(ctx, case)
    if item is None:
        return False
    ctx.session.flush()
    record = read_record(ctx, case, item)
    _recount_step(ctx, record)
    before, due = case.due_on, count_due(ctx, record)
    if due == before:
        return False
    case.due_on, case.limit_days = due, _limit_in_workdays(ctx, record)
    case.version += 1
    note_event(ctx, case, "due_moved", cause=cause, **_days(before, due), **detail)
    return True


def _limit_in_workdays(ctx: Context, record: Record) -> int | None:
    """Give the limit as lists compare it: in working days, without the time the clock stood still."""
    days, case = main_limit(record), record.case
    if days is None or record.item.days_unit == "workday" or case.accepted_at is None or case.due_on is None:
        return days
    calendar, start = load_calendar(ctx.session), local(case.accepted_at).date()
    return max(calendar.count(start, calendar.add(start, days, "day")), 1)


def _recount_step(ctx: Context, record: Record) -> None:
    declared = {step.key: step for step in record.item.steps}
    calendar, today = load_calendar(ctx.session), ctx.clock.today()
    for row in record.steps:
        step = declared.get(row.key)
        if row.state != "open" or step is None or step.days is None or row.started_at is None:
            continue
        start = local(row.started_at).date()
        # A posting stays on the board whatever the case's own clock does.
        pauses = () if step.kind == "publicity" else record.pauses
        row.due_on = walk(start, step.days, calendar, unit=step.unit, pauses=pauses, today=today).due


def _days(before: date | None, after: date | None) -> dict[str, str]:
    return {"was": before.isoformat() if before else "", "now": after.isoformat() if after else ""}
