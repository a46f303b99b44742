"""Ages of the elder allowance (尊老金): 80 to 89, 90 to 99, 100 and over."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

BANDS = ((100, "100_plus"), (90, "90_99"), (80, "80_89"))
SHANGHAI = ZoneInfo("Asia/Shanghai")


def birthday(born: date | None, age: int) -> date | None:
    """Give the day on which somebody reaches an age; 29 February becomes 1 March in other years."""
    if born is None:
        return None
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 3, 1)


def band_on(born: date | None, day: date) -> str:
    """Give the band on a day, "" below 80 or when the birth date is not known."""
    return next((band for age, band in BANDS if (reached := birthday(born, age)) and reached <= day), "")


def days_until(born: date | None, age: int) -> int | None:
    """Count the days until somebody reaches an age; negative afterwards."""
    reached = birthday(born, age)
    return (reached - datetime.now(SHANGHAI).date()).days if reached else None
