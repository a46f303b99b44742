"""Decide a rule over facts with three values: true, false, unknown (None), after Kleene.

The tree is compiled once into closures; nothing is ever handed to `eval`.
Missing facts, facts of the wrong type and divisions by zero are unknown, never an exception.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from math import isfinite
from typing import Any, assert_never

from .kinds import VALUE_OF, Known
from .tree import And, Arithmetic, Compare, Condition, In, Literal, Name, Not, Or, Value, Year, facts_of

Facts = Mapping[str, object]
Verdict = bool | None
Decide = Callable[[Facts], Verdict]
Find = Callable[[Facts], Known | None]

SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


@dataclass(frozen=True)
class Rule:
    """A rule that was read and checked; `decide` is compiled once and is safe to share."""

    text: str
    tree: Condition
    #: The names asked for, each once, in the order written.
    names: tuple[str, ...]
    decide: Decide = field(repr=False, compare=False)


def make_rule(text: str, tree: Condition) -> Rule:
    """Make a rule of a tree that was read and checked."""
    names = tuple(dict.fromkeys(fact.name for fact in facts_of(tree)))
    return Rule(text, tree, names, compile_condition(tree))


def evaluate(rule: Rule, facts: Facts) -> Verdict:
    """True, False, or None when a fact that matters is not known."""
    return rule.decide(facts)


@lru_cache(maxsize=4096)
def compile_condition(node: Condition) -> Decide:
    """A function that decides the condition; the same node gives the same function."""
    match node:
        case Name(fact):
            return _truth(fact.name)
        case Not(operand):
            return _not(compile_condition(operand))
        case And(operands):
            return _join(tuple(map(compile_condition, operands)), stop=False)
        case Or(operands):
            return _join(tuple(map(compile_condition, operands)), stop=True)
        case Compare(sign, left, right):
            return _compare(sign, left, right)
        case In(value, options):
            return _in(compile_value(value), frozenset(option.value for option in options))
        case _:
            assert_never(node)


def compile_value(node: Value) -> Find:
    """A function that finds the value, or None where it is unknown."""
    match node:
        case Literal(value):
            return lambda facts: value
        case Name(fact):
            name, read = fact.name, VALUE_OF[fact.kind]
            return lambda facts: read(facts.get(name))
        case Year(of):
            return _year(compile_value(of))
        case Arithmetic(sign, left, right):
            return _arithmetic(SIGNS[sign], compile_value(left), compile_value(right))
        case _:
            assert_never(node)


def _truth(name: str) -> Decide:
    def decide(facts: Facts) -> Verdict:
        value = facts.get(name)
        return value if value is True or value is False else None

    return decide


def _not(inner: Decide) -> Decide:
    def decide(facts: Facts) -> Verdict:
        verdict = inner(facts)
        return None if verdict is None else not verdict

    return decide


def _join(parts: tuple[Decide, ...], *, stop: bool) -> Decide:
    """`and` stops at a false, `or` at a true; short of that, one unknown makes all unknown."""

    def decide(facts: Facts) -> Verdict:
        verdict: Verdict = not stop
        for part in parts:
            found = part(facts)
            if found is stop:
                return stop
            if found is None:
                verdict = None
        return verdict

    return decide


def _compare(sign: str, left: Value, right: Value) -> Decide:
    compare, first = SIGNS[sign], compile_value(left)
    if isinstance(right, Literal):
        limit = right.value

        def decide_against_literal(facts: Facts) -> Verdict:
            a = first(facts)
            return None if a is None else compare(a, limit)

        return decide_against_literal
    second = compile_value(right)

    def decide(facts: Facts) -> Verdict:
        a, b = first(facts), second(facts)
        return None if a is None or b is None else compare(a, b)

    return decide


def _in(find: Find, options: frozenset[object]) -> Decide:
    def decide(facts: Facts) -> Verdict:
        value = find(facts)
        return None if value is None else value in options

    return decide


def _year(find: Find) -> Find:
    def find_year(facts: Facts) -> Known | None:
        day: Any = find(facts)
        return None if day is None else day.year

    return find_year


def _arithmetic(combine: Callable[[Any, Any], Any], left: Find, right: Find) -> Find:
    def find(facts: Facts) -> Known | None:
        a, b = left(facts), right(facts)
        if a is None or b is None:
            return None
        try:
            result: int | float = combine(a, b)
            return result if isfinite(result) else None
        except (ZeroDivisionError, OverflowError):
            return None

    return find
