"""Do a database and Python say the same of every rule, for everybody, unknowns included?

Two proofs on the same invented residents. *Typed*: everything Python knows stands in one table of plain columns; the
verdicts must be equal. *Filed*: facts lie as the product keeps them (sealed, contested, oddly written); a database may
say "unknown" only where nothing is known, or where it says that Python has to look.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import astuple, dataclass
from datetime import date
from itertools import islice
from typing import Any

from sqlalchemy import Boolean, Column, Date, Float, MetaData, String, Table, select
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
from ..store.bulk import bulk_insert, write_rows
from ..store.context import Context
from .strangers import Stranger, Strangers

#: People whose facts are read at once, and who are tried in one transaction.
CHUNK, BLOCK = 1000, 5000
COLUMN_TYPES = {"bool": Boolean, "number": Float, "text": String, "date": Date}


@dataclass(frozen=True, slots=True)
class Agreement:
    """How one rule fared: people by Python's verdict, how many only Python could tell, how many differ."""

    text: str
    yes: int = 0
    no: int = 0
    unknown: int = 0
    looked_at: int = 0
    differ_typed: int = 0
    differ_filed: int = 0

    def plus(self, other: "Agreement") -> "Agreement":
        """Add how it fared with other people."""
        mine, more = astuple(self)[1:], astuple(other)[1:]
        return Agreement(self.text, *(one + another for one, another in zip(mine, more, strict=True)))

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


def file_strangers(ctx: Context, rules: Sequence[Rule], count: int, seed: int, today: date) -> list[str]:
    """Write so many invented residents of the hub; gives their ids, which rise."""
    strangers = Strangers(ctx.hub.id, names_asked(rules), today, seed).make(count)
    return _file(ctx, list(strangers))


def _file(ctx: Context, people: Sequence[Stranger]) -> list[str]:
    ids = [person["id"] for person, _facts in people]
    bulk_insert(ctx.session, PersonRow, [person for person, _facts in people])
    for some in _chunks(people, CHUNK):
        bulk_insert(ctx.session, FactRow, [fact for _person, found in some for fact in found])
        _withdraw_some(ctx, [person["id"] for person, _facts in some])
    return ids


def _withdraw_some(ctx: Context, people: Sequence[str]) -> None:
    """Take one fact of forty back, as an import is taken back."""
    names = ("person_id", "key", "rank", "source", "as_of", "recorded_at", "recorded_by")
    query = select(col(FactRow.id), *(col(getattr(FactRow, name)) for name in names))
    query = query.where(col(FactRow.person_id).in_(people), col(FactRow.id) % 40 == 7)
    found = ctx.session.connection().execute(query)
    taken = [dict(zip(names, rest, strict=True)) | {"withdraws": one} for one, *rest in found]
    bulk_insert(ctx.session, FactRow, [row | {"value": "null", "purpose": "withdraw"} for row in taken])


def _chunks(found: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    return (found[start : start + size] for start in range(0, len(found), size))


def agreements(
    acting: Callable[[], AbstractContextManager[Context]],
    rules: Sequence[Rule],
    region: dict[str, Any],
    strangers: Iterator[Stranger],
    today: date,
    told: Callable[[int], None] = lambda done: None,
) -> list[Agreement]:
    """Try the rules on all these strangers, some thousands to a transaction; memory does not grow with their number."""
    sums = [Agreement(rule.text) for rule in rules]
    while people := list(islice(strangers, BLOCK)):
        with acting() as ctx:
            ids = _file(ctx, people)
        with acting() as ctx:
            sums = [one.plus(other) for one, other in zip(sums, try_all(ctx, rules, region, today, ids), strict=True)]
        told(len(people))
    return sums


def try_all(
    ctx: Context, rules: Sequence[Rule], region: dict[str, Any], today: date, ids: Sequence[str]
) -> list[Agreement]:
    """Try every rule on these people, who are all that were written between the first and the last."""
    trial = Trial(ctx, rules, region, today, ids)
    trial.look()
    found = [trial.compare(number) for number in range(len(rules))]
    trial.known.drop(ctx.session.connection())
    return found


class Trial:
    """What Python says of some people, and the table in which all it knows stands plainly."""

    def __init__(
        self, ctx: Context, rules: Sequence[Rule], region: dict[str, Any], today: date, ids: Sequence[str]
    ) -> None:
        self.ctx, self.rules, self.region, self.today, self.ids = ctx, rules, region, today, ids
        self.people = (col(PersonRow.hub_id) == ctx.hub.id) & col(PersonRow.id).between(ids[0], ids[-1])
        names = [name for name in names_asked(rules) if name in load_vocabulary()]
        typed = [Column(name, COLUMN_TYPES[load_vocabulary()[name].kind]()) for name in names]
        key = Column("id", String(26), primary_key=True)
        self.known = Table("known", MetaData(), key, *typed, prefixes=["TEMPORARY"])
        self.kinds = [(name, VALUE_OF[load_vocabulary()[name].kind]) for name in names]
        self.said: list[dict[str, Verdict]] = [{} for _ in rules]

    def look(self) -> None:
        """Let Python decide every rule for everybody."""
        connection = self.ctx.session.connection()
        self.known.create(connection)
        people = select(col(PersonRow.id), col(PersonRow.birth_date), col(PersonRow.sex)).where(self.people)
        found = connection.execute(people).all()
        for some in _chunks(found, CHUNK):
            held = peoples_facts(self.ctx, [row.id for row in some], rule_names())
            rows = [self._decide(row, {key: fact.value for key, fact in held[row.id].items()}) for row in some]
            write_rows(connection, self.known, rows)

    def _decide(self, person: Any, held: dict[str, Any]) -> dict[str, Any]:
        facts = rule_facts(held | self.region, person, NOTHING_ASKED, {}, self.today)
        for said, rule in zip(self.said, self.rules, strict=True):
            said[person.id] = rule.decide(facts)
        return {"id": person.id} | {name: value_of(facts.get(name)) for name, value_of in self.kinds}

    def compare(self, number: int) -> Agreement:
        """Let the database decide one rule for everybody, twice."""
        rule, said = self.rules[number], self.said[number]
        counts, connection = Counter(said.values()), self.ctx.session.connection()
        typed = {key: _truth(found) for key, found in connection.execute(self._typed(rule))}
        differ, looked_at, seen = 0, 0, 0
        for person_id, found, hidden in connection.execute(self._filed(rule)):
            seen += 1
            looked_at += found is None and bool(hidden)
            differ += _truth(found) is not said[person_id] and not (found is None and hidden)
        differ += len(self.ids) - seen
        apart = sum(typed.get(person_id, "") is not said[person_id] for person_id in self.ids)
        return Agreement(rule.text, counts[True], counts[False], counts[None], looked_at, apart, differ)

    def _typed(self, rule: Rule) -> Any:
        return select(self.known.c.id, to_sql(rule, lambda name: self.known.c[name]))

    def _filed(self, rule: Rule) -> Any:
        question = Question([rule], (), RuleColumns(self.region, self.today))
        return select(col(PersonRow.id), question.verdict, question.hidden).where(self.people)


def _truth(value: Any) -> Verdict:
    return None if value is None else bool(value)
