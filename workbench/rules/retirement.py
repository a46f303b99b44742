"""The statutory retirement age under gradual postponement, to the month.

Source: decision of the Standing Committee of the National People's Congress of 2024-09-13 on
gradually postponing the statutory retirement age, with the State Council's measures; in force
from 2025-01-01. Special trades and early or late retirement by choice are not covered.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

MALE, FEMALE = "1", "2"
STARTS = (2025, 1)


@dataclass(frozen=True, slots=True)
class Postponement:
    """From `original` years on, one month later for every `step` months, at most `most` months."""

    original: int
    step: int
    most: int


SCHEDULE: dict[tuple[str, int], Postponement] = {
    (MALE, 60): Postponement(60, step=4, most=36),
    (FEMALE, 55): Postponement(55, step=4, most=36),
    (FEMALE, 50): Postponement(50, step=2, most=60),
}


def retirement_months(birth: date, sex: str, original: float | None = None) -> int | None:
    """The retirement age in months of life.

    Women retire by category, so without the original age (50 or 55) theirs is unknown: None.
    """
    if original is None and sex == MALE:
        original = 60
    rule = next((rule for (of, age), rule in SCHEDULE.items() if of == sex and age == original), None)
    if rule is None:
        return None
    late = (birth.year + rule.original - STARTS[0]) * 12 + birth.month - STARTS[1]
    postponed = 0 if late < 0 else min(late // rule.step + 1, rule.most)
    return rule.original * 12 + postponed


def retirement_day(birth: date, months: int) -> date:
    """The day on which someone is so many months old; the month's last day where it has no such day."""
    years, month = divmod(birth.month - 1 + months, 12)
    year = birth.year + years
    return date(year, month + 1, min(birth.day, monthrange(year, month + 1)[1]))


def has_reached_retirement(birth: date, sex: str, original: float | None, today: date) -> bool | None:
    """Whether the age is reached today; of a woman of unknown category only where both agree."""
    originals = [original] if original is not None else [age for of, age in SCHEDULE if of == sex]
    months = [retirement_months(birth, sex, age) for age in originals]
    reached = {None if count is None else retirement_day(birth, count) <= today for count in months}
    return reached.pop() if len(reached) == 1 else None
