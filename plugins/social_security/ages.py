"""The day on which somebody reaches an age."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def birthday(born: date | None, age: int) -> date | None:
    """Give the day on which somebody reaches an age; 29 February becomes 1 March in other years."""
    if born is None:
        return None
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 3, 1)


def days_until(born: date | None, age: int) -> int | None:
    """Count the days until somebody reaches an age; negative afterwards."""
    reached = birthday(born, age)
    return (reached - datetime.now(SHANGHAI).date()).days if reached else None
