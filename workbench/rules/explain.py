"""Say clause by clause why a rule holds, fails, or cannot be told yet.

Of alternatives only those that decide are named; while it is open, all are.
"""

from collections.abc import Iterable

from workbench.api import Clause

from .evaluate import Facts, Rule, Verdict, compile_condition
from .kinds import VALUE_OF
from .tree import OPPOSITE, And, Arithmetic, Compare, Condition, In, Name, Node, Not, Or, Value, children_of, facts_of
from .wording import NO, YES, Phrase, expression, label_of, say_any, sign_of, value_found


def explain(rule: Rule, facts: Facts, *, excluded: bool = False) -> tuple[Clause, ...]:
    """The clauses of a rule in both languages, each with its verdict and the names still missing.

    With `excluded` the rule must not hold: a verdict of True then means that it does not.
    """
    return tuple(_clause(part, facts, wanted) for part, wanted in _split(rule.tree, not excluded))


def missing_names(rules: Iterable[Rule], facts: Facts) -> tuple[str, ...]:
    """The facts to ask for next: only those that keep one of the rules open, each once."""
    return tuple(dict.fromkeys(name for rule in rules for name in _missing(rule.tree, facts)))


def _clause(node: Condition, facts: Facts, wanted: bool) -> Clause:
    words = _describe(node, facts, wanted)
    return Clause(words.zh, words.en, _verdict(node, facts, wanted), tuple(dict.fromkeys(_missing(node, facts))))


def _split(node: Condition, wanted: bool) -> Iterable[tuple[Condition, bool]]:
    """What must all be so: the parts of a wanted `and`, or of an unwanted `or`."""
    match node:
        case Not(operand):
            return _split(operand, not wanted)
        case And(operands) if wanted:
            return [pair for part in operands for pair in _split(part, wanted)]
        case Or(operands) if not wanted:
            return [pair for part in operands for pair in _split(part, wanted)]
        case _:
            return [(node, wanted)]


def _verdict(node: Condition, facts: Facts, wanted: bool) -> Verdict:
    verdict = compile_condition(node)(facts)
    return verdict if verdict is None or wanted else not verdict


def _missing(node: Condition, facts: Facts) -> list[str]:
    if compile_condition(node)(facts) is not None:
        return []
    match node:
        case Not(operand):
            return _missing(operand, facts)
        case And(operands) | Or(operands):
            return [name for part in operands for name in _missing(part, facts)]
    asked = list(facts_of(node))
    unusable = [fact.name for fact in asked if VALUE_OF[fact.kind](facts.get(fact.name)) is None]
    # All are there and still nothing comes out: what one divides by must be wrong.
    return unusable or [fact.name for divisor in _divisors(node) for fact in facts_of(divisor)]


def _divisors(node: Node) -> list[Node]:
    own: list[Node] = [node.right] if isinstance(node, Arithmetic) and node.sign == "/" else []
    return own + [found for child in children_of(node) for found in _divisors(child)]


def _describe(node: Condition, facts: Facts, wanted: bool) -> Phrase:
    match node:
        case Not(operand):
            return _describe(operand, facts, not wanted)
        case And(operands) | Or(operands):
            return _describe_parts(operands, facts, wanted, any_of=isinstance(node, Or) is wanted)
        case Name():
            return _describe_truth(node, facts, wanted)
        case Compare(sign, left, right):
            sign = sign if wanted else OPPOSITE[sign]
            must, limit = sign_of(sign, left), value_found(right, facts, left)
            return _describe_leaf(node, left, facts, Phrase(f"{must.zh} {limit.zh}", f"{must.en} {limit.en}"))
        case In(value, options):
            listed = say_any((option.value for option in options), value)
            zh = f"应为其中之一：{listed.zh}" if wanted else f"不应为其中之一：{listed.zh}"
            return _describe_leaf(
                node, value, facts, Phrase(zh, f"must be {'one' if wanted else 'none'} of {listed.en}")
            )


def _describe_parts(parts: tuple[Condition, ...], facts: Facts, wanted: bool, *, any_of: bool) -> Phrase:
    verdicts = [_verdict(part, facts, wanted) for part in parts]
    if any_of in verdicts:
        parts = tuple(part for part, verdict in zip(parts, verdicts, strict=True) if verdict is any_of)
    said = [_bracket(part, _describe(part, facts, wanted), len(parts)) for part in parts]
    zh, en = ("；或 ", "; or ") if any_of else ("；且 ", "; and ")
    return Phrase(zh.join(one.zh for one in said), en.join(one.en for one in said))


def _bracket(part: Condition, words: Phrase, count: int) -> Phrase:
    if count == 1 or not isinstance(part, And | Or):
        return words
    return Phrase(f"（{words.zh}）", f"({words.en})")


def _describe_truth(node: Name, facts: Facts, wanted: bool) -> Phrase:
    label, must = label_of(node.fact), YES if wanted else NO
    verdict = compile_condition(node)(facts)
    if verdict is None:
        return Phrase(f"待确认：{label.zh}（应为{must.zh}）", f"to be confirmed: {label.en} (must be {must.en})")
    found = YES if verdict else NO
    words = Phrase(f"{label.zh}：{found.zh}", f"{label.en}: {found.en}")
    return words if found == must else Phrase(f"{words.zh}，应为{must.zh}", f"{words.en}, must be {must.en}")


def _describe_leaf(node: Compare | In, left: Value, facts: Facts, must: Phrase) -> Phrase:
    found = value_found(left, facts, left)
    if compile_condition(node)(facts) is not None:
        return Phrase(f"{found.zh}，{must.zh}", f"{found.en}, {must.en}")
    names = set(_missing(node, facts))
    labels = list(dict.fromkeys(label_of(fact) for fact in facts_of(node) if fact.name in names))
    asked = Phrase("、".join(one.zh for one in labels), ", ".join(one.en for one in labels))
    if labels == [expression(left)]:
        return Phrase(f"待确认：{asked.zh}（{must.zh}）", f"to be confirmed: {asked.en} ({must.en})")
    return Phrase(
        f"待确认：{asked.zh}（{found.zh}，{must.zh}）", f"to be confirmed: {asked.en} ({found.en}, {must.en})"
    )
