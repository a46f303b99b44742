"""Reads the tables of the trail as they are found: what was damaged there is judged by `verify`, and stops nothing.

A value that cannot be read as its column's kind comes as one that no row of ours holds, so no digest fits it.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import JSON, Label, String, text, type_coerce
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Session

#: What stands for a value that cannot be read, by the kind its column holds.
UNREADABLE: dict[type, Any] = {
    bytes: b"",
    int: -1,
    str: "\ufffd",
    dict: {"unreadable": True},
    datetime: datetime.min.replace(tzinfo=UTC),
    date: date.min,
}


class AsFound(TypeDecorator[Any]):
    """A column's own type for reading, without its refusals."""

    impl = String
    cache_ok = True

    def __init__(self, of: TypeEngine[Any], kind: type) -> None:
        super().__init__()
        self.of, self.kind = of, kind

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Give what reads a value and never raises."""
        read = self.of.dialect_impl(dialect).result_processor(dialect, coltype)

        def read_as_found(value: Any) -> Any:
            with suppress(ValueError, TypeError, AttributeError, OverflowError, RecursionError):
                found = read(value) if read else value
                if isinstance(found, str):
                    found.encode()
                if isinstance(found, self.kind):
                    return found
            return UNREADABLE[self.kind]

        return read_as_found


def as_found(column: Any, name: str = "") -> Label[Any]:
    """Select a column of the trail so that every value can be read."""
    stored = getattr(column.type, "impl_instance", column.type)
    kind = dict if isinstance(stored, JSON) else stored.python_type
    return type_coerce(column, AsFound(column.type, kind)).label(name or column.key)


@contextmanager
def reading_as_found(session: Session) -> Iterator[None]:
    """Have SQLite give texts that are no UTF-8, too, instead of stopping at them; PostgreSQL holds none."""
    driver = session.connection().connection.dbapi_connection
    if not isinstance(driver, sqlite3.Connection):
        yield
        return
    driver.text_factory = lambda value: value.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        driver.text_factory = str


def damages(session: Session, table: str) -> Iterator[str]:
    """Name where SQLite's own file of a table does not agree with itself, such as a row its index does not hold."""
    if session.get_bind().dialect.name == "sqlite":
        for said in session.execute(text(f"PRAGMA integrity_check({table})")).scalars():
            if said != "ok":
                yield said
