"""The disability certificate: its number of 20 characters ends with category and level; it is valid for ten years."""

import re
from dataclasses import dataclass

VALID_YEARS = 10
_NUMBER = re.compile(r"\d{17}[\dX]([1-7])([1-4])(B\d)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Card:
    """What the number of a certificate says."""

    category: str
    level: str


def read_card(number: str) -> Card | None:
    """Read a number; None when it is not one. A reissued certificate carries B1, B2 … at the end."""
    found = _NUMBER.fullmatch(re.sub(r"[\s-]", "", number).upper())
    return Card(found[1], found[2]) if found else None


def years_left(age: object) -> int | None:
    """Give the full years a certificate is still valid, from the full years since it was issued."""
    return VALID_YEARS - 1 - int(age) if isinstance(age, int | float) and age >= 0 else None
