"""What a resident may be entitled to: the rules of every item of the open lines, asked at once, in memory."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ..api.nouns import Clause, Fact
from ..catalogue.items import Item
from ..people.models import PersonRow
from ..reception.rule_facts import NOTHING_ASKED, rule_facts, rule_names
from ..rules.eligibility import Assessment, assess, judge
from ..rules.errors import RuleError
from ..web.language import bilingual
from .known import word_of

MOST_MISSING = 3


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What the rules of one item say; `verdict` None means ask."""

    item: Item
    verdict: bool | None
    clauses: tuple[Clause, ...]
    missing: tuple[str, ...]

    @property
    def code(self) -> str:
        return self.item.code

    @property
    def title(self) -> str:
        return bilingual(self.item.manifest.title_zh, self.item.manifest.title_en)

    @property
    def has_rules(self) -> bool:
        return bool(self.item.manifest.rules or self.item.manifest.exclusions)

    @property
    def missing_words(self) -> str:
        """Name what to ask first."""
        labels = [bilingual(word.zh, word.en) for word in map(word_of, self.missing)]
        return bilingual("、", ", ").join(labels[:MOST_MISSING]) + ("…" if len(labels) > MOST_MISSING else "")


def facts_for_rules(
    person: PersonRow, current: Mapping[str, Fact], region: Mapping[str, Any], derived: Mapping[str, Any], today: date
) -> dict[str, Any]:
    """Put what is known into the words of the rules. What a line derives is weaker than what is held."""
    held = {key: fact.value for key, fact in current.items() if key in rule_names()}
    return rule_facts({**derived, **held, **region}, person, NOTHING_ASKED, {}, today)


def assess_items(items: Iterable[Item], facts: Mapping[str, Any]) -> list[Entitlement]:
    """Ask the rules of every item still in force: met first, then what to ask, then not met."""
    found = [_ask(assess, item, facts) for item in items if item.manifest.status == "in_force"]
    order = {True: 0, None: 1, False: 2}
    return sorted(found, key=lambda one: (order[one.verdict], len(one.missing), -len(one.clauses)))


def judge_items(items: Iterable[Item], facts: Mapping[str, Any]) -> dict[str, Entitlement]:
    """Give by code what the rules of every item still in force say, without the reasons."""
    return {item.code: _ask(judge, item, facts) for item in items if item.manifest.status == "in_force"}


def _ask(rules_say: Callable[..., Assessment], item: Item, facts: Mapping[str, Any]) -> Entitlement:
    try:
        said = rules_say(item.manifest.rules, item.manifest.exclusions, facts)
    except RuleError:
        return Entitlement(item, None, (), ())
    return Entitlement(item, said.verdict, said.clauses, said.missing)


def split_by_verdict(
    found: Sequence[Entitlement],
) -> tuple[list[Entitlement], list[Entitlement], list[Entitlement]]:
    """Give what the rules grant, what must be asked, and what they do not grant; items without rules are left out."""
    ruled = [one for one in found if one.has_rules]
    return (
        [one for one in ruled if one.verdict is True],
        [one for one in ruled if one.verdict is None],
        [one for one in ruled if one.verdict is False],
    )
