"""Invented residents on whom rules are tried: much is not known, sources differ, some values are oddly written.

They are no demonstration: values lie where rules turn, and nothing about one person fits together.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from ..people.facts import FactInput, Rank, fact_row
from ..rules.vocabulary import FactName, load_vocabulary
from ..store.ids import new_id

#: Numbers and days on either side of what the rules of the catalogue ask.
SMALL = (0, 1, 2, 3, 4, 5, 6, 9, 12, 13, 14, 15, 16, 17, 18, 19, 40, 49, 50, 55, 59, 60, 61, 79, 80, 90, 2025, 2026)
MONEY = (0, 1, 80_999, 81_000, 81_001, 121_499, 121_500, 971_999, 972_000, 4_500_000, 10_000_000)
DAYS = ("1932-12-31", "1933-01-01", "1965-05-06", "2015-12-31", "2016-01-01", "2024-02-29", "2012-11-26", "2012-11-27")
#: Values that are not of the kind asked for, or written as nobody should.
ODD = (None, "", "else", "ja", True, False, -1, 0.5, 14.999, 1e300, 10**18, "80", " 8 ", "８", '"quoted"', "2023-02-30",
       "1970-1-2 0.0.0.0", [1], {"a": 1})  # fmt: skip
BIRTHS = (date(1930, 3, 5), date(1946, 2, 28), date(1946, 11, 26), date(1946, 11, 27), date(1964, 2, 29),
          date(1966, 7, 31), date(1971, 1, 1), date(1976, 8, 31), date(2008, 11, 26), date(2010, 11, 27),
          date(2024, 2, 29), date(2099, 1, 1), None)  # fmt: skip
#: The row of a person, and the rows of what is on file.
Stranger = tuple[dict[str, Any], list[dict[str, Any]]]
SOURCES: tuple[tuple[Rank, str], ...] = (("department", "民政局"), ("department", "公安局"), ("document", "户口簿"),
                                         ("word", "本人"))  # fmt: skip


class Strangers:
    """Makes residents of one hub, the same for the same seed."""

    def __init__(self, hub_id: str, names: Iterable[str], today: date, seed: int) -> None:
        self._hub_id, self._today = hub_id, today
        self._names = [name for name in sorted(names) if name != "today"]
        self._vocabulary: Mapping[str, FactName] = load_vocabulary()
        self._random = Random(seed)  # noqa: S311 - the same every time

    def make(self, count: int) -> Iterator[Stranger]:
        """Give the rows of so many persons, each with the rows of what is on file."""
        for _ in range(count):
            person = self._person()
            yield person, self._facts(person["id"])

    def _person(self) -> dict[str, Any]:
        now = self._moment(0)
        birth = self._random.choice(BIRTHS)
        if birth and self._random.random() < 0.8:
            birth += timedelta(days=self._random.randrange(-12_000, 12_000))
        return {
            "id": new_id(),
            "hub_id": self._hub_id,
            "name": "测试",
            "sex": self._random.choice("0112229"),
            "birth_date": birth,
            "status": "active",
            "created_at": now,
            "updated_at": now,
        }

    def _facts(self, person_id: str) -> list[dict[str, Any]]:
        """Some people are well known, some hardly."""
        known = self._random.choice((0.2, 0.6, 0.95, 1.0))
        rows = []
        for name in self._names:
            if self._random.random() < known:
                for _ in range(self._random.choice((1, 1, 1, 1, 2, 3))):
                    rows.append(self._fact(person_id, name))
        self._random.shuffle(rows)
        return rows

    def _fact(self, person_id: str, name: str) -> dict[str, Any]:
        rank, source = self._random.choice(SOURCES)
        as_of = self._today - timedelta(days=self._random.choice((0, 0, 1, 30, 400)))
        fact = FactInput(
            name,
            self._random.choice(ODD) if self._random.random() < 0.04 else self._value(name),
            rank,
            source,
            None if self._random.random() < 0.3 else as_of,
            settles=self._random.random() < 0.02,
        )
        return fact_row(person_id, fact, self._moment(self._random.choice((0, 0, 1, 400))), "system")

    def _moment(self, days: int) -> datetime:
        # Late in the evening it is tomorrow already at the hub.
        clock = self._random.choice((3, 15, 16, 20))
        return datetime(self._today.year, self._today.month, self._today.day, clock, tzinfo=UTC) - timedelta(days=days)

    def _value(self, name: str) -> Any:
        fact = self._vocabulary.get(name)
        kind = fact.kind if fact else "date"
        if kind == "bool":
            return self._random.random() < 0.7
        if kind == "date":
            return self._random.choice(DAYS)
        if kind == "text":
            return self._random.choice([option.value for option in fact.options] if fact and fact.options else ["1"])
        if fact and fact.is_money:
            return self._random.choice(MONEY)
        number = self._random.choice(SMALL)
        return str(number) if self._random.random() < 0.2 else number
