"""Rows as they are stored: what is put back is the same to the byte.

Kept as JSON, sealed values stand open with the head of their envelope, so that a change of keys need not know of
them: under the same key they are sealed to the same bytes, else with the key that took its place.
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    LargeBinary,
    Table,
    and_,
    insert,
    literal,
    null,
    select,
    type_coerce,
    update,
)
from sqlmodel import Session

from ..store.crypto import KeyRing
from ..store.types import Blind, Sealed

Row = dict[str, Any]
PART = 500


def read_rows(session: Session, table: Table, where: ColumnElement[bool]) -> list[Row]:
    """Read rows of a table without opening what is sealed, in the order of their keys."""
    columns = [type_coerce(c, LargeBinary).label(c.name) if isinstance(c.type, Sealed) else c for c in table.c]
    found = session.connection().execute(select(*columns).where(where).order_by(*table.primary_key.columns))
    return [dict(row._mapping) for row in found]


def add_rows(session: Session, table: Table, rows: Iterable[Row]) -> None:
    """Write rows as they were read."""
    for row in rows:
        session.connection().execute(insert(table).values(_values(table, row)))


def put_back(session: Session, table: Table, row: Row) -> None:
    """Give a row that is there the values it was read with."""
    same = and_(*(column == row[column.name] for column in table.primary_key.columns))
    session.connection().execute(update(table).where(same).values(_values(table, row)))


def _values(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _as_stored(table.c[name], value) for name, value in row.items()}


def _as_stored(column: Column[Any], value: Any) -> Any:
    if not isinstance(column.type, Sealed):
        return value
    return null() if value is None else literal(value, LargeBinary())


def to_json(keys: KeyRing, table: Table, rows: Sequence[Row]) -> list[Row]:
    """Write rows so that JSON can hold them. What was sealed stands open in it: the JSON itself must be sealed."""
    return [{name: _write(keys, table.c[name], value) for name, value in row.items()} for row in rows]


def from_json(keys: KeyRing, table: Table, rows: Sequence[Row]) -> list[Row]:
    """Read what `to_json` wrote: the same to the byte, or under the keys that took the old ones' place."""
    return [_read_row(keys, table, row) for row in rows]


def says(keys: KeyRing, table: Table, rows: Sequence[Row]) -> list[Row]:
    """Give what rows say, whichever keys hold it."""
    told = [name for name, column in table.c.items() if not isinstance(column.type, Blind)]
    written = to_json(keys, table, rows)
    return [{name: _without_head(row[name]) for name in told} for row in written]


def _without_head(value: Any) -> Any:
    return value["opened"] if isinstance(value, dict) and "head" in value else value


def _write(keys: KeyRing, column: Column[Any], value: Any) -> Any:
    match value:
        case bytes() | memoryview() if isinstance(column.type, Sealed):
            envelope, place = bytes(value), column.type.place
            return {"opened": _text(keys.unseal(place, envelope)), "head": _text(keys.head_of(envelope))}
        case bytes() | memoryview():
            return {"bytes": _text(bytes(value))}
        case datetime():
            return {"moment": value.isoformat()}
        case date():
            return {"day": value.isoformat()}
    return value


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _read_row(keys: KeyRing, table: Table, row: Row) -> Row:
    read = {name: _read(keys, table.c[name], value) for name, value in row.items()}
    for name, column in table.c.items():
        if isinstance(column.type, Blind) and column.type.make and read.get(name) is not None:
            made_of = (_opened(keys, table.c[one], read[one]) for one in column.type.of)
            read[name] = column.type.make(keys, *made_of)
    return read


def _opened(keys: KeyRing, column: Column[Any], value: Any) -> Any:
    return column.type.load(keys.unseal(column.type.place, value)) if isinstance(column.type, Sealed) else value


def _read(keys: KeyRing, column: Column[Any], value: Any) -> Any:
    match value:
        case {"opened": str(text), "head": str(head)} if isinstance(column.type, Sealed):
            return keys.seal_like(base64.b64decode(head), column.type.place, base64.b64decode(text))
        case {"bytes": str(text), **rest} if not rest:
            return base64.b64decode(text)
        case {"moment": str(text), **rest} if not rest:
            return datetime.fromisoformat(text)
        case {"day": str(text), **rest} if not rest:
            return date.fromisoformat(text)
    return value
