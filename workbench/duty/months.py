"""Makes, keeps and publishes months of a hub's roster. What came before, in months that are kept, is carried over."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import delete
from sqlmodel import col, select

from ..cases.calendar import load_calendar
from ..hubs.lock import lock_hub
from ..identity.audit import record
from ..staff.cover_models import AbsenceRow
from ..staff.models import WorkerRow
from ..store.clock import local
from ..store.context import Context
from ..store.first import ensure_row
from ..store.problems import Problem
from .absences import days_of
from .cover import workers_here
from .models import RosterMonthRow, RosterRuleRow, ShiftRow
from .plan import ONE, midnight
from .roster import Asked, Roster, Rules, Shift, counted, days_of_month, make_roster
from .shifts import rule_of, shifts_between

#: How far back fairness looks.
LOOKS_BACK = timedelta(days=365)


def make_month(ctx: Context, month: date) -> Roster:
    """Make the roster of a month anew and keep it unpublished; days that are over stay as they were. Raises Problem."""
    first, today = month.replace(day=1), ctx.clock.today()
    lock_hub(ctx)
    workers = roster_workers(ctx)
    if not workers:
        raise Problem("nobody", "本站没有可排班的社工。", "Nobody at this hub can be rostered.", field="month")
    days = days_of_month(first)
    if days[-1] < today:
        raise Problem("month_over", "该月已过去。", "This month is over.", field="month")
    rule, calendar = rule_of(ctx.session, ctx.hub.id), load_calendar(ctx.session)
    before = _as_shifts(shifts_between(ctx.session, ctx.hub.id, first - LOOKS_BACK, first - ONE))
    asked = Asked(
        month=first,
        workers=workers,
        is_workday=calendar.is_workday,
        rules=rules_of(rule),
        away=_away(ctx, days),
        before=before,
        carried=counted(before, calendar.is_workday),
    )
    roster = make_roster(asked)
    _keep(ctx, first, roster, today)
    record(ctx, "roster.make", subject=f"hub:{ctx.hub.id}", detail={"month": first.isoformat()})
    return roster


def publish_month(ctx: Context, month: date) -> None:
    """Let a month's roster count. Safe twice; raises Problem when there is none."""
    row = ctx.session.get(RosterMonthRow, (ctx.hub.id, month.replace(day=1)), with_for_update=True)
    if row is None:
        raise Problem("no_roster", "请先生成该月班表。", "Make the roster of this month first.", field="month")
    if row.published_at is None:
        row.published_at = ctx.clock.now()
        record(ctx, "roster.publish", subject=f"hub:{ctx.hub.id}", detail={"month": row.month.isoformat()})


def set_rule(ctx: Context, wanted: RosterRuleRow) -> None:
    """Say how the hub is staffed; it counts for months made from now on. Raises Problem."""
    for name in ("least_work", "least_off"):
        if not 1 <= getattr(wanted, name) <= 20:
            raise Problem("people_wrong", "请填写 1 至 20 人。", "Enter 1 to 20 people.", field=name)
    row = ensure_row(ctx.session, RosterRuleRow(hub_id=ctx.hub.id))
    for name in ("two_shifts", "seven_days", "least_work", "least_off", "has_lunch", "has_extended"):
        setattr(row, name, getattr(wanted, name))
    record(ctx, "roster.rule", subject=f"hub:{ctx.hub.id}")


def rules_of(row: RosterRuleRow) -> Rules:
    """Give the rules of a hub as the generator takes them."""
    return Rules(row.two_shifts, row.seven_days, row.least_work, row.least_off, row.has_lunch, row.has_extended)


def roster_workers(ctx: Context) -> list[str]:
    """List who sits at the tables of the hub, those who came first in front, so that the order stays."""
    query = select(WorkerRow.id).where(col(WorkerRow.id).in_(workers_here(ctx, ("worker",))))
    return list(ctx.session.exec(query.order_by(col(WorkerRow.created_at), WorkerRow.id)))


def month_of(ctx: Context, month: date) -> RosterMonthRow | None:
    """Give how a month stands."""
    return ctx.session.get(RosterMonthRow, (ctx.hub.id, month.replace(day=1)))


def _as_shifts(rows: Sequence[ShiftRow]) -> list[Shift]:
    return [Shift(row.day, row.kind, row.worker_id) for row in rows]


def _away(ctx: Context, days: Sequence[date]) -> frozenset[tuple[str, date]]:
    """Whoever is away for a part of a day is not rostered on it."""
    query = select(AbsenceRow).where(AbsenceRow.hub_id == ctx.hub.id, col(AbsenceRow.ends_at) > midnight(days[0]))
    rows = ctx.session.exec(query.where(col(AbsenceRow.starts_at) < midnight(days[-1] + ONE)))
    return frozenset((row.worker_id, day) for row in rows if row.ends_at > row.starts_at for day in days_of(row))


def _keep(ctx: Context, first: date, roster: Roster, today: date) -> None:
    """Replace what is ahead; days that are over tell what was."""
    since = max(first, today)
    last = days_of_month(first)[-1]
    by, at = ctx.actor.id, ctx.clock.now()
    row = ensure_row(ctx.session, RosterMonthRow(hub_id=ctx.hub.id, month=first, made_at=at, made_by=by))
    row.made_at, row.made_by, row.published_at = at, by, None
    gone = delete(ShiftRow).where(col(ShiftRow.hub_id) == ctx.hub.id, col(ShiftRow.day).between(since, last))
    ctx.session.execute(gone)
    kept = [one for one in roster.shifts if one.day >= since]
    ctx.session.add_all(ShiftRow(hub_id=ctx.hub.id, day=one.day, kind=one.kind, worker_id=one.worker) for one in kept)
    ctx.session.flush()


def on_duty_today(ctx: Context) -> set[str] | None:
    """Give who is rostered today; None where no roster is published."""
    today = local(ctx.clock.now()).date()
    month = month_of(ctx, today)
    if month is None or month.published_at is None:
        return None
    return {row.worker_id for row in shifts_between(ctx.session, ctx.hub.id, today, today)}
