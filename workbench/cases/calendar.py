"""The working calendar: weekends, public holidays and make-up days from the State Council's yearly notices.

A year whose notice is not in the table is counted by weekends alone and says so ("not announced").
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from threading import Lock
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, func, select
from sqlmodel import Session, col

from ..store.rows import prepare, run
from .models import CalendarDayRow, CalendarNoticeRow

FOLDER = Path(__file__).with_name("calendar_days")


@dataclass(frozen=True)
class Calendar:
    """All days that are not what their weekday says, and the years that have been announced."""

    holidays: frozenset[date]
    makeup_days: frozenset[date]
    years: frozenset[int]
    #: What each of these days is called, for telling why it does not count.
    names: Mapping[date, str] = field(default_factory=dict, compare=False)

    def is_workday(self, day: date) -> bool:
        """Tell whether a day counts."""
        if day in self.makeup_days:
            return True
        return day.weekday() < 5 and day not in self.holidays

    def add(self, start: date, days: int, unit: str = "workday") -> date:
        """Give the last day of a limit of so many days; the day it starts on does not count (民法典 201).

        A limit of calendar days that would end on a day off ends on the next working day (民法典 203).
        """
        if unit == "day":
            return self.next_workday(start + timedelta(days=days)) if days else start
        day = start
        while days > 0:
            day += timedelta(days=1)
            days -= self.is_workday(day)
        return day

    def next_workday(self, day: date) -> date:
        """Give a day itself if it is a working day, else the next one."""
        while not self.is_workday(day):
            day += timedelta(days=1)
        return day

    def count(self, start: date, end: date) -> int:
        """Count the working days after `start` up to and with `end`; negative when `end` is before."""
        if end < start:
            return -self.count(end, start)
        return sum(self.is_workday(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))

    def is_announced(self, day: date) -> bool:
        """Tell whether the notice for a day's year is in the table."""
        return day.year in self.years


#: How many days there are, and which notice came last: a notice may change days without changing their number.
MARK_COLUMNS = (
    select(func.count()).select_from(CalendarDayRow).scalar_subquery(),
    select(func.max(col(CalendarNoticeRow.id))).scalar_subquery(),
)
MARK = prepare(select(*MARK_COLUMNS))
PLACE = "calendar"
#: The calendar with the mark under which it was read, by database.
_cache: WeakKeyDictionary[Engine, tuple[tuple[int, int | None], Calendar]] = WeakKeyDictionary()
_lock = Lock()


def load_calendar(session: Session) -> Calendar:
    """Read the calendar; kept in memory until its days change."""
    if session.autoflush:  # a writing one may have changed it
        return _load(session)
    known: Calendar | None = session.info.get(PLACE)
    if known is None:
        known = session.info[PLACE] = _load(session)
    return known


def use_mark(session: Session, mark: tuple[int, int | None]) -> None:
    """Say what MARK_COLUMNS gave within another statement of a reading session, which then need not ask itself."""
    known = _cache.get(session.get_bind().engine)
    if known and known[0] == mark and not session.autoflush:
        session.info[PLACE] = known[1]


def _load(session: Session) -> Calendar:
    count, notice = run(session, MARK).one()
    mark = (int(count), notice)
    engine = session.get_bind().engine
    known = _cache.get(engine)
    if known and known[0] == mark:
        return known[1]
    rows = session.execute(select(col(CalendarDayRow.day), col(CalendarDayRow.kind), col(CalendarDayRow.name))).all()
    calendar = make_calendar(((day, kind) for day, kind, _ in rows), {day: name for day, _, name in rows})
    with _lock:
        _cache[engine] = (mark, calendar)
    return calendar


def make_calendar(rows: Iterable[tuple[date, str]], names: Mapping[date, str] | None = None) -> Calendar:
    """Build a calendar from days and kinds, with their names."""
    days = list(rows)
    return Calendar(
        holidays=frozenset(day for day, kind in days if kind == "holiday"),
        makeup_days=frozenset(day for day, kind in days if kind == "makeup"),
        years=frozenset(day.year for day, _ in days),
        names=names or {},
    )


def seed_calendar(session: Session) -> None:
    """Write the notices of 2020-2026 that ship with the product; days already there stay as they are."""
    known = set(session.execute(select(col(CalendarDayRow.day))).scalars())
    for path in sorted(FOLDER.glob("*.csv")):
        notice = f"国务院办公厅关于{path.stem}年部分节假日安排的通知"
        for row in read_days(path):
            if row[0] not in known:
                session.add(CalendarDayRow(day=row[0], kind=row[1], name=row[2], notice=notice))


def read_days(path: Path) -> list[tuple[date, str, str]]:
    """Read one year's file: day, kind, name."""
    with path.open(encoding="utf-8", newline="") as file:
        return [(date.fromisoformat(row["day"]), row["kind"], row["name"]) for row in csv.DictReader(file)]
