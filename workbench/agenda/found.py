"""What the night found at a hub: how many by item, a page of one item's entries, and why each is on the list."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Integer, bindparam, func, select
from sqlmodel import col

from ..api.nouns import Clause, Fact
from ..catalogue.items import Item
from ..hubs.parameters import region_facts
from ..people.facts import peoples_facts
from ..people.models import PersonRow
from ..reception.rule_columns import names_needed
from ..reception.rule_facts import NOTHING_ASKED, OF_THE_PERSON, rule_facts
from ..rules.explain import explain
from ..rules.parse import parse
from ..rules.vocabulary import load_vocabulary
from ..store.context import Context
from ..store.rows import prepare, run
from .find import STANDS
from .models import AgendaRow

#: Kinds whose entries are people of a list, rather than single tasks.
LISTED = ("entitled", "automatic")
PAGE = 20
#: The home page says "more than" beyond this.
MOST = 1000

_WAITS = (col(AgendaRow.hub_id) == bindparam("hub"), col(AgendaRow.state) == "open", STANDS)
COUNTS = prepare(
    select(col(AgendaRow.item_code), col(AgendaRow.line_id), col(AgendaRow.kind), func.count().label("count"))
    .where(*_WAITS)
    .group_by(col(AgendaRow.item_code), col(AgendaRow.line_id), col(AgendaRow.kind))
)
_COLUMNS = tuple(col(getattr(AgendaRow, name)) for name in ("id", "kind", "person_id", "due_on", "made_at", "reason"))
_BORN = tuple(col(getattr(PersonRow, name)) for name in ("name", "sex", "birth_date", "id_masked", "phone_masked"))
ENTRIES = prepare(
    select(*_COLUMNS, *_BORN)
    .join(PersonRow, col(PersonRow.id) == col(AgendaRow.person_id))
    .where(*_WAITS, col(AgendaRow.item_code) == bindparam("item"), col(AgendaRow.kind) == bindparam("kind"))
    .where(col(AgendaRow.id) > bindparam("after"))
    .order_by(col(AgendaRow.id))
    .limit(bindparam("most", type_=Integer))
)


@dataclass(frozen=True, slots=True)
class Listed:
    """How many wait for one item, of one kind."""

    item_code: str
    line_id: str
    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a fact that a rule asked for comes from."""

    label_zh: str
    label_en: str
    source: str
    day: date


@dataclass(frozen=True, slots=True)
class Why:
    """One rule of the item: what it says about this person, and on what facts."""

    clauses: tuple[Clause, ...]
    origins: tuple[Origin, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One person of a list."""

    id: str
    person_id: str
    name: str
    id_masked: str
    phone_masked: str
    found_on: date
    was_declined: str
    holds: bool | None
    why: tuple[Why, ...]


def count_lists(ctx: Context) -> list[Listed]:
    """Count what waits at the hub by item and kind. One query."""
    return [Listed(*row) for row in run(ctx.session, COUNTS, hub=ctx.hub.id)]


def entries(ctx: Context, item: Item, kind: str, after: str = "") -> tuple[list[Entry], str]:
    """Give a page of an item's list and where the next one begins, "" for nowhere. Three queries."""
    rows = list(run(ctx.session, ENTRIES, hub=ctx.hub.id, item=item.code, kind=kind, after=after, most=PAGE + 1))
    shown = rows[:PAGE]
    whys = explain_all(ctx, item, shown)
    found = [
        Entry(row.id, row.person_id, row.name, row.id_masked, row.phone_masked, row.due_on, row.reason, *why)
        for row, why in zip(shown, whys, strict=True)
    ]
    return found, shown[-1].id if len(rows) > PAGE else ""


def explain_all(ctx: Context, item: Item, people: Sequence[Any]) -> list[tuple[bool | None, tuple[Why, ...]]]:
    """Say for each of these people what every rule of the item says, as things stand now. Two queries."""
    texts = [(text, False) for text in item.manifest.rules] + [(text, True) for text in item.manifest.exclusions]
    rules = [(parse(text), excluded) for text, excluded in texts]
    keys = names_needed(name for rule, _excluded in rules for name in rule.names)
    today, region = ctx.clock.today(), region_facts(ctx.session, ctx.hub.division, ctx.clock.today())
    held = peoples_facts(ctx, [row.person_id for row in people], keys - OF_THE_PERSON) if people else {}
    found = []
    for row in people:
        known = {key: fact.value for key, fact in held[row.person_id].items()} | region
        facts = rule_facts(known, row, NOTHING_ASKED, {}, today)
        whys = tuple(
            Why(explain(rule, facts, excluded=excluded), tuple(_origins(rule.names, held[row.person_id])))
            for rule, excluded in rules
        )
        found.append((_all(clause.verdict for why in whys for clause in why.clauses), whys))
    return found


def _origins(names: Iterable[str], held: dict[str, Fact]) -> Iterable[Origin]:
    vocabulary = load_vocabulary()
    for name in names:
        if (fact := held.get(name)) and name in vocabulary:
            word = vocabulary[name]
            yield Origin(word.label, word.label_en, fact.source, fact.as_of or _day(fact.recorded_at))


def _day(moment: datetime) -> date:
    return moment.date()


def _all(verdicts: Iterable[bool | None]) -> bool | None:
    said = list(verdicts)
    return False if False in said else None if None in said else True
