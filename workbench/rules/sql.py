"""Compile a rule to SQLAlchemy Core, so that a database finds everyone it holds for.

NULL is unknown, and SQL's own three-valued logic does the rest. Columns by kind:
bool Boolean; number Integer or Float, money in fen; text String with NULL, not "", for no answer;
date either Date or a String holding YYYY-MM-DD, which compare alike.
"""

import operator
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, assert_never

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    Float,
    Integer,
    String,
    and_,
    cast,
    extract,
    func,
    literal,
    not_,
    or_,
)

from .evaluate import Rule
from .kinds import kind_of
from .tree import And, Arithmetic, Compare, Condition, In, Literal, Name, Not, Or, Value, Year

#: Gives the column, or any expression, that holds the fact of a name.
Columns = Callable[[str], ColumnElement[Any]]

SIGNS: Mapping[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}


def to_sql(rule: Rule, columns: Columns) -> ColumnElement[bool]:
    """An expression that is true, false or NULL exactly where `evaluate` says True, False or None.

    `columns("today")` is asked like any other name; give it a literal.
    """
    return _condition(rule.tree, columns)


def _condition(node: Condition, columns: Columns) -> ColumnElement[bool]:
    match node:
        case Name(fact):
            return columns(fact.name)
        case Not(operand):
            return not_(_condition(operand, columns))
        case And(operands):
            return and_(*(_condition(part, columns) for part in operands))
        case Or(operands):
            return or_(*(_condition(part, columns) for part in operands))
        case Compare(sign, left, right):
            return _compare(sign, left, right, columns)
        case In(value, options):
            found = _value(value, columns)
            return found.in_([_bind(option.value, found) for option in options])
        case _:
            assert_never(node)


def _compare(sign: str, left: Value, right: Value, columns: Columns) -> ColumnElement[bool]:
    first = _value(left, columns)
    if isinstance(right, Literal):
        return _answer(SIGNS[sign](first, _bind(right.value, first)))
    second = _value(right, columns)
    if kind_of(left) == "date" and _is_day(first) != _is_day(second):
        first, second = _as_text(first), _as_text(second)
    return _answer(SIGNS[sign](first, second))


def _value(node: Value, columns: Columns) -> ColumnElement[Any]:
    match node:
        case Literal(value):
            return literal(value)
        case Name(fact):
            return columns(fact.name)
        case Year(of):
            return _year(columns(of.fact.name))
        case Arithmetic("/", left, right):
            # Times 1.0 because databases divide whole numbers to whole numbers; nullif because some raise on zero.
            return _value(left, columns) * literal(1.0, Float) / func.nullif(_value(right, columns), 0, type_=Float)
        case Arithmetic(sign, left, right):
            return _answer(SIGNS[sign](_value(left, columns), _value(right, columns)))
        case _:
            assert_never(node)


def _year(day: ColumnElement[Any]) -> ColumnElement[int]:
    return extract("year", day) if _is_day(day) else cast(func.substr(day, 1, 4), Integer)


def _is_day(column: ColumnElement[Any]) -> bool:
    return isinstance(column.type, Date | DateTime)


def _as_text(day: ColumnElement[Any]) -> ColumnElement[str]:
    return func.substr(cast(day, String), 1, 10) if _is_day(day) else day


def _bind(value: Any, beside: ColumnElement[Any]) -> Any:
    """A day is bound as the column beside it holds days."""
    return value.isoformat() if isinstance(value, date) and not _is_day(beside) else value


def _answer(expression: Any) -> ColumnElement[Any]:
    found: ColumnElement[Any] = expression
    return found
