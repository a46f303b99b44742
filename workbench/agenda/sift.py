"""Sifts a hub's residents by the rules of one item: SQL narrows, Python decides those of whom it cannot tell.

Two questions: who is entitled and has not applied; who receives what the rules no longer grant.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, inspect, or_, select, text

from ..cases.models import CaseRow
from ..cases.moves import OPEN_STATES
from ..catalogue.items import Item
from ..hubs.parameters import region_facts
from ..people.facts import peoples_facts
from ..reception.rule_columns import PERSON, Question, RuleColumns
from ..reception.rule_facts import NOTHING_ASKED, rule_facts
from ..rules.eligibility import decide
from ..rules.parse import parse
from ..store.context import Context

#: States in which a person has the item already, or is about to.
HELD = (*OPEN_STATES, "draft", "concluded", "delivered", "archived")
#: States in which what was granted goes on.
GRANTED = ("concluded", "delivered", "archived")
CHUNK = 500
CASE: Any = inspect(CaseRow).local_table


class Born(NamedTuple):
    """What rules need of a person's own row."""

    birth_date: date | None
    sex: str


@dataclass(frozen=True, slots=True)
class Received:
    """A case whose item its person may no longer receive; `standing` is the person's."""

    case_id: str
    person_id: str
    standing: str


def entitled(ctx: Context, item: Item, day: date) -> list[str]:
    """Give the active residents of the hub for whom every rule certainly holds and who have no case of the item."""
    region = region_facts(ctx.session, ctx.hub.division, day)
    _run_plainly(ctx)
    sure, open_ = [], {}
    for row in ctx.session.execute(entitled_query(item, region, day), {"hub": ctx.hub.id, "item": item.code}):
        if row.is_sure:
            sure.append(row.id)
        else:
            open_[row.id] = Born(row.birth_date, row.sex)
    verdicts = look(ctx, item, open_, region, day)
    return sure + [person_id for person_id, verdict in verdicts if verdict is True]


def no_longer(ctx: Context, item: Item, day: date) -> list[Received]:
    """Give the granted cases of the hub whose person died or moved away, or certainly does not meet the rules."""
    region = region_facts(ctx.session, ctx.hub.division, day)
    _run_plainly(ctx)
    found: list[Received] = []
    open_: dict[str, tuple[Born, list[Received]]] = {}
    for row in ctx.session.execute(no_longer_query(item, region, day), {"hub": ctx.hub.id, "item": item.code}):
        case = Received(row.case_id, row.id, row.status)
        if row.status != "active" or row.is_sure:
            found.append(case)
        else:
            open_.setdefault(row.id, (Born(row.birth_date, row.sex), []))[1].append(case)
    verdicts = look(ctx, item, {person_id: born for person_id, (born, _cases) in open_.items()}, region, day)
    return found + [case for person_id, verdict in verdicts if verdict is False for case in open_[person_id][1]]


def _run_plainly(ctx: Context) -> None:
    """PostgreSQL would compile each of these statements to machine code, which takes longer than running it."""
    if ctx.session.get_bind().dialect.name == "postgresql":
        ctx.session.execute(text("SET LOCAL jit = off"))


def look(
    ctx: Context, item: Item, people: dict[str, Born], region: dict[str, Any], day: date
) -> Iterator[tuple[str, bool | None]]:
    """Decide the rules for these people in Python, opening what is sealed. One query for every five hundred."""
    rules, exclusions = list(map(parse, item.manifest.rules)), list(map(parse, item.manifest.exclusions))
    keys = question_of(item, region, day).keys
    for ids in _chunks(sorted(people)):
        held = peoples_facts(ctx, ids, keys)
        for person_id in ids:
            known = {key: fact.value for key, fact in held[person_id].items()} | region
            facts = rule_facts(known, people[person_id], NOTHING_ASKED, {}, day)
            yield person_id, decide(rules, exclusions, facts)


def entitled_query(item: Item, region: dict[str, Any], day: date) -> Select[Any]:
    """Select who certainly is entitled (`is_sure`), or is once what is hidden was looked at. Parameters: hub, item."""
    question = question_of(item, region, day)
    has_it = select(CASE.c.id).where(CASE.c.person_id == PERSON.c.id, CASE.c.item_code == bindparam("item"))
    has_it = has_it.where(CASE.c.state.in_(HELD)).correlate(PERSON)
    query = select(PERSON.c.id, PERSON.c.birth_date, PERSON.c.sex, question.holds.label("is_sure"))
    query = query.where(PERSON.c.hub_id == bindparam("hub"), PERSON.c.status == "active")
    return query.where(question.may_hold, ~has_it.exists())


def no_longer_query(item: Item, region: dict[str, Any], day: date) -> Select[Any]:
    """Select granted cases of those who left, or whom the rules fail (`is_sure`) or may. Parameters: hub, item."""
    question = question_of(item, region, day)
    columns = PERSON.c.id, PERSON.c.birth_date, PERSON.c.sex, PERSON.c.status
    query = select(*columns, CASE.c.id.label("case_id"), question.fails.label("is_sure"))
    query = query.join_from(CASE, PERSON, PERSON.c.id == CASE.c.person_id)
    query = query.where(CASE.c.hub_id == bindparam("hub"), CASE.c.item_code == bindparam("item"))
    query = query.where(CASE.c.state.in_(GRANTED), CASE.c.result == "granted")
    return query.where(or_(PERSON.c.status.in_(("dead", "moved")), question.may_fail))


def question_of(item: Item, region: dict[str, Any], day: date) -> Question:
    """Give what an item's rules ask at a place on a day, compiled once for all places with the same parameters."""
    return _question(item.manifest.rules, item.manifest.exclusions, json.dumps(region, sort_keys=True), day)


@lru_cache(maxsize=256)
def _question(rules: tuple[str, ...], exclusions: tuple[str, ...], region: str, day: date) -> Question:
    return Question(map(parse, rules), map(parse, exclusions), RuleColumns(json.loads(region), day))


def _chunks(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))
