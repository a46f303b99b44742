"""Counts a limit day by day and keeps what it passed over, so that a date can explain itself.

The same walk computes a due day and tells it: what is shown is what was counted. Suspended time is
not counted (domain C5).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from .calendar import Calendar

Why = Literal["weekend", "holiday", "paused", "ends_on_day_off"]
ONE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pause:
    """A span in which the clock stood still: the days after `first`, up to and with `last` (None = still does)."""

    first: date
    last: date | None
    kind: str
    reason: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True)
class Skip:
    """Days in a row that do not count, and why."""

    first: date
    last: date
    why: Why
    name: str = ""


@dataclass(frozen=True, slots=True)
class Walk:
    """One limit, counted: from where, how many days, what was passed over, where it ends."""

    start: date
    days: int
    unit: str
    due: date
    skipped: tuple[Skip, ...]
    made_up: tuple[date, ...]  # weekend days that did count, because they are worked for a holiday


def walk(
    start: date, days: int, calendar: Calendar, *, unit: str = "workday", pauses: Sequence[Pause] = (), today: date
) -> Walk:
    """Count a limit; a pause without an end counts as lasting until today."""
    skipped: list[Skip] = []
    made_up: list[date] = []
    day, left = start, days
    while left > 0:
        day += ONE
        if why := _why_not(day, calendar, unit, pauses, today):
            _add(skipped, day, *why)
            continue
        left -= 1
        if unit == "workday" and day.weekday() >= 5:
            made_up.append(day)
    if unit == "day" and days:
        while not calendar.is_workday(day):
            _add(skipped, day, "ends_on_day_off", calendar.names.get(day, ""))
            day += ONE
    return Walk(start, days, unit, day, tuple(skipped), tuple(made_up))


def _why_not(day: date, calendar: Calendar, unit: str, pauses: Sequence[Pause], today: date) -> tuple[Why, str] | None:
    for pause in pauses:
        if pause.first < day <= (pause.last or today):
            return "paused", pause.kind
    if unit == "day" or calendar.is_workday(day):
        return None
    return ("holiday", calendar.names.get(day, "")) if day in calendar.holidays else ("weekend", "")


def _add(skipped: list[Skip], day: date, why: Why, name: str) -> None:
    """Put a day to those in a row with it, when it is left out for the same reason."""
    if skipped:
        before = skipped[-1]
        if (before.last + ONE, before.why, before.name) == (day, why, name):
            skipped[-1] = Skip(before.first, day, why, name)
            return
    skipped.append(Skip(day, day, why, name))
