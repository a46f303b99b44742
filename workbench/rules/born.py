"""What follows from birth date and sex, as SQL: the same as `derive` finds in Python.

A birth date is a Date column or a text YYYY-MM-DD; both are read as text, which databases order alike.
"""

from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Date, Integer, String, and_, case, cast, false, func, literal, null, or_

from .retirement import FEMALE, MALE, SCHEDULE, retirement_day, retirement_months

#: Nobody who lives was born earlier.
EARLIEST = date(1850, 1, 1)


def age_column(birth: ColumnElement[Any], today: date) -> ColumnElement[int]:
    """Completed years today; NULL without a birth date or before it."""
    text = cast(birth, String)
    year = cast(func.substr(text, 1, 4), Integer)
    later = case((func.substr(text, 6, 5) > f"{today:%m-%d}", 1), else_=0)
    return case((text <= today.isoformat(), today.year - year - later))


def retired_column(
    birth: ColumnElement[Any], sex: ColumnElement[Any], original: ColumnElement[Any], today: date
) -> ColumnElement[bool]:
    """Whether the retirement age is reached today; `original` is NULL where nobody said it."""
    ways = []
    for of in (MALE, FEMALE):
        ages = [age for sex_, age in SCHEDULE if sex_ == of]
        ways += [(and_(sex == of, original == age), _retired(birth, of, age, today)) for age in ages]
        every = [_retired(birth, of, age, today) for age in ages]
        # All categories must agree where nobody said which.
        agreed = case((and_(*every), True), (or_(*every), None), else_=False)
        ways.append((and_(sex == of, original.is_(None)), agreed))
    is_born = cast(birth, String) <= today.isoformat()
    return case((func.coalesce(is_born, false()).is_(false()), null()), *ways)


def _retired(birth: ColumnElement[Any], sex: str, original: int, today: date) -> ColumnElement[bool]:
    last = last_birth_retired(sex, original, today)
    bound = literal(last, Date) if isinstance(birth.type, Date) else literal(last.isoformat(), String)
    return birth <= bound


@lru_cache(maxsize=64)
def last_birth_retired(sex: str, original: int, today: date) -> date:
    """The latest birth date of those who have reached their retirement age today.

    Who is born later never retires earlier, so half of the days can be left out at each look.
    """
    low, high = 0, (today - EARLIEST).days
    while low < high:
        middle = (low + high + 1) // 2
        birth = EARLIEST + timedelta(days=middle)
        months = retirement_months(birth, sex, original)
        if months is not None and retirement_day(birth, months) <= today:
            low = middle
        else:
            high = middle - 1
    return EARLIEST + timedelta(days=low)
