"""Put the rules and exclusions of an item together: may this person have it?

Nobody is refused for what is not known: unknown means ask.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from workbench.api import Clause

from .evaluate import Facts, Rule
from .explain import explain, missing_names
from .parse import parse
from .vocabulary import FactName


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the rules say. False only where a clause is certainly not met."""

    verdict: bool | None
    clauses: tuple[Clause, ...]
    #: The facts to ask for next; given even when the verdict is already False.
    missing: tuple[str, ...]


def assess(
    rules: Iterable[str | Rule],
    exclusions: Iterable[str | Rule],
    facts: Facts,
    vocabulary: Mapping[str, FactName] | None = None,
) -> Assessment:
    """Every rule must hold and no exclusion may. Without any rule the verdict is True.

    Raises RuleError for a text that cannot be read.
    """
    must = [_read(rule, vocabulary) for rule in rules]
    must_not = [_read(rule, vocabulary) for rule in exclusions]
    clauses = tuple(clause for rule in must for clause in explain(rule, facts))
    clauses += tuple(clause for rule in must_not for clause in explain(rule, facts, excluded=True))
    return Assessment(_all(clauses), clauses, missing_names(must + must_not, facts))


def judge(rules: Iterable[str | Rule], exclusions: Iterable[str | Rule], facts: Facts) -> Assessment:
    """What `assess` says without its words, for many items at once: no clauses, and what to ask only while it is open.

    Raises RuleError for a text that cannot be read.
    """
    must, must_not = [_read(rule, None) for rule in rules], [_read(rule, None) for rule in exclusions]
    verdict = decide(must, must_not, facts)
    return Assessment(verdict, (), missing_names(must + must_not, facts) if verdict is None else ())


def decide(rules: Iterable[Rule], exclusions: Iterable[Rule], facts: Facts) -> bool | None:
    """The verdict of `assess` alone, for many people at once."""
    verdict: bool | None = True
    for wanted, group in ((True, rules), (False, exclusions)):
        for rule in group:
            found = rule.decide(facts)
            if found is None:
                verdict = None
            elif found is not wanted:
                return False
    return verdict


def _read(rule: str | Rule, vocabulary: Mapping[str, FactName] | None) -> Rule:
    return rule if isinstance(rule, Rule) else parse(rule, vocabulary)


def _all(clauses: Iterable[Clause]) -> bool | None:
    verdicts = [clause.verdict for clause in clauses]
    if False in verdicts:
        return False
    return None if None in verdicts else True
