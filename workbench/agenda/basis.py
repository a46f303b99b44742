"""On what an entry rests: a keyed digest of the facts its rules ask for.

What was declined comes back only when it changes. Keyed, because sealed values could be guessed from a plain digest.
"""

import json
from datetime import date
from typing import Any

from ..catalogue.items import Item
from ..people.models import PersonRow
from ..reception.rule_columns import names_needed
from ..reception.rule_facts import NOTHING_ASKED, OF_THE_PERSON, known_facts, rule_facts
from ..rules.parse import parse
from ..store.context import Context

PLACE = "agenda.basis"


def basis_of(ctx: Context, item: Item, person: PersonRow, day: date) -> str:
    """Give the digest of what is known now; an age that grows by itself is no change."""
    rules = [parse(text) for text in (*item.manifest.rules, *item.manifest.exclusions)]
    names = names_needed(name for rule in rules for name in rule.names) - OF_THE_PERSON
    facts = facts_of(ctx, person, day)
    told = {name: facts[name] for name in sorted(names) if facts.get(name) is not None}
    born = [str(person.birth_date), person.sex, person.status]
    return ctx.keys.mark(PLACE, json.dumps([born, told], default=str, sort_keys=True)).hex()


def facts_of(ctx: Context, person: PersonRow, day: date) -> dict[str, Any]:
    """Gather what rules may know of a person without a form. Two queries."""
    return rule_facts(known_facts(ctx, person), person, NOTHING_ASKED, {}, day)
