"""The clock of a case: when it is due, how near that is, and what suspends it.

Rules: domain C4 (yellow and red as a ratio of the limit), C5 (suspended time is not counted).
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from ..api.manifest import ItemManifest
from .calendar import Calendar

Level = Literal["none", "normal", "yellow", "red", "overdue"]
YELLOW, RED = 0.5, 0.8


@dataclass(frozen=True, slots=True)
class Due:
    """When a case is due, and how it stands today."""

    level: Level
    on: date | None = None
    left: int = 0  # working days; negative when overdue
    is_announced: bool = True


def due_on(item: ItemManifest, accepted: date, calendar: Calendar) -> date | None:
    """Give the last day of the promised time (else the statutory one); None when the item states none."""
    days = item.promised_days if item.promised_days is not None else item.statutory_days
    return None if days is None else calendar.add(accepted, days, item.days_unit)


@lru_cache(maxsize=8192)  # the rows of a list stand on few days
def judge(
    accepted: date | None,
    due: date | None,
    today: date,
    calendar: Calendar,
    is_open: bool = True,
    *,
    limit: int | None = None,
) -> Due:
    """Say how a case stands on a day; `limit` is its working days where the clock stood still in between."""
    if due is None or accepted is None or not is_open:
        return Due("none", due)
    left = calendar.count(today, due)
    level = level_of(due, today, left, limit or calendar.count(accepted, due))
    return Due(level, due, min(left, -1) if level == "overdue" else left, calendar.is_announced(due))


def level_of(due: date, today: date, left: int, whole: int) -> Level:
    """Give the colour by the share of the limit that is used (domain C4); a limit of one day or none stays normal."""
    if today > due:
        return "overdue"
    if whole <= 1:
        return "normal"
    used = 1 - left / whole
    return "red" if used >= RED else "yellow" if used >= YELLOW else "normal"
