"""Rows as they are stored: sealed values stay sealed, so that what is put back is the same to the byte."""

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

from ..store.types import Sealed

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


def to_json(rows: Sequence[Row]) -> list[Row]:
    """Write rows so that JSON can hold them."""
    return [{name: _write(value) for name, value in row.items()} for row in rows]


def from_json(rows: Sequence[Row]) -> list[Row]:
    """Read what `to_json` wrote."""
    return [{name: _read(value) for name, value in row.items()} for row in rows]


def _write(value: Any) -> Any:
    match value:
        case bytes() | memoryview():
            return {"bytes": base64.b64encode(bytes(value)).decode()}
        case datetime():
            return {"moment": value.isoformat()}
        case date():
            return {"day": value.isoformat()}
    return value


def _read(value: Any) -> Any:
    match value:
        case {"bytes": str(text), **rest} if not rest:
            return base64.b64decode(text)
        case {"moment": str(text), **rest} if not rest:
            return datetime.fromisoformat(text)
        case {"day": str(text), **rest} if not rest:
            return date.fromisoformat(text)
    return value
