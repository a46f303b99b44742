"""A million residents with five facts each, written as quickly as a database takes them: to measure, not to look at.

What is sealed, indexed blind or searched for is as the product writes it; families, papers and stories are left out.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from random import Random
from typing import Any

from sqlalchemy import Index, inspect
from sqlmodel import SQLModel

from ..demo.naming import GIVEN, SURNAMES
from ..people import id_number, phone
from ..people.blind_keys import id_key, phone_key
from ..people.facts import FactInput, Rank, fact_row
from ..people.id_number import check_character
from ..people.models import FactRow, PersonKeyRow, PersonRow
from ..people.names import name_keys
from ..store.bulk import bulk_insert
from ..store.crypto import KeyRing
from ..store.engine import Store
from ..store.ids import new_id

BATCH = 20_000
TABLES: tuple[type[SQLModel], ...] = (PersonRow, PersonKeyRow, FactRow)
OLDEST = date(1926, 1, 1)
FACTS_EACH = 5


class Crowd:
    """Makes residents of one hub, the same for the same seed."""

    def __init__(self, keys: KeyRing, hub_id: str, today: date, seed: int = 20260101) -> None:
        self._keys, self._hub_id, self._today = keys, hub_id, today
        self._random = Random(seed)  # noqa: S311 - the same every time
        self._days = (today - OLDEST).days
        self._now = datetime(today.year, today.month, today.day, 4, tzinfo=UTC)
        self._number = 0

    def make(self) -> tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]:
        """Give one person, the keys of the name, and the facts."""
        self._number += 1
        number, chance = self._number, self._random
        birth = self._today - timedelta(days=int(chance.triangular(0, self._days, self._days * 0.35)))
        sex = "12"[number % 2]
        age = "old" if birth.year < 1962 else "middle" if birth.year < 1996 else "young"
        given = GIVEN[age][sex]
        name = chance.choice(SURNAMES) + "".join(chance.choice(given) for _ in range(chance.choice((1, 2, 2, 2))))
        # Nobody's: a division that does not exist, a sequence from 900.
        first17 = f"9901{number // 100 % 100:02d}{birth:%Y%m%d}{900 + number % 100:03d}"
        id_no, phone_no = first17 + check_character(first17), f"154{number:08d}"
        person: dict[str, Any] = {
            "id": new_id(),
            "hub_id": self._hub_id,
            "name": name,
            "sex": sex,
            "birth_date": birth,
            "id_no": id_no,
            "id_index": id_key(self._keys, "111", f"{id_no}") if self._is_new(id_no) else None,
            "id_masked": id_number.mask(id_no),
            "phone": phone_no,
            "phone_index": phone_key(self._keys, phone_no),
            "phone_masked": phone.mask(phone_no),
            "created_at": self._now,
            "updated_at": self._now,
        }
        searched = [{"key": key, "person_id": person["id"], "hub_id": self._hub_id} for key in keys_of(name)]
        return person, searched, [self._fact(person["id"], *one) for one in self._known(birth)]

    def _is_new(self, id_no: str) -> bool:
        """Two in a million may get the same number; the second stays without an index."""
        seen = self.__dict__.setdefault("_seen", set())
        known = len(seen)
        seen.add(hash(id_no))
        return len(seen) > known

    def _known(self, birth: date) -> Iterator[tuple[str, Any]]:
        chance, age = self._random, (self._today - birth).days // 365
        yield "hukou.local", chance.random() < 0.8
        yield "hukou.kind", chance.choice(("rural", "urban"))
        yield "pension.receiving", age >= 60 and chance.random() < 0.7
        yield "resident_pension.paid_years", min(max(age - 20, 0), 15 + chance.randrange(3))
        yield "dibao.active", chance.random() < 0.03

    def _fact(self, person_id: str, key: str, value: Any) -> dict[str, Any]:
        rank: Rank = "department" if self._random.random() < 0.9 else "word"
        as_of = self._today - timedelta(days=self._random.randrange(600))
        source = "公安局" if rank == "department" else "本人"
        return fact_row(person_id, FactInput(key, value, rank, source, as_of), self._now, "system", purpose="bench")


@lru_cache(maxsize=200_000)
def keys_of(name: str) -> tuple[str, ...]:
    """Give the search keys of a name; most names are many people's."""
    return tuple(sorted(name_keys(name)))


def fill_crowd(store: Store, crowd: Crowd, count: int, told: Callable[[int], None] = lambda done: None) -> None:
    """Write so many residents into empty tables; what finds them is built at the end, which is much quicker."""
    indexes = [index for table in TABLES for index in inspect(table).local_table.indexes]
    _each(store, indexes, "drop")
    for start in range(0, count, BATCH):
        made = [crowd.make() for _ in range(min(BATCH, count - start))]
        with store.write() as session:
            bulk_insert(session, PersonRow, [person for person, _, _ in made])
            bulk_insert(session, PersonKeyRow, [key for _, keys, _ in made for key in keys])
            bulk_insert(session, FactRow, [fact for _, _, facts in made for fact in facts])
        told(len(made))
    _each(store, indexes, "create")
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def _each(store: Store, indexes: list[Index], what: str) -> None:
    for index in indexes:
        with store.write() as session:
            getattr(index, what)(session.connection())
