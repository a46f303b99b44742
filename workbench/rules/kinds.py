"""What counts as a value of each kind; anything else is unknown, never an error.

A fact of the wrong type tells nothing, so a rule on it asks again instead of refusing.
"""

import math
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal

from .tree import Literal, Name, Value
from .vocabulary import Kind

Known = bool | int | float | str | date
#: No fact is larger; beyond it databases and Python no longer count alike.
MAX_NUMBER = 10**15


def truth_of(value: object) -> bool | None:
    return value if value is True or value is False else None


def number_of(value: object) -> int | float | None:
    """A number; bools are not numbers, and neither are nan and infinity."""
    if type(value) is int:
        return value if -MAX_NUMBER <= value <= MAX_NUMBER else None
    if isinstance(value, Decimal) and value.is_finite():
        value = float(value)
    if isinstance(value, float) and math.isfinite(value) and abs(value) <= MAX_NUMBER:
        return value
    return None


def text_of(value: object) -> str | None:
    """A text or code; the empty text is an answer not given."""
    return value if isinstance(value, str) and value else None


def day_of(value: object) -> date | None:
    """A day from a date, a datetime (its own day) or a text YYYY-MM-DD."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str) and len(value) == 10 and value[4] == value[7] == "-":
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return None


VALUE_OF: Mapping[Kind, Callable[[object], Known | None]] = {
    "bool": truth_of,
    "number": number_of,
    "text": text_of,
    "date": day_of,
}


def kind_of(value: Value) -> Kind:
    """The kind of a value in a tree, told before any fact is known."""
    match value:
        case Name(fact):
            return fact.kind
        case Literal(str()):
            return "text"
        case Literal(date()):
            return "date"
        case _:
            return "number"
