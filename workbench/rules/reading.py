"""Read Python's grammar nodes into our tree, checking kinds: a bool, a number, a text or a day.

Used by `parse` only. Every refusal names the column and, where it can, what to write instead.
"""

import ast
from collections.abc import Mapping
from difflib import get_close_matches

from .errors import RuleError
from .kinds import MAX_NUMBER, day_of, kind_of
from .tree import (
    MIRRORED,
    And,
    Arithmetic,
    ArithmeticSign,
    Compare,
    CompareSign,
    Condition,
    In,
    Literal,
    Name,
    Not,
    Or,
    Value,
    Year,
    facts_of,
)
from .vocabulary import FactName, Kind

MAX_DEPTH = 20
MAX_TEXT = 100

SIGNS: dict[type[ast.cmpop], CompareSign] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip
ARITHMETIC: dict[type[ast.operator], ArithmeticSign] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
HINTS: dict[type[ast.AST], str] = {
    ast.Call: 'the only call is date("YYYY-MM-DD")',
    ast.IfExp: "write it with and / or",
    ast.Subscript: "use dotted names",
    ast.JoinedStr: "write a plain text in quotes",
}


class Reader:
    """Reads the nodes of one rule."""

    def __init__(self, text: str, vocabulary: Mapping[str, FactName]) -> None:
        self.text = text
        self.vocabulary = vocabulary

    def condition(self, node: ast.expr, depth: int) -> Condition:
        """Read something that is true, false or unknown."""
        self._check_depth(node, depth)
        match node:
            case ast.BoolOp(op=op, values=values):
                operands = tuple(self.condition(value, depth + 1) for value in values)
                return And(operands) if isinstance(op, ast.And) else Or(operands)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Not(self.condition(operand, depth + 1))
            case ast.Compare():
                return self._comparisons(node, depth)
        found = self.value(node, depth)
        if not isinstance(found, Name) or found.fact.kind != "bool":
            raise self._error(node, "this is not true or false", "compare it with something")
        return found

    def value(self, node: ast.expr, depth: int) -> Value:
        """Read something that has a value."""
        self._check_depth(node, depth)
        match node:
            case ast.Constant():
                return self._literal(node)
            case ast.Name() | ast.Attribute():
                return self._name(node)
            case ast.Call():
                return self._day(node)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self._minus(operand, depth)
            case ast.BinOp(op=op, left=left, right=right) if type(op) in ARITHMETIC:
                return Arithmetic(ARITHMETIC[type(op)], self._number(left, depth), self._number(right, depth))
        found = type(node.op).__name__ if isinstance(node, ast.BinOp) else type(node).__name__
        raise self._error(node, f"{found} is not allowed in a rule", HINTS.get(type(node), ""))

    def _comparisons(self, node: ast.Compare, depth: int) -> Condition:
        sides = [node.left, *node.comparators]
        found = [self._comparison(node, sides[i], op, sides[i + 1], depth) for i, op in enumerate(node.ops)]
        return found[0] if len(found) == 1 else And(tuple(found))

    def _comparison(self, node: ast.expr, left: ast.expr, op: ast.cmpop, right: ast.expr, depth: int) -> Condition:
        if isinstance(op, ast.In | ast.NotIn):
            inside = self._in(left, right, depth)
            return Not(inside) if isinstance(op, ast.NotIn) else inside
        if type(op) not in SIGNS:
            raise self._error(node, "'is' is not allowed in a rule", "compare with ==")
        sign = SIGNS[type(op)]
        if _is_truth(left) or _is_truth(right):
            return self._truth(node, left, sign, right, depth)
        first, second = self.value(left, depth + 1), self.value(right, depth + 1)
        self._check_pair(node, sign, first, second)
        if isinstance(first, Literal):
            return Compare(MIRRORED[sign], second, first)
        return Compare(sign, first, second)

    def _truth(self, node: ast.expr, left: ast.expr, sign: CompareSign, right: ast.expr, depth: int) -> Condition:
        """`x == True` is x, `x == False` is not x."""
        if sign not in ("==", "!="):
            raise self._error(node, "true and false have no order", "use == or !=")
        constant, other = (left, right) if _is_truth(left) else (right, left)
        found = self.condition(other, depth + 1)
        assert isinstance(constant, ast.Constant)  # noqa: S101 - _is_truth said so
        return found if constant.value is (sign == "==") else Not(found)

    def _in(self, left: ast.expr, right: ast.expr, depth: int) -> In:
        if not isinstance(right, ast.List | ast.Tuple | ast.Set) or not right.elts:
            raise self._error(right, "'in' needs a list of values", "for example in ['1','2']")
        value = self.value(left, depth + 1)
        options = tuple(self._option(value, element, depth) for element in right.elts)
        return In(value, options)

    def _option(self, value: Value, element: ast.expr, depth: int) -> Literal:
        option = self.value(element, depth + 1)
        if not isinstance(option, Literal):
            raise self._error(element, "the list may hold plain values only", "write names with or")
        self._check_pair(element, "==", value, option)
        return option

    def _number(self, node: ast.expr, depth: int) -> Value:
        found = self.value(node, depth + 1)
        if kind_of(found) != "number":
            raise self._error(node, f"arithmetic is for numbers, this is a {kind_of(found)}")
        return found

    def _minus(self, operand: ast.expr, depth: int) -> Value:
        found = self._number(operand, depth)
        if isinstance(found, Literal) and isinstance(found.value, int | float):
            return Literal(-found.value)
        return Arithmetic("-", Literal(0), found)

    def _literal(self, node: ast.Constant) -> Literal:
        value = node.value
        if isinstance(value, str) and len(value) <= MAX_TEXT:
            return Literal(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            if abs(value) <= MAX_NUMBER:
                return Literal(value)
            raise self._error(node, "the number is too large")
        if isinstance(value, str):
            raise self._error(node, f"a text has at most {MAX_TEXT} characters")
        hint = "an unknown fact makes the rule unknown by itself" if value is None else ""
        raise self._error(node, f"{value!r} is not a value a rule can use", hint)

    def _name(self, node: ast.Name | ast.Attribute) -> Name | Year:
        dotted = self._dotted(node)
        if dotted in self.vocabulary:
            return Name(self.vocabulary[dotted])
        owner, _, last = dotted.rpartition(".")
        if last == "year" and owner in self.vocabulary and self.vocabulary[owner].kind == "date":
            return Year(Name(self.vocabulary[owner]))
        near = get_close_matches(dotted, self.vocabulary, n=1, cutoff=0.7)
        hint = f"did you mean {near[0]}?" if near else "the vocabulary lists every name"
        raise self._error(node, f"{dotted} is not a known fact", hint)

    def _dotted(self, node: ast.expr) -> str:
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            raise self._error(node, "a dot may only join the parts of a name")
        return ".".join([node.id, *reversed(parts)])

    def _day(self, node: ast.Call) -> Literal:
        match node:
            case ast.Call(func=ast.Name(id="date"), args=[ast.Constant(value=str(text))], keywords=[]):
                day = day_of(text)
                if day is None:
                    raise self._error(node, f"{text} is not a day", 'write date("2024-01-31")')
                return Literal(day)
        raise self._error(node, "a call is not allowed in a rule", HINTS[ast.Call])

    def _check_pair(self, node: ast.expr, sign: CompareSign, left: Value, right: Value) -> None:
        kinds = {kind_of(left), kind_of(right)}
        if len(kinds) > 1:
            raise self._error(node, f"a {kind_of(left)} cannot be compared with a {kind_of(right)}", _kind_hint(kinds))
        if "bool" in kinds:
            raise self._error(node, "true and false are not compared", "write the name itself, or not and the name")
        if sign not in ("==", "!=") and "text" in kinds:
            raise self._error(node, "a text or code has no order", "use ==, != or in")
        if next(facts_of(left), None) is None and next(facts_of(right), None) is None:
            raise self._error(node, "nothing is asked here", "a comparison needs a fact")
        for name, value in ((left, right), (right, left)):
            if isinstance(name, Name) and isinstance(value, Literal) and name.fact.closed_values:
                self._check_option(node, name.fact, value)

    def _check_option(self, node: ast.expr, fact: FactName, literal: Literal) -> None:
        allowed = fact.closed_values
        if literal.value not in allowed:
            near = get_close_matches(str(literal.value), allowed, n=1)
            hint = f"did you mean '{near[0]}'?" if near else "one of " + ", ".join(allowed)
            raise self._error(node, f"{fact.name} is never '{literal.value}'", hint)

    def _check_depth(self, node: ast.expr, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise self._error(node, "nested too deeply", "split it into several rules")

    def _error(self, node: ast.expr, text: str, hint: str = "") -> RuleError:
        # The grammar counts UTF-8 bytes, after the blanks that parse took away.
        blanks = len(self.text) - len(self.text.lstrip())
        before = self.text.lstrip().encode()[: node.col_offset].decode(errors="ignore")
        return RuleError(text, blanks + len(before) + 1, hint)


def _is_truth(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, bool)


def _kind_hint(kinds: set[Kind]) -> str:
    if kinds == {"number", "text"}:
        return "numbers have no quotes, codes have them"
    if kinds == {"date", "text"}:
        return 'write date("YYYY-MM-DD")'
    return ""
