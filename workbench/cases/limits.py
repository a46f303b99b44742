"""The clocks of a case (domain C5): acceptance, statutory, promised, correction, publicity.

Nothing is written for a clock when a case is accepted: each follows from the kept item, the case's own
days, its suspensions and its extensions, and is counted anew from them. Only the due day that lists
sort by stands on the case.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlmodel import col, select

from ..api.manifest import ItemManifest
from ..catalogue.models import ItemVersionRow
from ..store.clock import local
from ..store.context import Context
from .calendar import Calendar, load_calendar
from .clock import Level, level_of
from .models import CaseRow, ExtensionRow, StepRow, SuspensionRow
from .steps import accepting_position
from .walk import Pause, Walk, walk

Kind = Literal["acceptance", "statutory", "promised", "correction", "publicity"]
STOPPED_STATES = ("correction", "suspended")
RUNNING_STATES = ("accepted", "reviewing", "decided")


@dataclass(frozen=True, slots=True)
class CaseClock:
    """One clock of a case: what started it, how it was counted, how it stands today."""

    kind: Kind
    walk: Walk
    level: Level
    left: int  # working days, negative when it ran out
    extended: int = 0  # days that were added with approval
    ended: date | None = None  # the day that stopped it for good
    stands_still: bool = False
    is_announced: bool = True

    @property
    def due(self) -> date:
        """Give its last day."""
        return self.walk.due


@dataclass(frozen=True, slots=True)
class Record:
    """What the clocks of a case are counted from."""

    case: CaseRow
    item: ItemManifest
    steps: Sequence[StepRow]
    suspensions: Sequence[SuspensionRow]
    extensions: Sequence[ExtensionRow]

    @property
    def pauses(self) -> tuple[Pause, ...]:
        """Give the spans in which the clock stood still."""
        return tuple(Pause(s.from_day, s.to_day, s.kind, s.reason, s.by_name) for s in self.suspensions)

    @property
    def added(self) -> int:
        """Give the days that were added with approval."""
        return sum(row.days for row in self.extensions if row.state == "approved")


def kept_item(ctx: Context, case: CaseRow) -> ItemManifest | None:
    """Give the item a case was accepted under, from what was kept then."""
    row = ctx.session.get(ItemVersionRow, case.item_digest)
    return ItemManifest.model_validate(row.content) if row else None


def read_record(ctx: Context, case: CaseRow, item: ItemManifest) -> Record:
    """Read what the clocks are counted from. Three queries."""
    session = ctx.session
    steps = select(StepRow).where(StepRow.case_id == case.id).order_by(col(StepRow.position))
    stops = select(SuspensionRow).where(SuspensionRow.case_id == case.id).order_by(col(SuspensionRow.id))
    extended = select(ExtensionRow).where(ExtensionRow.case_id == case.id).order_by(col(ExtensionRow.id))
    return Record(case, item, list(session.exec(steps)), list(session.exec(stops)), list(session.exec(extended)))


def clocks_of(ctx: Context, record: Record) -> list[CaseClock]:
    """Count every clock of a case as it stands today."""
    calendar, today = load_calendar(ctx.session), ctx.clock.today()
    found = [
        _acceptance(record, calendar, today),
        _limit(record, "statutory", record.item.statutory_days, calendar, today),
        _limit(record, "promised", record.item.promised_days, calendar, today),
        _correction(record, calendar, today),
        *_publicity(record, calendar, today),
    ]
    return [clock for clock in found if clock is not None]


def main_limit(record: Record) -> int | None:
    """Give the days of the limit that counts: the promised one, else the statutory one, with what was added."""
    item = record.item
    days = item.promised_days if item.promised_days is not None else item.statutory_days
    return None if days is None else days + record.added


def count_due(ctx: Context, record: Record) -> date | None:
    """Count the day a case is due from its record; None without a limit."""
    days = main_limit(record)
    if days is None or record.case.accepted_at is None:
        return None
    start, calendar = local(record.case.accepted_at).date(), load_calendar(ctx.session)
    unit, today = record.item.days_unit, ctx.clock.today()
    return walk(start, days, calendar, unit=unit, pauses=record.pauses, today=today).due


def _acceptance(record: Record, calendar: Calendar, today: date) -> CaseClock | None:
    step = record.item.steps[accepting_position(record.item)]
    if step.days is None:
        return None
    case = record.case
    ended = local(case.accepted_at).date() if case.accepted_at else None
    found = walk(local(case.created_at).date(), step.days, calendar, unit=step.unit, today=today)
    return _clock("acceptance", found, calendar, today, ended=ended)


def _limit(record: Record, kind: Kind, days: int | None, calendar: Calendar, today: date) -> CaseClock | None:
    case = record.case
    if days is None or case.accepted_at is None:
        return None
    start, unit = local(case.accepted_at).date(), record.item.days_unit
    found = walk(start, days + record.added, calendar, unit=unit, pauses=record.pauses, today=today)
    ended = local(case.concluded_at).date() if case.concluded_at else None
    stands = case.state in STOPPED_STATES
    return _clock(kind, found, calendar, today, ended=ended, stands=stands, added=record.added)


def _correction(record: Record, calendar: Calendar, today: date) -> CaseClock | None:
    asked = [row for row in record.suspensions if row.kind == "correction" and row.reply_by]
    if not asked or asked[-1].reply_by is None:
        return None
    last = asked[-1]
    days = calendar.count(last.from_day, asked[-1].reply_by)
    found = walk(last.from_day, days, calendar, today=today)
    return _clock("correction", found, calendar, today, ended=last.to_day)


def _publicity(record: Record, calendar: Calendar, today: date) -> list[CaseClock]:
    declared = {step.key: step for step in record.item.steps if step.kind == "publicity" and step.days is not None}
    found = []
    for row in record.steps:
        step = declared.get(row.key)
        if step is None or step.days is None or row.started_at is None:
            continue
        span = walk(local(row.started_at).date(), step.days, calendar, unit=step.unit, today=today)
        ended = local(row.done_at).date() if row.done_at else None
        found.append(_clock("publicity", span, calendar, today, ended=ended))
    return found


def _clock(
    kind: Kind,
    found: Walk,
    calendar: Calendar,
    today: date,
    *,
    ended: date | None = None,
    stands: bool = False,
    added: int = 0,
) -> CaseClock:
    left = calendar.count(today, found.due)
    level: Level = "none"
    if ended is None and not stands:
        paused = sum(calendar.count(s.first, s.last) + 1 for s in found.skipped if s.why == "paused")
        whole = max(calendar.count(found.start, found.due) - paused, 0)
        level = level_of(found.due, today, left, whole)
        left = min(left, -1) if level == "overdue" else left
    return CaseClock(kind, found, level, left, added, ended, stands, calendar.is_announced(found.due))
