"""Facts that follow from the few columns every person has: age, retirement and the like.

What a department said is stronger: merge as `{**derive(columns, today), **held}`.
"""

from collections.abc import Mapping
from datetime import date

from .kinds import day_of, number_of, text_of
from .retirement import FEMALE, MALE, has_reached_retirement, retirement_months

#: Birth dates that give an age of their own: from which name to which.
AGES = {"children.first.birth_date": "children.first.age", "child.birth_date": "child.age"}


def derive(base: Mapping[str, object], today: date) -> dict[str, object]:
    """Facts by name from `birth_date`, `sex`, `person.original_retirement_age` and children's birth dates.

    What cannot be told is left out. Where `birth_date` or `sex` is missing, a valid
    18-digit `id_no` (GB 11643) stands in.
    """
    birth, sex = _birth(base), _sex(base)
    if birth is not None and birth > today:
        birth = None
    found: dict[str, object | None] = {"today": today, "birth_date": birth, "sex": sex}
    for birth_name, age_name in AGES.items():
        found[age_name] = age_on(day_of(base.get(birth_name)), today)
    if birth is not None:
        found |= _from_birth(birth, sex, base, today)
    return {name: value for name, value in found.items() if value is not None}


def age_on(birth: date | None, today: date) -> int | None:
    """Completed years on a day; None without a birth date or before it."""
    if birth is None or birth > today:
        return None
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))


def _from_birth(birth: date, sex: str | None, base: Mapping[str, object], today: date) -> dict[str, object | None]:
    age = age_on(birth, today)
    found: dict[str, object | None] = {"age": age}
    if sex == FEMALE:
        found["spouse_or_self.female_age"] = age
    if sex in (MALE, FEMALE):
        original = number_of(base.get("person.original_retirement_age"))
        months = retirement_months(birth, sex, original)
        found["person.retirement_age"] = _comparable(months, age)
        found["person.retirement_reached"] = has_reached_retirement(birth, sex, original, today)
    return found


def _comparable(months: int | None, age: int | None) -> float | None:
    """The retirement age in years, kept back in the one year of life in which whole years mislead.

    At 60 years and 2 months `age` is 60: against 60 years and 1 month that would be a wrong "not yet".
    Unknown makes such a rule ask; `person.retirement_reached` answers it to the day.
    """
    if months is None or (months % 12 and months // 12 == age):
        return None
    return months / 12


def _birth(base: Mapping[str, object]) -> date | None:
    known = day_of(base.get("birth_date"))
    number = _id_number(base)
    if known is not None or number is None:
        return known
    return day_of(f"{number[6:10]}-{number[10:12]}-{number[12:14]}")


def _sex(base: Mapping[str, object]) -> str | None:
    known = text_of(base.get("sex"))
    number = _id_number(base)
    if known is not None or number is None:
        return known
    return MALE if int(number[16]) % 2 else FEMALE


def _id_number(base: Mapping[str, object]) -> str | None:
    """The id number if its check digit is right (GB 11643)."""
    number = text_of(base.get("id_no"))
    if number is None or len(number) != 18 or not (number[:17].isascii() and number[:17].isdigit()):
        return None
    total = sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(number[:17]))
    return number if "10X98765432"[total % 11] == number[17].upper() else None
