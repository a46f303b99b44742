"""Chance that comes out the same from the same seed: ids, choices, days."""

import random
from collections.abc import Sequence
from datetime import date
from typing import TypeVar

from ..store.ids import ALPHABET

T = TypeVar("T")
EPOCH = 1_767_225_600_000  # 2026-01-01 in milliseconds


class Chance:
    """One stream of chance. Nothing here is secret: it must come out the same on every machine."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - demonstration data, not a secret
        self._count = 0
        self.share = self._random.random

    def one_of(self, things: Sequence[T]) -> T:
        """Take one of several."""
        return things[int(self.share() * len(things))]

    def number(self, low: int, high: int) -> int:
        """Take a whole number from low to high, both included."""
        return low + int(self.share() * (high - low + 1))

    def happens(self, probability: float) -> bool:
        """Tell whether something of this probability happens."""
        return self.share() < probability

    def day_in(self, year: int) -> date:
        """Take a day of a year."""
        return date.fromordinal(date(year, 1, 1).toordinal() + int(self.share() * 365))

    def new_id(self) -> str:
        """Make the next id: the shape of a ULID, in rising order."""
        self._count += 1
        number = ((EPOCH + self._count) << 80) | self._random.getrandbits(80)
        return "".join([ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5)])


class Steady(Chance):
    """Chance without surprises: what is likely happens, what is not does not."""

    def __init__(self) -> None:
        super().__init__(0)
        self.share = lambda: 0.5
