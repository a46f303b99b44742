"""Ages of children and their parents."""

from datetime import date


def as_day(value: object) -> date | None:
    """Read a day as facts hold it."""
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value)) if value else None
    except ValueError:
        return None


def birthday(born: date | None, age: int) -> date | None:
    """Give the day on which somebody reaches an age; 29 February becomes 1 March in other years."""
    if born is None:
        return None
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 3, 1)


def age_on(born: date | None, day: date) -> int | None:
    """Count completed years."""
    return None if born is None else day.year - born.year - ((day.month, day.day) < (born.month, born.day))
