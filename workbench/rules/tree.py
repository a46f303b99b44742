"""The small expression tree that every reading of a rule walks: evaluate, explain, to_sql.

Only `parse` makes trees, so a walker may rely on what parse has checked: kinds agree,
arithmetic is on numbers, the right side of `in` is a list of literals.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal as OneOf

from .vocabulary import FactName

CompareSign = OneOf["<", "<=", ">", ">=", "==", "!="]
ArithmeticSign = OneOf["+", "-", "*", "/"]


@dataclass(frozen=True, slots=True)
class Literal:
    """A value written in the rule: a number, a text or a day."""

    value: int | float | str | date


@dataclass(frozen=True, slots=True)
class Name:
    """A fact asked for by name."""

    fact: FactName


@dataclass(frozen=True, slots=True)
class Year:
    """The calendar year of a fact that is a day."""

    of: Name


@dataclass(frozen=True, slots=True)
class Arithmetic:
    sign: ArithmeticSign
    left: "Value"
    right: "Value"


@dataclass(frozen=True, slots=True)
class Compare:
    sign: CompareSign
    left: "Value"
    right: "Value"


@dataclass(frozen=True, slots=True)
class In:
    value: "Value"
    options: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class Not:
    operand: "Condition"


@dataclass(frozen=True, slots=True)
class And:
    operands: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Or:
    operands: tuple["Condition", ...]


Value = Literal | Name | Year | Arithmetic
#: A Name is a condition when its fact is a bool.
Condition = Name | Compare | In | Not | And | Or
Node = Value | Condition

OPPOSITE: dict[CompareSign, CompareSign] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
MIRRORED: dict[CompareSign, CompareSign] = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


def children_of(node: Node) -> tuple[Node, ...]:
    """The nodes directly below this one."""
    match node:
        case And(operands) | Or(operands):
            return operands
        case Not(operand):
            return (operand,)
        case Compare(_, left, right) | Arithmetic(_, left, right):
            return (left, right)
        case In(value, options):
            return (value, *options)
        case Year(of):
            return (of,)
        case _:
            return ()


def facts_of(node: Node) -> Iterator[FactName]:
    """Every fact the node asks for, in the order written, repeats included."""
    if isinstance(node, Name):
        yield node.fact
    for child in children_of(node):
        yield from facts_of(child)
