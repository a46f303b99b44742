"""Do a database and Python say the same of every rule, for everybody, unknowns included?

Two proofs on the same invented residents. *Typed*: everything Python knows stands in one table of plain columns; the
verdicts must be equal. *Filed*: facts lie as the product keeps them (sealed, contested, oddly written); a database may
say "unknown" only where nothing is known, or where it says that Python has to look.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Date, Float, MetaData, String, Table, insert, select
from sqlmodel import col

from ..catalogue.items import Catalogue
from ..people.facts import peoples_facts
from ..people.models import FactRow, PersonRow
from ..reception.rule_columns import Question, RuleColumns
from ..reception.rule_facts import NOTHING_ASKED, rule_facts, rule_names
from ..rules.evaluate import Rule, Verdict
from ..rules.kinds import VALUE_OF
from ..rules.parse import parse
from ..rules.sql import to_sql
from ..rules.vocabulary import load_vocabulary
from ..store.context import Context
from .strangers import Strangers

CHUNK = 1000
COLUMN_TYPES = {"bool": Boolean, "number": Float, "text": String, "date": Date}


@dataclass(frozen=True, slots=True)
class Agreement:
    """How one rule fared: people by Python's verdict, how many only Python could tell, how many differ."""

    text: str
    yes: int
    no: int
    unknown: int
    looked_at: int
    differ_typed: int
    differ_filed: int

    @property
    def agrees(self) -> bool:
        return not self.differ_typed and not self.differ_filed


def rules_of(catalogue: Catalogue) -> list[Rule]:
    """Give every rule and exclusion of every item, each once."""
    texts = [text for item in catalogue.items for text in (*item.manifest.rules, *item.manifest.exclusions)]
    return [parse(text) for text in dict.fromkeys(texts)]


def names_asked(rules: Sequence[Rule]) -> list[str]:
    """Give the names the rules ask for, with what some of them are worked out from."""
    asked = {name for rule in rules for name in rule.names}
    return sorted(asked | {"person.original_retirement_age", "child.birth_date", "children.first.birth_date"})


def file_strangers(
    ctx: Context,
    rules: Sequence[Rule],
    count: int,
    seed: int,
    today: date,
    told: Callable[[int], None] = lambda done: None,
) -> None:
    """Write so many invented residents of the hub."""
    strangers = Strangers(ctx.hub.id, names_asked(rules), today, seed).make(count)
    for people in _chunks(strangers, CHUNK):
        connection = ctx.session.connection()
        connection.execute(insert(PersonRow), [person for person, _facts in people])
        facts = [fact for _person, found in people for fact in found]
        if facts:
            connection.execute(insert(FactRow), facts)
            _withdraw_some(connection, [person["id"] for person, _facts in people])
        told(len(people))


def _withdraw_some(connection: Connection, people: Sequence[str]) -> None:
    """Take one fact of forty back, as an import is taken back."""
    names = ("person_id", "key", "rank", "source", "as_of", "recorded_at", "recorded_by")
    query = select(col(FactRow.id), *(col(getattr(FactRow, name)) for name in names))
    query = query.where(col(FactRow.person_id).in_(people), col(FactRow.id) % 40 == 7)
    taken = [dict(zip(names, rest, strict=True)) | {"withdraws": one} for one, *rest in connection.execute(query)]
    if taken:
        connection.execute(insert(FactRow), [row | {"value": "null", "purpose": "withdraw"} for row in taken])


def _chunks(found: Iterator[Any], size: int) -> Iterator[list[Any]]:
    chunk: list[Any] = []
    for one in found:
        chunk.append(one)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


class Trial:
    """What Python says of everybody, and the table in which all it knows stands plainly."""

    def __init__(self, ctx: Context, rules: Sequence[Rule], region: dict[str, Any], today: date) -> None:
        self.ctx, self.rules, self.region, self.today = ctx, rules, region, today
        names = [name for name in names_asked(rules) if name in load_vocabulary()]
        typed = [Column(name, COLUMN_TYPES[load_vocabulary()[name].kind]()) for name in names]
        key = Column("id", String(26), primary_key=True)
        self.known = Table("known", MetaData(), key, *typed, prefixes=["TEMPORARY"])
        self.said: list[dict[str, Verdict]] = [{} for _ in rules]

    def look(self, told: Callable[[int], None] = lambda done: None) -> None:
        """Let Python decide every rule for everybody."""
        self.known.create(self.ctx.session.connection())
        people = select(col(PersonRow.id), col(PersonRow.birth_date), col(PersonRow.sex))
        found = self.ctx.session.execute(people.where(col(PersonRow.hub_id) == self.ctx.hub.id)).all()
        for chunk in _chunks(iter(found), CHUNK):
            held = peoples_facts(self.ctx, [row.id for row in chunk], rule_names())
            rows = [self._decide(row, {key: fact.value for key, fact in held[row.id].items()}) for row in chunk]
            self.ctx.session.connection().execute(insert(self.known), rows)
            told(len(chunk))

    def _decide(self, person: Any, held: dict[str, Any]) -> dict[str, Any]:
        facts = rule_facts(held | self.region, person, NOTHING_ASKED, {}, self.today)
        for said, rule in zip(self.said, self.rules, strict=True):
            said[person.id] = rule.decide(facts)
        names = [column.name for column in self.known.columns if column.name != "id"]
        vocabulary = load_vocabulary()
        return {"id": person.id} | {name: VALUE_OF[vocabulary[name].kind](facts.get(name)) for name in names}

    def compare(self, number: int) -> Agreement:
        """Let the database decide one rule for everybody, twice."""
        rule, said = self.rules[number], self.said[number]
        counts = {verdict: list(said.values()).count(verdict) for verdict in (True, False, None)}
        typed = {row.id: _truth(row[1]) for row in self.ctx.session.execute(self._typed(rule))}
        differ, looked_at, seen = 0, 0, 0
        for person_id, found, hidden in self.ctx.session.execute(self._filed(rule)):
            seen += 1
            looked_at += found is None and bool(hidden)
            differ += _truth(found) is not said[person_id] and not (found is None and hidden)
        differ += len(said) - seen
        apart = sum(typed.get(person_id, "") is not verdict for person_id, verdict in said.items())
        return Agreement(rule.text, counts[True], counts[False], counts[None], looked_at, apart, differ)

    def _typed(self, rule: Rule) -> Any:
        return select(self.known.c.id, to_sql(rule, lambda name: self.known.c[name]))

    def _filed(self, rule: Rule) -> Any:
        question = Question([rule], (), RuleColumns(self.region, self.today))
        query = select(col(PersonRow.id), question.verdict, question.hidden)
        return query.where(col(PersonRow.hub_id) == self.ctx.hub.id)


def _truth(value: Any) -> Verdict:
    return None if value is None else bool(value)
