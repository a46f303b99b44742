"""Changes the details a resident tells at the table: each change is a new fact with its origin and reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..api.nouns import Fact
from ..store.context import Context
from ..store.problems import Problem, Problems
from .corrected import corrected
from .facts import FactInput, choose, differing, read_history, record_facts
from .phone import mask, read_phone
from .register import lock_person
from .settle import changed_meanwhile, seen_of

#: Fact key -> field type. Codes are changed on the forms of items, where their tables are.
DETAILS = {
    "person.phone": "phone",
    "person.residence_address": "address",
    "person.hukou_address": "address",
}
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Detail:
    """One value that can be changed, with its origin and whatever other sources say."""

    key: str
    type: str
    value: str
    fact: Fact | None
    others: tuple[Fact, ...]
    seen: int  # values ever recorded: tells whether somebody was faster


def shown_details(ctx: Context, person_id: str) -> list[Detail]:
    """Give what can be changed. One query."""
    history = read_history(ctx, person_id, DETAILS)
    current, conflicts = choose(history), differing(history)
    return [
        Detail(
            key, kind, _text(current.get(key)), current.get(key), tuple(conflicts.get(key, ())), seen_of(history, key)
        )
        for key, kind in DETAILS.items()
    ]


def change_person(ctx: Context, person_id: str, typed: Mapping[str, str]) -> list[str]:
    """Record what differs from what is held, as the resident's word; gives the changed keys.

    Raises Problems. A value of a department or document is overruled only with a reason, and is never hidden.
    What somebody else recorded since the page was shown (`<key>__seen`) is not written over unseen.
    """
    lock_person(ctx, person_id)
    facts: list[FactInput] = []
    problems: list[Problem] = []
    for detail in shown_details(ctx, person_id):
        try:
            facts += _read(ctx, detail, typed)
        except Problem as problem:
            problems.append(problem)
    if problems:
        raise Problems(problems)
    record_facts(ctx, person_id, facts, purpose="update")
    corrected(ctx, person_id, facts)
    return [fact.key for fact in facts]


def _read(ctx: Context, detail: Detail, typed: Mapping[str, str]) -> list[FactInput]:
    text = typed.get(detail.key, "").strip()[:LONGEST]
    if not text or (detail.type == "phone" and text == mask(detail.value)):
        return []
    try:
        value = read_phone(text) if detail.type == "phone" else text
    except Problem as problem:
        raise problem.at(detail.key) from None
    if value == detail.value:
        return []
    seen = typed.get(f"{detail.key}__seen", "")
    if seen.isdecimal() and int(seen) != detail.seen:
        raise changed_meanwhile(detail.key)
    reason = typed.get(f"{detail.key}__reason", "").strip()[:LONGEST]
    if detail.fact is not None and detail.fact.rank != "word" and len(reason) < 2:
        zh = "该值来自部门或证件，与之不同须写明理由。"
        en = "This value came from a department or document; state why it is different."
        raise Problem("reason_missing", zh, en, detail.key)
    return [FactInput(detail.key, value, as_of=ctx.clock.today(), reason=reason)]


def _text(fact: Fact | None) -> str:
    value: Any = fact.value if fact else None
    return "" if value is None else str(value)
