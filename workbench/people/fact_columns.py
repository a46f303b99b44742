"""The value that counts of a fact, as SQL: the rule of `facts.py` for a database that looks at many people at once.

A database cannot open what is sealed, cannot settle a conflict, and reads only plainly written values. Whatever
it cannot tell is NULL and *hidden*: there is a value, and Python has to look. So it may know less than Python,
and never knows otherwise.
"""

from typing import Any

from sqlalchemy import ColumnElement, Date, Float, String, and_, case, false, func, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import aliased
from sqlalchemy.sql.expression import FunctionElement
from sqlmodel import col

from ..rules.vocabulary import Kind
from .models import FactRow


def fact_column(person: ColumnElement[str], key: str, kind: Kind) -> ColumnElement[Any]:
    """Give the value that counts for a person, NULL where there is none or it is hidden."""
    fact = aliased(FactRow)
    value = case((col(fact.settles), None), else_=_read(fact, kind))
    return _strongest(value, fact, person, key)


def hidden_column(person: ColumnElement[str], key: str, kind: Kind) -> ColumnElement[bool]:
    """Tell whether there is a value that only Python can read."""
    fact = aliased(FactRow)
    unread = or_(col(fact.settles), _read(fact, kind).is_(None))
    return func.coalesce(_strongest(unread, fact, person, key), false())


def is_recorded(person: ColumnElement[str], key: str) -> ColumnElement[bool]:
    """Tell whether any value was ever recorded."""
    fact = aliased(FactRow)
    found = select(col(fact.id)).where(col(fact.person_id) == person, col(fact.key) == key)
    return found.correlate_except(fact).exists()


def _strongest(value: ColumnElement[Any], fact: Any, person: ColumnElement[str], key: str) -> ColumnElement[Any]:
    """Read one expression from the row that counts; a key that a person settled comes first, to be noticed."""
    day = func.coalesce(fact.as_of, local_day(fact.recorded_at))
    order = (fact.settles.desc(), fact.rank.desc(), day.desc(), fact.recorded_at.desc(), fact.id.desc())
    query = select(value).where(fact.person_id == person, fact.key == key).order_by(*order).limit(1)
    return query.correlate_except(fact).scalar_subquery()


def _read(fact: Any, kind: Kind) -> ColumnElement[Any]:
    """Read a JSON text; NULL for all that is not plainly of its kind."""
    value: ColumnElement[Any] = fact.value.expression
    match kind:
        case "bool":
            return case((value == "true", True), (value == "false", False))
        case "number":
            return plain_number(value)
        case "date":
            return plain_day(value)
    inside = func.substr(value, 2, func.length(value) - 2, type_=String)
    is_plain = and_(func.substr(value, 1, 1) == '"', func.length(value) > 2, func.replace(value, "\\", "") == value)
    return case((is_plain, inside))


class plain_number(FunctionElement[float]):  # noqa: N801 - SQLAlchemy names functions so
    """A number of at most fifteen digits, or whole digits in quotes, as codes are written; else NULL."""

    type = Float()
    inherit_cache = True


class plain_day(FunctionElement[str]):  # noqa: N801
    """A day YYYY-MM-DD in quotes that exists, as text; else NULL."""

    type = String(10)
    inherit_cache = True


class local_day(FunctionElement[Any]):  # noqa: N801
    """The day of a moment on the wall clock at the hub."""

    type = Date()
    inherit_cache = True


@compiles(plain_number, "sqlite")
def _number_in_sqlite(element: Any, compiler: Any, **how: Any) -> str:
    text = compiler.process(element.clauses, **how)
    bare = (
        f"({text} GLOB '[0-9]*' OR {text} GLOB '-[0-9]*') AND {text} GLOB '*[0-9]' AND length({text}) <= 16"
        f" AND {text} NOT GLOB '*[^0-9.-]*' AND {text} NOT GLOB '?*-*' AND {text} NOT GLOB '*.*.*'"
    )
    code = f"""{text} GLOB '"[0-9]*"' AND length({text}) <= 17 AND trim({text}, '"') NOT GLOB '*[^0-9]*'"""
    return f"""CASE WHEN {bare} THEN CAST({text} AS REAL) WHEN {code} THEN CAST(trim({text}, '"') AS REAL) END"""


@compiles(plain_number, "postgresql")
def _number_in_postgresql(element: Any, compiler: Any, **how: Any) -> str:
    text = compiler.process(element.clauses, **how)
    bare = f"{text} ~ '^-?[0-9]+([.][0-9]+)?$' AND length({text}) <= 16"
    code = f"""{text} ~ '^"[0-9]{{1,15}}"$'"""
    number = f"""CAST(btrim({text}, '"') AS double precision)"""
    return f"CASE WHEN {bare} OR {code} THEN {number} END"


@compiles(plain_day, "sqlite")
def _day_in_sqlite(element: Any, compiler: Any, **how: Any) -> str:
    text = compiler.process(element.clauses, **how)
    day, shape = f"substr({text}, 2, 10)", '"[12][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"'
    # Only a day that was reckoned with is one that exists.
    return f"CASE WHEN {text} GLOB '{shape}' AND date({day}, '+0 days') = {day} THEN {day} END"


@compiles(plain_day, "postgresql")
def _day_in_postgresql(element: Any, compiler: Any, **how: Any) -> str:
    text = compiler.process(element.clauses, **how)
    # The 29th of February is left to Python.
    days = "(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31"
    return f"""CASE WHEN {text} ~ '^"[12][0-9]{{3}}-({days})"$' THEN substr({text}, 2, 10) END"""


@compiles(local_day, "sqlite")
def _local_in_sqlite(element: Any, compiler: Any, **how: Any) -> str:
    return f"date({compiler.process(element.clauses, **how)}, '+8 hours')"


@compiles(local_day, "postgresql")
def _local_in_postgresql(element: Any, compiler: Any, **how: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **how)} AT TIME ZONE 'Asia/Shanghai' AS date)"
