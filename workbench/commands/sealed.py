"""Every sealed column and every blind index of the installation, as the bytes that lie in the database.

The list comes from the tables themselves: a new column of these types cannot be forgotten.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

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

from ..store.crypto import KeyRing, index_head, number_of
from ..store.engine import Store
from ..store.suites import INDEX_SIZE
from ..store.types import Blind, Sealed
from ..tables import METADATA


class Kept(Protocol):
    """One column whose values depend on a key."""

    @property
    def table(self) -> Table:
        """Its table."""

    @property
    def column(self) -> Column[Any]:
        """The column itself."""

    def is_of(self, key: str) -> ColumnElement[bool]:
        """Tell of a value whether this key made it."""

    def needs(self) -> list[ColumnElement[Any]]:
        """Name what a new value is made of."""

    def anew(self, keys: KeyRing, values: Sequence[Any]) -> bytes:
        """Make the value with the current key, of what `needs` named."""


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

    def is_of(self, key: str) -> ColumnElement[bool]:
        """Compare the name in the envelope: its length in the second byte, then itself."""
        name = bytes((len(key),)) + key.encode()
        return func.substr(self.raw, 2, len(name), type_=LargeBinary) == literal(name, LargeBinary)

    def needs(self) -> list[ColumnElement[Any]]:
        """The sealed value is made of itself."""
        return [self.raw]

    def anew(self, keys: KeyRing, values: Sequence[Any]) -> bytes:
        """Open and seal."""
        return keys.seal(self.place, keys.unseal(self.place, bytes(values[0])))

    def some(self) -> Select[Any]:
        """Ask for any one value."""
        return select(self.raw).where(self.column.is_not(None)).limit(1)


@dataclass(frozen=True)
class BlindColumn:
    """One column by whose values equal sealed values are found."""

    table: Table
    column: Column[Any]
    kind: Blind

    def is_of(self, key: str) -> ColumnElement[bool]:
        """Compare length and head: only the first key's values have no head."""
        head = index_head(key)
        is_long = func.length(self.column) == INDEX_SIZE + len(head)
        if number_of(key) == 1:
            return is_long
        return is_long & (func.substr(self.column, 1, 1, type_=LargeBinary) == literal(head, LargeBinary))

    def needs(self) -> list[ColumnElement[Any]]:
        """What the column says it is made of."""
        return [self.table.c[name] for name in self.kind.of]

    def anew(self, keys: KeyRing, values: Sequence[Any]) -> bytes:
        """Make the index of opened values."""
        if self.kind.make is None:
            raise TypeError(f"nothing says how {self.table.name}.{self.column.name} is made")
        return self.kind.make(keys, *values)


def count(column: Kept, key: str) -> Select[Any]:
    """Ask how many values of a column a key made."""
    return select(func.count()).select_from(column.table).where(column.is_of(key))


def count_all(column: Kept) -> Select[Any]:
    """Ask how many values there are."""
    return select(func.count()).select_from(column.table).where(column.column.is_not(None))


def others(column: Kept, key: str, after: Sequence[Any] | None, limit: int) -> Select[Any]:
    """Ask for the primary keys of rows whose value another key made, in their order."""
    primary = list(column.table.primary_key)
    query = select(*primary).where(column.column.is_not(None), ~column.is_of(key))
    if after is not None:
        last = (literal(value, one.type) for value, one in zip(after, primary, strict=True))
        query = query.where(tuple_(*primary) > tuple_(*last))
    return query.order_by(*primary).limit(limit)


def lock(column: Kept, key: str, rows: Sequence[Sequence[Any]]) -> Select[Any]:
    """Ask for what new values of some rows are made of, then their keys; rows somebody else holds are left out."""
    primary = list(column.table.primary_key)
    those = tuple_(*primary).in_([tuple(row) for row in rows])
    query = select(*column.needs(), *primary).where(those, column.column.is_not(None), ~column.is_of(key))
    return query.order_by(*primary).with_for_update(skip_locked=True)


def replace(column: Kept) -> Update:
    """Change one value."""
    primary = [one == bindparam(f"key_{n}", type_=one.type) for n, one in enumerate(column.table.primary_key)]
    return update(column.table).where(*primary).values({column.column: bindparam("new", type_=LargeBinary)})


def sealed_columns(store: Store | None = None) -> Iterator[SealedColumn]:
    """Give every sealed column the code knows; of a store, only those whose tables exist there."""
    for table, column in _columns(store):
        if isinstance(column.type, Sealed):
            yield SealedColumn(table, column, column.type.place)


def blind_columns(store: Store | None = None) -> Iterator[BlindColumn]:
    """Give every blind index the code knows; of a store, only those whose tables exist there."""
    for table, column in _columns(store):
        if isinstance(column.type, Blind):
            yield BlindColumn(table, column, column.type)


def _columns(store: Store | None) -> Iterator[tuple[Table, Column[Any]]]:
    tables: Mapping[str, Table] = METADATA.tables
    there = set(inspect(store.engine).get_table_names()) if store else set(tables)
    return ((table, column) for table in tables.values() if table.name in there for column in table.columns)
