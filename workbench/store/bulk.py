"""Writes many rows at once, past everything that is meant for one: a million in the time of some thousands.

SQLite gets one statement for a batch, PostgreSQL its COPY. Values pass the column types as always: what is sealed is
sealed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Table, inspect
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from sqlmodel import Session, SQLModel

Convert = Callable[[Any], Any]


def bulk_insert(session: Session, model: type[SQLModel], rows: Iterable[Mapping[str, Any]]) -> int:
    """Add rows that all name the same columns, in the session's transaction; gives how many.

    Columns that are not named get their plain defaults. Nothing of the session is written first, and what it holds
    does not follow.
    """
    return write_rows(session.connection(), inspect(model).local_table, rows)


def write_rows(connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]]) -> int:
    """Add rows that all name the same columns to a table; as `bulk_insert`, for tables without a model."""
    found = list(rows)
    if not found:
        return 0
    names, constants = _columns(table, found[0])
    converts = [(name, _convert(table, name, connection.dialect)) for name in names]
    tail = tuple(constants.values())
    lines = (tuple(row[name] if way is None else way(row[name]) for name, way in converts) + tail for row in found)
    _write(connection, table.name, [f'"{name}"' for name in (*names, *constants)], lines)
    return len(found)


def _columns(table: Table, row: Mapping[str, Any]) -> tuple[list[str], dict[str, Any]]:
    """Give the columns a row names, and the values of those it leaves to their defaults."""
    names = [column.name for column in table.columns if column.name in row]
    left = {column.name: column.default for column in table.columns if column.name not in row and column.default}
    constants = {name: default.arg for name, default in left.items() if isinstance(default, ScalarElementColumnDefault)}
    if made := left.keys() - constants.keys():
        raise TypeError(f"give a value for {', '.join(sorted(made))}: only plain defaults are known here")
    return names, constants


def _convert(table: Table, name: str, dialect: Dialect) -> Convert | None:
    return table.columns[name].type.dialect_impl(dialect).bind_processor(dialect)


def _write(connection: Connection, table: str, names: Sequence[str], lines: Iterable[tuple[Any, ...]]) -> None:
    driver: Any = connection.connection.dbapi_connection
    columns = ", ".join(names)
    if connection.dialect.name == "sqlite":
        places = ", ".join("?" * len(names))
        driver.cursor().executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", lines)
        return
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for line in lines:
            copy.write_row(line)
