"""Settles what sources say differently: a person chooses one value with a reason; the others stay on file."""

from collections.abc import Mapping
from dataclasses import dataclass

from ..api.nouns import Fact
from ..store.context import Context
from ..store.problems import Problem
from .corrected import corrected
from .facts import FactInput, differing, read_history, record_facts
from .register import lock_person


@dataclass(frozen=True, slots=True)
class Conflict:
    """One key of which the sources say different things, the one that counts now first.

    `seen` is the number of values ever recorded of this key: it tells whether somebody was faster.
    """

    key: str
    values: tuple[Fact, ...]
    seen: int


def open_conflicts(ctx: Context, person_id: str) -> list[Conflict]:
    """Give what is to be settled about a person, by key. One query."""
    history = read_history(ctx, person_id)
    return [Conflict(key, tuple(values), len(history[key])) for key, values in sorted(differing(history).items())]


def settle(ctx: Context, person_id: str, key: str, choice: int, reason: str, *, seen: int) -> Fact:
    """Choose one of the values of a conflict; gives it. `choice` is its place in the list that was seen.

    Raises NoSuchPerson, or Problem when nothing was chosen, the reason is missing, or somebody was faster.
    """
    lock_person(ctx, person_id)
    found = next((one for one in open_conflicts(ctx, person_id) if one.key == key), None)
    if found is None or found.seen != seen:
        raise changed_meanwhile(key)
    if not 0 <= choice < len(found.values):
        raise Problem("not_chosen", "请选择一个值。", "Choose one of the values.", key)
    if len(reason.strip()) < 2:
        raise Problem("reason_missing", "请写明选择的理由。", "Say why you choose this one.", f"{key}__reason")
    chosen = found.values[choice]
    fact = FactInput(
        key, chosen.value, chosen.rank, chosen.source, chosen.as_of or ctx.clock.today(), reason.strip(), settles=True
    )
    record_facts(ctx, person_id, [fact], purpose="settle")
    corrected(ctx, person_id, [fact])
    return chosen


def changed_meanwhile(field: str) -> Problem:
    """Say that somebody else recorded a value of this key since the page was shown."""
    zh = "这一项刚被他人更新，您的修改未保存。请核对现在的值再决定。"
    en = "Somebody else has just recorded a value here; yours was not saved. Compare with what stands now."
    return Problem("changed_meanwhile", zh, en, field)


def seen_of(history: Mapping[str, list[Fact]], key: str) -> int:
    """Count the values ever recorded of a key."""
    return len(history.get(key, ()))
