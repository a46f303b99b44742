"""What the rules of an item may know of everybody at once, as SQL: the counterpart of `rule_facts` without a form.

A rule compiled over these columns says true or false only where Python says the same; NULL where a fact is not
known, or hidden from a database (sealed, settled, oddly written). `hidden` tells the two apart, so that Python looks
at those people alone. What is sealed stays sealed: nothing is copied for the sake of rules.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    Float,
    String,
    and_,
    case,
    cast,
    false,
    func,
    inspect,
    literal,
    not_,
    null,
    or_,
    true,
)

from ..people.fact_columns import fact_column, hidden_column, is_recorded
from ..people.models import PersonRow
from ..rules.born import age_column, retired_column
from ..rules.derive import AGES
from ..rules.evaluate import Rule, make_rule
from ..rules.kinds import VALUE_OF
from ..rules.retirement import FEMALE
from ..rules.sql import to_sql
from ..rules.tree import And
from ..rules.vocabulary import Kind, load_vocabulary
from .rule_facts import CHILD_UNTIL, OF_THE_PERSON, as_kind

PERSON: Any = inspect(PersonRow).local_table
ORIGINAL, REACHED = "person.original_retirement_age", "person.retirement_reached"
TYPES: Mapping[Kind, Any] = {"bool": Boolean(), "number": Float(), "text": String(), "date": Date()}
BIRTH_OF = {age: birth for birth, age in AGES.items()}


def names_needed(names: Iterable[str]) -> frozenset[str]:
    """Give the facts these names are read from or worked out from."""
    below = {REACHED: ORIGINAL, "person.retirement_age": ORIGINAL, **BIRTH_OF}
    asked = frozenset(names)
    return asked | {below[name] for name in asked if name in below}


class RuleColumns:
    """Gives the column of each name, for people of one place on one day."""

    def __init__(self, region: Mapping[str, Any], today: date) -> None:
        self._region, self._today = region, today
        self._person: ColumnElement[str] = PERSON.c.id
        self._sex: ColumnElement[str] = PERSON.c.sex
        self._birth: ColumnElement[Any] = case((PERSON.c.birth_date <= today, PERSON.c.birth_date))

    def __call__(self, name: str) -> ColumnElement[Any]:
        """Give what is known; NULL is unknown."""
        if name in OF_THE_PERSON:
            return self._of_the_person(name)
        if name in self._region:
            return self._of_the_place(name)
        held = fact_column(self._person, name, _kind(name))
        derived = self._derived(name)
        return held if derived is None else func.coalesce(held, case((not_(self._is_held(name)), derived)))

    def hidden(self, names: Iterable[str]) -> ColumnElement[bool]:
        """Tell whether Python may know more of any of these names."""
        found = [self._is_hidden(name) for name in dict.fromkeys(names) if not self._is_plain(name)]
        return or_(false(), *found)

    def _is_plain(self, name: str) -> bool:
        return name in OF_THE_PERSON or name in self._region

    def _is_hidden(self, name: str) -> ColumnElement[bool]:
        if name == "person.retirement_age":  # worked out to the month, by Python alone
            return true()
        own = hidden_column(self._person, name, _kind(name))
        below = {REACHED: ORIGINAL, **BIRTH_OF}.get(name)
        return or_(own, hidden_column(self._person, below, _kind(below))) if below else own

    def _is_held(self, name: str) -> ColumnElement[bool]:
        return is_recorded(self._person, name)

    def _of_the_person(self, name: str) -> ColumnElement[Any]:
        found: dict[str, ColumnElement[Any]] = {
            "today": literal(self._today, Date),
            "birth_date": self._birth,
            "sex": case((self._sex != "", self._sex)),
            "age": age_column(self._birth, self._today),
        }
        return found[name]

    def _of_the_place(self, name: str) -> ColumnElement[Any]:
        kind = _kind(name)
        value = VALUE_OF[kind](as_kind(name, self._region[name]))
        return cast(null(), TYPES[kind]) if value is None else literal(value, TYPES[kind])

    def _derived(self, name: str) -> ColumnElement[Any] | None:
        if birth := BIRTH_OF.get(name):
            return age_column(fact_column(self._person, birth, "date"), self._today)
        match name:
            case "spouse_or_self.female_age":
                return case((self._sex == FEMALE, age_column(self._birth, self._today)))
            case "person.retirement_reached":
                original = fact_column(self._person, ORIGINAL, "number")
                told = retired_column(self._birth, self._sex, original, self._today)
                return case((not_(hidden_column(self._person, ORIGINAL, "number")), told))
            case "agent.present":
                return false()
            case "guardian.present":
                return func.coalesce(age_column(self._birth, self._today) < CHILD_UNTIL, false())
        return None


class Question:
    """What an item's rules and exclusions ask, compiled: its verdict, and who has to be looked at one by one."""

    def __init__(self, rules: Iterable[Rule], exclusions: Iterable[Rule], columns: RuleColumns) -> None:
        parts = [(part, True) for rule in rules for part in _parts(rule)] + [(rule, False) for rule in exclusions]
        self.names = tuple(dict.fromkeys(name for part, _wanted in parts for name in part.names))
        #: The facts Python has to read to decide it.
        self.keys = names_needed(self.names) - OF_THE_PERSON
        said = [(to_sql(part, columns), wanted, columns.hidden(part.names)) for part, wanted in parts]
        self._said = [(one if wanted else not_(one), hidden) for one, wanted, hidden in said]
        #: True, false or NULL as far as a database can tell.
        self.verdict: ColumnElement[bool] = and_(true(), *(one for one, _hidden in self._said))
        #: Whether Python may know more.
        self.hidden: ColumnElement[bool] = columns.hidden(self.names)

    @property
    def holds(self) -> ColumnElement[bool]:
        """It certainly holds."""
        return func.coalesce(self.verdict, false())

    @property
    def fails(self) -> ColumnElement[bool]:
        """It certainly does not hold."""
        return not_(func.coalesce(self.verdict, true()))

    @property
    def may_hold(self) -> ColumnElement[bool]:
        """It holds, or Python has to look; decided part by part, so that most people cost one look each."""
        return and_(true(), *(func.coalesce(one, hidden) for one, hidden in self._said))

    @property
    def may_fail(self) -> ColumnElement[bool]:
        """It certainly does not hold, or Python has to look."""
        return not_(func.coalesce(self.verdict, not_(self.hidden)))


def _parts(rule: Rule) -> list[Rule]:
    """Take a rule that is an `and` apart: each part can rule somebody out alone."""
    if not isinstance(rule.tree, And):
        return [rule]
    return [make_rule(rule.text, part) for part in rule.tree.operands]


def _kind(name: str) -> Kind:
    fact = load_vocabulary().get(name)
    return fact.kind if fact else "date"
