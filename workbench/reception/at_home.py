"""Who lives with the applicant, as forms ask for them: rows of members, the spouse, the adults who must consent.

A row joins three things: who is in the household today, what that person's own file says, and what was
answered last time. So a birth adds a row, a death or a move takes one away, and no cell is typed again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select
from sqlmodel import col

from ..api.nouns import Fact
from ..people.facts import choose, read_histories
from ..people.households import HEAD
from ..people.models import MemberRow, PersonRow
from ..people.view import age_on
from ..store.context import Context
from ..store.rows import prepare, run

SPOUSES = ("10", "11", "12")
ADULT = 18
SOURCE = "户籍（同户成员）"
#: Column of the members' table -> fact on the member's own file.
OWN_FACTS = {"member_health": "person.health_status", "member_employment": "person.employment_status"}
DISABILITY = ("disability.category", "disability.level")
WANTED = frozenset({*OWN_FACTS.values(), *DISABILITY})
#: What forms ask that can come from here.
KEYS = frozenset({"household_members", "authorize_members", "spouse_name", "spouse_id_no"})
_COLUMNS = (PersonRow.id, PersonRow.name, PersonRow.id_no, PersonRow.birth_date, PersonRow.status)
_EVERYBODY = prepare(
    select(*(col(column) for column in _COLUMNS), col(MemberRow.relation), col(MemberRow.until))
    .join(MemberRow, col(MemberRow.person_id) == col(PersonRow.id))
    .where(col(MemberRow.household_id) == bindparam("household"))
    .order_by(col(MemberRow.relation) != HEAD, col(MemberRow.relation), col(PersonRow.birth_date), col(PersonRow.id))
)
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class AtHome:
    """One member, with the facts of their own file that the table of members asks for."""

    person_id: str
    name: str
    id_no: str | None
    birth_date: date | None
    status: str
    relation: str
    until: date | None
    facts: Mapping[str, Fact] = field(default_factory=dict)

    @property
    def lives_here(self) -> bool:
        return self.until is None and self.status != "dead"


@dataclass(frozen=True, slots=True)
class Home:
    """The applicant's household; `gone` left it, moved away or died."""

    own: AtHome | None = None
    others: tuple[AtHome, ...] = ()
    gone: tuple[AtHome, ...] = ()


def read_home(ctx: Context, person: PersonRow) -> Home:
    """Read the household of a person with what its members' files say. Two queries, none without a household."""
    if not person.household_id:
        return Home()
    found = [AtHome(*row) for row in run(ctx.session, _EVERYBODY, household=person.household_id)]
    here = [one.person_id for one in found if one.lives_here and one.person_id != person.id]
    histories = read_histories(ctx.session, here, WANTED) if here else {}
    members = [_with_facts(one, histories) for one in found]
    return Home(
        own=next((one for one in members if one.person_id == person.id), None),
        others=tuple(one for one in members if one.lives_here and one.person_id != person.id),
        gone=tuple(one for one in members if not one.lives_here),
    )


def _with_facts(one: AtHome, histories: Mapping[str, Any]) -> AtHome:
    facts = choose(histories.get(one.person_id, {}))
    values = (one.person_id, one.name, one.id_no, one.birth_date, one.status, one.relation, one.until)
    return AtHome(*values, facts)


def member_rows(home: Home, told: Fact | None) -> list[Row]:
    """Give the rows of the table of members: who is there today, each cell known, those told last time beside them."""
    before = list(told.value) if told and isinstance(told.value, list) else []
    rows = [_row(other, home, _match(other, before), told) for other in home.others]
    known = [*home.others, *home.gone, *([home.own] if home.own else [])]
    return rows + [dict(row) for row in before if not any(_is_same(one, row) for one in known)]


def consenting(home: Home, today: date) -> list[Row]:
    """Give the adults of a household whose consent a means check needs, to sign each for themselves."""
    everybody = [*([home.own] if home.own else []), *home.others]
    adults = [one for one in everybody if (age_on(one.birth_date, today) or ADULT) >= ADULT]
    return [{"member_name": one.name, "member_id_no": one.id_no, "signature": None} for one in adults]


def spouse_of(home: Home) -> AtHome | None:
    """Give the spouse of the applicant, where the relations to the head tell."""
    own = home.own.relation if home.own else ""
    return next((other for other in home.others if _are_married(own, other.relation)), None)


def _row(other: AtHome, home: Home, before: Row, told: Fact | None) -> Row:
    row = {"member_name": other.name, "member_id_no": other.id_no, "member_relation": _relation(other, home)}
    row = {**before, **{key: value for key, value in row.items() if value is not None}}
    since = (told.as_of or told.recorded_at.date()) if told else date.min
    for column, (value, as_of) in _own_cells(other).items():
        if row.get(column) in (None, "") or as_of >= since:
            row[column] = value
    return {"member_name": None, "member_id_no": None, "member_relation": None} | row


def _own_cells(other: AtHome) -> dict[str, tuple[Any, date]]:
    cells = {c: other.facts[key] for c, key in OWN_FACTS.items() if key in other.facts and other.facts[key].value}
    found = {column: (fact.value, _day(fact)) for column, fact in cells.items()}
    category, level = (other.facts.get(key) for key in DISABILITY)
    if category and level and category.value and level.value:
        found["member_disability"] = (f"{category.value}{level.value}", min(_day(category), _day(level)))
    return found


def _relation(other: AtHome, home: Home) -> str | None:
    """A relation to the head is the relation to the applicant only where the applicant is the head."""
    own = home.own.relation if home.own else ""
    return other.relation if own == HEAD else "10" if _are_married(own, other.relation) else None


def _match(one: AtHome, rows: Iterable[Row]) -> Row:
    return next((dict(row) for row in rows if _is_same(one, row)), {})


def _is_same(one: AtHome, row: Row) -> bool:
    number = row.get("member_id_no")
    return number == one.id_no if number and one.id_no else row.get("member_name") == one.name


def _are_married(one: str, other: str) -> bool:
    return (one == HEAD and other in SPOUSES) or (other == HEAD and one in SPOUSES)


def _day(fact: Fact) -> date:
    return fact.as_of or fact.recorded_at.date()
