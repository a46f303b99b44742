"""How much of a form is filled before anybody types.

Counted is what a worker would have to fill on this form: the fields of sections whose condition is not
false, signatures and consents with them, and in a table every cell of every row. What nobody types is
not counted: values worked out, and pictures taken as materials. A field counts as filled only when all
its cells are; of the two shares, by field and by cell, the lower one counts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..catalogue.form import Form, FormField
from .check_form import Facts, asked_sections, is_asked
from .prefill import Prefilled

NOT_TYPED = ("derived", "image")
EMPTY: tuple[Any, ...] = (None, "", [], {})


@dataclass(frozen=True, slots=True)
class Coverage:
    """The cells of one form, "field" or "field.column": all, those that stay empty; fields older than they may be."""

    cells: tuple[str, ...]
    empty: tuple[str, ...]
    stale: tuple[str, ...]

    @property
    def fields(self) -> frozenset[str]:
        """Give the fields somebody has to fill."""
        return frozenset(map(_field, self.cells))

    @property
    def unfilled(self) -> frozenset[str]:
        """Give the fields of which something is still to be filled."""
        return frozenset(map(_field, self.empty))

    @property
    def percent(self) -> float:
        """Give the share that is filled."""
        return min(_share(len(self.empty), len(self.cells)), _share(len(self.unfilled), len(self.fields)))


def _field(cell: str) -> str:
    return cell.partition(".")[0]


def _share(empty: int, of: int) -> float:
    return round(100 * (of - empty) / of, 1) if of else 100.0


def measure(form: Form, facts: Facts, filled: Prefilled) -> Coverage:
    """Count the cells of a form as it is opened."""
    cells = [cell for asked in asked_fields(form, facts) for cell in _cells(asked, filled.values)]
    stale = [key for key, origin in filled.origins.items() if origin.get("is_stale")]
    return Coverage(
        tuple(name for name, _ in cells), tuple(name for name, value in cells if value in EMPTY), tuple(stale)
    )


def asked_fields(form: Form, facts: Facts) -> Iterator[FormField]:
    """Give the fields somebody has to fill."""
    for section, _ in asked_sections(form, facts):
        for asked in section.fields:
            if asked.type not in NOT_TYPED and is_asked(asked.when, facts) is not False:
                yield asked


def _cells(asked: FormField, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    value = values.get(asked.key)
    if asked.type != "table":
        yield asked.key, value
        return
    rows = value if isinstance(value, list) and value else [{}]
    for row in rows:
        for column in asked.columns:
            if column.type not in NOT_TYPED:
                yield f"{asked.key}.{column.key}", row.get(column.key)
