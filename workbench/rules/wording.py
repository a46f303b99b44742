"""How values and comparisons read in Chinese and English, with what was found in the facts.

Money is counted in fen and shown in yuan; codes are shown by their label.
"""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from .evaluate import Facts, compile_value
from .kinds import Known, kind_of
from .tree import Arithmetic, CompareSign, Literal, Name, Value, Year, facts_of
from .vocabulary import FactName


class Phrase(NamedTuple):
    """The same words in both languages."""

    zh: str
    en: str


SIGNS: dict[CompareSign, Phrase] = {
    "<": Phrase("应小于", "must be below"),
    "<=": Phrase("应不大于", "must be at most"),
    ">": Phrase("应大于", "must be above"),
    ">=": Phrase("应不小于", "must be at least"),
    "==": Phrase("应为", "must be"),
    "!=": Phrase("应不为", "must not be"),
}
DAY_SIGNS: dict[CompareSign, Phrase] = {
    **SIGNS,
    "<": Phrase("应早于", "must be before"),
    "<=": Phrase("应不晚于", "must be no later than"),
    ">": Phrase("应晚于", "must be after"),
    ">=": Phrase("应不早于", "must be no earlier than"),
}
ARITHMETIC = {"+": "+", "-": "−", "*": "×", "/": "÷"}
TIGHT = {"*", "/"}
YES, NO = Phrase("是", "yes"), Phrase("否", "no")


def label_of(fact: FactName) -> Phrase:
    return Phrase(fact.label, fact.label_en)


def sign_of(sign: CompareSign, value: Value) -> Phrase:
    """ "must be at least" or, for days, "must be no earlier than"."""
    return (DAY_SIGNS if kind_of(value) == "date" else SIGNS)[sign]


def value_found(node: Value, facts: Facts, beside: Value) -> Phrase:
    """A side of a comparison with its value, e.g. 年龄 67; `beside` is the other side and lends its unit."""
    if isinstance(node, Literal):
        return say(node.value, beside)
    name, value = expression(node), compile_value(node)(facts)
    if value is None:
        return name
    shown = say(value, node)
    if isinstance(node, Arithmetic):
        return Phrase(f"{name.zh}（{shown.zh}）", f"{name.en} ({shown.en})")
    return Phrase(f"{name.zh} {shown.zh}", f"{name.en} {shown.en}")


def expression(node: Value) -> Phrase:
    """A value by its labels alone, e.g. 1.5 × 当地月低保标准."""
    match node:
        case Name(fact):
            return label_of(fact)
        case Year(of):
            return Phrase(f"{of.fact.label}的年份", f"year of {of.fact.label_en}")
        case Arithmetic(sign, left, right):
            first, second = _side(left, sign), _side(right, sign)
            sep = ARITHMETIC[sign]
            return Phrase(f"{first.zh} {sep} {second.zh}", f"{first.en} {sep} {second.en}")
        case Literal(value):
            return say(value, node)


def _side(node: Value, sign: str) -> Phrase:
    inner = expression(node)
    if isinstance(node, Arithmetic) and (sign in TIGHT or node.sign not in TIGHT):
        return Phrase(f"（{inner.zh}）", f"({inner.en})")
    return inner


def say(value: Known, of: Value) -> Phrase:
    """One value as the kind of value `of` is shown: with its unit, by its label, or plain."""
    if isinstance(value, int | float):
        if is_money(of):
            return Phrase(f"{value / 100:,.2f} 元", f"{value / 100:,.2f} yuan")
        plain = f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
        return Phrase(plain, plain)
    if isinstance(value, date):
        return Phrase(value.isoformat(), value.isoformat())
    for fact in facts_of(of):
        for option in fact.options:
            if option.value == value:
                return Phrase(option.label, option.label_en)
    return Phrase(value, value)


def say_any(values: Iterable[Known], of: Value) -> Phrase:
    """Several values in a row."""
    shown = [say(value, of) for value in values]
    return Phrase("、".join(one.zh for one in shown), ", ".join(one.en for one in shown))


def is_money(node: Value) -> bool:
    """Whether the value is an amount; an amount divided by an amount is a plain number."""
    match node:
        case Name(fact):
            return fact.is_money
        case Arithmetic("/", left, right):
            return is_money(left) and not is_money(right)
        case Arithmetic(_, left, right):
            return is_money(left) or is_money(right)
        case _:
            return False
