"""What the figures of the meter mean: the formula, with its constants from meter.toml."""

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Constants:
    """What the formula takes for granted."""

    seconds_per_field: float
    longest_sheet_seconds: int


@cache
def constants() -> Constants:
    """Read the constants once."""
    return Constants(**tomllib.loads(Path(__file__).with_name("meter.toml").read_text("utf-8")))


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over some items and months."""

    cases: int = 0
    fields: int = 0
    by_hand: int = 0
    filled: int = 0
    typed: int = 0
    sheets: int = 0
    retyped: int = 0
    retyping_seconds: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    @property
    def saved(self) -> int:
        """Entries nobody had to make; never less than none."""
        return max(self.by_hand - self.typed - self.retyped, 0)

    @property
    def minutes(self) -> int:
        """Minutes saved by the formula."""
        return round(self.saved * constants().seconds_per_field / 60)

    @property
    def filled_percent(self) -> int:
        """Share of the fields that was filled by data."""
        return round(100 * self.filled / self.fields) if self.fields else 0

    @property
    def measured_seconds(self) -> float:
        """Seconds per field as they were measured at re-keying sheets; 0 where there were none."""
        return round(self.retyping_seconds / self.retyped, 1) if self.retyped else 0.0


def sums_of(row: Any) -> Sums:
    """Take the sums of a row that has them."""
    return Sums(*(int(getattr(row, one.name) or 0) for one in fields(Sums)))
