"""Residents to whom the demonstration's cases belong: read with all that is known of them, a few hundred at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from ..people.facts import History, choose, read_histories
from ..people.models import PersonRow
from ..people.view import age_on
from .chance import Chance
from .story import NAMES

#: Residents of one hub held at a time.
SIZE = 400
TRIES = 60


@dataclass(frozen=True, slots=True)
class Known:
    """One resident with what is on file."""

    person: PersonRow
    history: History
    facts: dict[str, Any]
    age: int

    @property
    def is_disabled(self) -> bool:
        return self.facts.get("disability.holder") is True


def _of_age(low: int, high: int) -> Callable[[Known], bool]:
    return lambda known: low <= known.age <= high


def _is_disabled(known: Known) -> bool:
    return known.is_disabled


#: Beginning of an item's code -> whose matter it is; the longest that fits counts.
WHOSE: dict[str, Callable[[Known], bool]] = {
    "": _of_age(18, 100),
    **dict.fromkeys(("MZ-004", "MZ-005", "MZ-012", "MZ-015"), _of_age(70, 110)),
    **dict.fromkeys(("MZ-006", "MZ-007", "CL-011"), _of_age(3, 17)),
    **dict.fromkeys(("MZ-010", "MZ-011", "CL"), _is_disabled),
    "WJ": _of_age(50, 80),
    **dict.fromkeys(("WJ-001", "WJ-009", "WJ-010", "WJ-014"), _of_age(21, 45)),
    "RS": _of_age(18, 60),
    **dict.fromkeys(("RS-008", "RS-009", "RS-012", "RS-016"), _of_age(60, 100)),
}


class Pool:
    """Gives residents fit for a matter; those of the story are left alone while there are others."""

    def __init__(self, session: Session, chance: Chance, today: date) -> None:
        self._session, self._chance, self._today = session, chance, today
        self._ids = self._read_ids()
        self._known: dict[str, list[Known]] = {}

    def _read_ids(self) -> dict[str, list[str]]:
        query = select(PersonRow.id, PersonRow.hub_id, PersonRow.name).where(col(PersonRow.id_index).is_not(None))
        rows = self._session.exec(query.where(PersonRow.status == "active").order_by(col(PersonRow.id))).all()
        found: dict[str, list[str]] = {}
        for person_id, hub_id, _ in [row for row in rows if row[2] not in NAMES] + [r for r in rows if r[2] in NAMES]:
            found.setdefault(hub_id, []).append(person_id)
        story = {person_id for person_id, _, name in rows if name in NAMES}
        return {hub_id: [one for one in ids if one not in story] or ids for hub_id, ids in found.items()}

    def refill(self) -> None:
        """Read other residents of every hub."""
        self._known = {hub_id: self._read(ids) for hub_id, ids in self._ids.items()}

    def _read(self, ids: list[str]) -> list[Known]:
        start = self._chance.number(0, max(len(ids) - SIZE, 0))
        some = ids[start : start + SIZE]
        histories = read_histories(self._session, some)
        people = self._session.exec(select(PersonRow).where(col(PersonRow.id).in_(some)).order_by(col(PersonRow.id)))
        return [self._know(person, histories.get(person.id, {})) for person in people]

    def _know(self, person: PersonRow, history: History) -> Known:
        facts = {key: fact.value for key, fact in choose(history).items()}
        return Known(person, history, facts, age_on(person.birth_date, self._today) or 0)

    def draw(self, hub_id: str, item_code: str) -> Known:
        """Take a resident whose matter this item may be, else any."""
        people = self._known[hub_id]
        fits = WHOSE[max((start for start in WHOSE if item_code.startswith(start)), key=len)]
        drawn = (self._chance.one_of(people) for _ in range(TRIES))
        return next((known for known in drawn if fits(known)), None) or next(filter(fits, people), people[0])
