"""What the rules of an item may know at this moment: facts on file, what the form says, the place, the day.

What the form says wins, because it is newest; what nobody knows is left out, and the rules answer "unknown".
"""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any, Protocol

from ..catalogue.form import Form
from ..hubs.parameters import region_facts
from ..people.facts import current_facts
from ..people.models import PersonRow
from ..rules.derive import derive
from ..rules.vocabulary import load_vocabulary
from ..store.context import Context

#: No form: what is on file alone.
NOTHING_ASKED = Form(())
CHILD_UNTIL = 18
#: Digits of a number; Python refuses to read very long ones.
LONGEST_NUMBER = 20
#: Always read from the person's own columns and the calendar: an age on file would be wrong a year later.
OF_THE_PERSON = frozenset({"today", "birth_date", "sex", "age"})


class Born(Protocol):
    """Whoever has the two columns that rules need: a person's row, or the few columns of one."""

    @property
    def birth_date(self) -> date | None: ...
    @property
    def sex(self) -> str: ...


def known_facts(ctx: Context, person: PersonRow) -> dict[str, Any]:
    """Gather what is on file about a person, in the words of the rules. Two queries."""
    facts = {key: fact.value for key, fact in current_facts(ctx, person.id, rule_names()).items()}
    return facts | region_facts(ctx.session, ctx.hub.division, ctx.clock.today())


@cache
def rule_names() -> frozenset[str]:
    """Give the names of all facts rules may ask for, and those they are derived from."""
    return (frozenset(load_vocabulary()) | {"child.birth_date", "hukou.division"}) - OF_THE_PERSON


def rule_facts(
    known: Mapping[str, Any], person: Born, form: Form, values: Mapping[str, Any], today: date
) -> dict[str, Any]:
    """Join what is on file with what the form says."""
    said = {field.fact: values[key] for key, field in form.fields.items() if field.fact and values.get(key) is not None}
    base = {
        "birth_date": said.get("person.birth_date") or person.birth_date,
        "sex": said.get("person.sex") or person.sex,
    }
    told = {name: as_kind(name, value) for name, value in {**known, **said}.items()}
    facts = {**derive({**told, **base}, today), **told}
    facts["today"] = today
    facts.setdefault("agent.present", bool(values.get("_agent")))
    age = facts.get("age")
    is_child = isinstance(age, int) and age < CHILD_UNTIL
    facts.setdefault("guardian.present", bool(values.get("_guardian")) or is_child)
    return facts


def as_kind(name: str, value: Any) -> Any:
    """Codes such as a disability level are text in forms and numbers in rules."""
    fact = load_vocabulary().get(name)
    if fact is not None and fact.kind == "number" and isinstance(value, str) and value.strip().isdecimal():
        return int(value) if len(value) <= LONGEST_NUMBER else None
    return value
