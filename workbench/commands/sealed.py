"""Every sealed column of the installation, read as the bytes that lie in the database."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    LargeBinary,
    Select,
    Table,
    Update,
    bindparam,
    func,
    inspect,
    literal,
    select,
    tuple_,
    type_coerce,
    update,
)

from ..store.engine import Store
from ..store.types import Sealed
from ..tables import METADATA


@dataclass(frozen=True)
class SealedColumn:
    """One column whose values carry the name of the key that sealed them."""

    table: Table
    column: Column[Any]
    place: str

    @property
    def raw(self) -> ColumnElement[bytes]:
        """The value as it lies there."""
        return type_coerce(self.column, LargeBinary)

    def is_sealed_with(self, key: str) -> ColumnElement[bool]:
        """Compare the name in the envelope: its length in the second byte, then itself."""
        name = bytes((len(key),)) + key.encode()
        return func.substr(self.raw, 2, len(name), type_=LargeBinary) == literal(name, LargeBinary)

    def some(self) -> Select[Any]:
        """Ask for any one value."""
        return select(self.raw).where(self.column.is_not(None)).limit(1)

    def count(self, key: str) -> Select[Any]:
        """Ask how many values a key sealed."""
        return select(func.count()).select_from(self.table).where(self.is_sealed_with(key))

    def count_all(self) -> Select[Any]:
        """Ask how many values there are."""
        return select(func.count()).select_from(self.table).where(self.column.is_not(None))

    def others(self, key: str, after: Sequence[Any] | None, limit: int) -> Select[Any]:
        """Ask for rows that another key sealed, in the order of the primary key: the value, then the key columns."""
        primary = list(self.table.primary_key)
        query = select(self.raw, *primary).where(self.column.is_not(None), ~self.is_sealed_with(key))
        if after is not None:
            last = (literal(value, column.type) for value, column in zip(after, primary, strict=True))
            query = query.where(tuple_(*primary) > tuple_(*last))
        return query.order_by(*primary).limit(limit)

    def replace(self) -> Update:
        """Change one value if it is still the one that was read."""
        primary = [
            column == bindparam(f"key_{n}", type_=column.type) for n, column in enumerate(self.table.primary_key)
        ]
        unchanged = self.raw == bindparam("old", type_=LargeBinary)
        return update(self.table).where(*primary, unchanged).values({self.column: bindparam("new", type_=LargeBinary)})


def sealed_columns(store: Store | None = None) -> Iterator[SealedColumn]:
    """Give every sealed column the code knows; of a store, only those whose tables exist there."""
    tables: Mapping[str, Table] = METADATA.tables
    there = set(inspect(store.engine).get_table_names()) if store else set(tables)
    for table in tables.values():
        for column in table.columns:
            if isinstance(column.type, Sealed) and table.name in there:
                yield SealedColumn(table, column, column.type.place)
