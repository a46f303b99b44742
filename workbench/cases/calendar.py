"""The working calendar: weekends, public holidays and make-up days from the State Council's yearly notices.

A year whose notice is not in the table is counted by weekends alone and says so ("not announced").
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from threading import Lock

from sqlalchemy import func, select
from sqlmodel import Session, col

from ..store.rows import prepare, run
from .models import CalendarDayRow

FOLDER = Path(__file__).with_name("calendar_days")


@dataclass(frozen=True)
class Calendar:
    """All days that are not what their weekday says, and the years that have been announced."""

    holidays: frozenset[date]
    makeup_days: frozenset[date]
    years: frozenset[int]

    def is_workday(self, day: date) -> bool:
        """Tell whether a day counts."""
        if day in self.makeup_days:
            return True
        return day.weekday() < 5 and day not in self.holidays

    def add(self, start: date, days: int, unit: str = "workday") -> date:
        """Give the last day of a limit of so many days; the day it starts on does not count (民法典 201)."""
        if unit == "day":
            return start + timedelta(days=days)
        day = start
        while days > 0:
            day += timedelta(days=1)
            days -= self.is_workday(day)
        return day

    def count(self, start: date, end: date) -> int:
        """Count the working days after `start` up to and with `end`; negative when `end` is before."""
        if end < start:
            return -self.count(end, start)
        return sum(self.is_workday(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))

    def is_announced(self, day: date) -> bool:
        """Tell whether the notice for a day's year is in the table."""
        return day.year in self.years


COUNT = prepare(select(func.count()).select_from(CalendarDayRow))
PLACE = "calendar"
_cache: dict[int, tuple[int, Calendar]] = {}
_lock = Lock()


def load_calendar(session: Session) -> Calendar:
    """Read the calendar; kept in memory until the number of its rows changes."""
    if session.autoflush:  # a writing one may have changed it
        return _load(session)
    known: Calendar | None = session.info.get(PLACE)
    if known is None:
        known = session.info[PLACE] = _load(session)
    return known


def _load(session: Session) -> Calendar:
    count = run(session, COUNT).scalar_one()
    place = id(session.get_bind().engine)
    known = _cache.get(place)
    if known and known[0] == count:
        return known[1]
    rows = session.execute(select(col(CalendarDayRow.day), col(CalendarDayRow.kind))).all()
    calendar = make_calendar((day, kind) for day, kind in rows)
    with _lock:
        _cache[place] = (count, calendar)
    return calendar


def make_calendar(rows: Iterable[tuple[date, str]]) -> Calendar:
    """Build a calendar from days and kinds."""
    days = list(rows)
    return Calendar(
        holidays=frozenset(day for day, kind in days if kind == "holiday"),
        makeup_days=frozenset(day for day, kind in days if kind == "makeup"),
        years=frozenset(day.year for day, _ in days),
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
