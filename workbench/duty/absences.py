"""Enters absences and takes them back, and names a third for a day. Cover follows at once, rights with it.

Where nobody would cover, entering is refused with what to do; entered all the same, the hub admins have it
on their home page until a third is named.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import col, select

from ..hubs.lock import lock_hub
from ..identity.audit import record
from ..identity.may import may
from ..staff.cover_models import ABSENCES, AbsenceRow, StandInRow
from ..staff.models import WorkerRow
from ..store.context import Context
from ..store.ids import new_id
from ..store.problems import Problem
from .cover import replan, take_back_all, workers_here
from .plan import ONE, midnight

LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Gap:
    """A span in which nobody covers the work of a worker on a line."""

    line_id: str
    from_id: str
    starts_at: datetime
    ends_at: datetime


class Uncovered(Problem):
    """Nobody would cover a part of an absence; `gaps` says which."""

    def __init__(self, gaps: list[Gap]) -> None:
        zh = "这段时间有条线无人顶岗。请先商定接替人：由站点管理员指定第三人，或改期；也可以勾选下方选项先登记。"
        en = (
            "Nobody covers some lines in this span. Have a hub admin name a third person or choose other days; "
            "or tick below to enter it all the same."
        )
        super().__init__("uncovered", zh, en, field="last_day")
        self.gaps = gaps


@dataclass(frozen=True, slots=True)
class Span:
    """From a moment until a moment."""

    starts_at: datetime
    ends_at: datetime


def days(first: date, last: date) -> Span:
    """Give whole days, both counted."""
    return Span(midnight(first), midnight(last + ONE))


def enter_absence(
    ctx: Context, worker_id: str, kind: str, span: Span, *, third: str = "", even_uncovered: bool = False
) -> AbsenceRow:
    """Enter an absence; who covers is settled with it. Raises Problem beside its field, Uncovered when nobody does."""
    _refuse_others(ctx, worker_id)
    lock_hub(ctx)
    _refuse_wrong(ctx, worker_id, kind, span)
    now = ctx.clock.now()
    row = AbsenceRow(
        id=new_id(),
        hub_id=ctx.hub.id,
        worker_id=worker_id,
        kind=kind,
        starts_at=max(span.starts_at, now),
        ends_at=span.ends_at,
        entered_by=ctx.actor.id,
        entered_name=ctx.actor.name,
        entered_at=now,
        told_gaps=even_uncovered,
    )
    known = {gap.id for gap in replan(ctx)}
    ctx.session.add(row)
    ctx.session.flush()
    detail = {"kind": kind, "from": row.starts_at.isoformat(), "until": row.ends_at.isoformat()}
    record(ctx, "absence.enter", subject=f"worker:{worker_id}", detail=detail)
    if third:
        for day in days_of(row):
            name_third(ctx, row, third, day)
    made = [gap for gap in replan(ctx) if gap.id not in known]
    if made and not even_uncovered:
        raise Uncovered([Gap(gap.line_id, gap.from_id, gap.starts_at, gap.ends_at) for gap in made])
    return row


def end_absence(ctx: Context, row: AbsenceRow) -> None:
    """Let an absence end now, or take back one not begun: the work is its owner's again at once. Safe twice."""
    _refuse_others(ctx, row.worker_id)
    now = ctx.clock.now()
    if row.ends_at <= now:
        return
    row.ends_at = max(row.starts_at, now)
    ctx.session.flush()
    take_back_all(ctx, row.id)
    record(ctx, "absence.end", subject=f"worker:{row.worker_id}")
    replan(ctx)


def name_third(ctx: Context, row: AbsenceRow, worker_id: str, day: date, *, line_id: str = "") -> None:
    """Let a third person stand in on a day, for one line or all; "" takes the naming back. A hub admin's to say."""
    if not may(ctx.actor, "staff"):
        zh, en = "请由站点管理员指定第三人。", "A third person is named by a hub admin."
        raise Problem("may_not", zh, en, field="third")
    if day not in days_of(row):
        zh, en = "这一天不在缺勤期间内。", "This day is not part of the absence."
        raise Problem("day_outside", zh, en, field="day")
    if worker_id == row.worker_id or (worker_id and worker_id not in workers_here(ctx)):
        zh, en = "请选择本站在岗的其他社工。", "Choose another worker of this hub."
        raise Problem("third_unknown", zh, en, field="third")
    known = ctx.session.get(StandInRow, (row.id, line_id, day))
    if known is not None:
        ctx.session.delete(known)
        ctx.session.flush()
    if worker_id:
        about: dict[str, Any] = {"named_by": ctx.actor.id, "named_at": ctx.clock.now()}
        ctx.session.add(StandInRow(absence_id=row.id, line_id=line_id, day=day, worker_id=worker_id, **about))
    ctx.session.flush()
    detail = {"third": worker_id, "day": day.isoformat(), "line": line_id}
    record(ctx, "absence.third", subject=f"worker:{row.worker_id}", detail=detail)
    replan(ctx)


def get_absence(ctx: Context, absence_id: str) -> AbsenceRow | None:
    """Give an absence of the hub, locked as all that is settled about absences there."""
    lock_hub(ctx)
    row = ctx.session.get(AbsenceRow, absence_id[:26], with_for_update=True)
    return row if row is not None and row.hub_id == ctx.hub.id else None


def days_of(row: AbsenceRow) -> list[date]:
    """List the days an absence touches."""
    first, last = local_day(row.starts_at), local_day(row.ends_at - timedelta(microseconds=1))
    return [first + ONE * number for number in range((last - first).days + 1)]


def local_day(moment: datetime) -> date:
    """Give the day of a moment at the hub."""
    return moment.astimezone(midnight(date(2026, 1, 1)).tzinfo).date()


def _refuse_others(ctx: Context, worker_id: str) -> None:
    if worker_id != ctx.actor.id and not may(ctx.actor, "staff"):
        zh, en = (
            "只能登记自己的缺勤，他人的由站点管理员登记。",
            "You enter your own absence; a hub admin enters others'.",
        )
        raise Problem("may_not", zh, en, field="worker")


def _refuse_wrong(ctx: Context, worker_id: str, kind: str, span: Span) -> None:
    if kind not in ABSENCES:
        raise Problem("kind_unknown", "请选择缺勤种类。", "Choose the kind of absence.", field="kind")
    if worker_id not in workers_here(ctx) or ctx.session.get(WorkerRow, worker_id) is None:
        raise Problem("worker_unknown", "请选择本站社工。", "Choose a worker of this hub.", field="worker")
    if span.ends_at <= max(span.starts_at, ctx.clock.now()):
        zh, en = "最后一天早于第一天或已过去，请更正。", "The last day is before the first or already over. Correct it."
        raise Problem("span_wrong", zh, en, field="last_day")
    if span.ends_at - span.starts_at > LONGEST:
        zh, en = "一次最长登记一年，请缩短。", "An absence runs a year at most. Shorten it."
        raise Problem("span_too_long", zh, en, field="last_day")
    query = select(AbsenceRow.id).where(AbsenceRow.worker_id == worker_id, AbsenceRow.hub_id == ctx.hub.id)
    clash = query.where(col(AbsenceRow.starts_at) < span.ends_at, col(AbsenceRow.ends_at) > span.starts_at)
    if ctx.session.exec(clash.where(col(AbsenceRow.ends_at) > col(AbsenceRow.starts_at)).limit(1)).first():
        zh, en = (
            "与已登记的缺勤重叠，请先结束或取消原登记。",
            "It overlaps an absence on file. End or take back that one first.",
        )
        raise Problem("overlaps", zh, en, field="first_day")
