"""The clock of a case: when it is due, how near that is, and what suspends it.

Rules: domain C4 (yellow and red as a ratio of the limit), C5 (suspended time is not counted).
"""

from dataclasses import dataclass
from datetime import date
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


def judge(accepted: date | None, due: date | None, today: date, calendar: Calendar, is_open: bool = True) -> Due:
    """Say how a case stands on a day."""
    if due is None or accepted is None or not is_open:
        return Due("none", due)
    left = calendar.count(today, due)
    announced = calendar.is_announced(due)
    if today > due:
        return Due("overdue", due, min(left, -1), announced)
    whole = max(calendar.count(accepted, due), 1)
    used = 1 - left / whole
    level: Level = "red" if used >= RED else "yellow" if used >= YELLOW else "normal"
    return Due(level if whole > 1 else "normal", due, left, announced)


def extend_by_suspension(due: date | None, suspended: date, resumed: date, calendar: Calendar) -> date | None:
    """Move a due day by the working days the clock stood still."""
    if due is None:
        return None
    return calendar.add(due, max(calendar.count(suspended, resumed), 0))
