"""Narrow rows by statements that are prepared once per program.

Writing a statement anew for every request costs five times what running it does. A prepared one stands
at the top of its module with `bindparam` for what changes, and is run past the ORM. Rows that are written
together go to the database together: one statement per table, however many rows.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import CursorResult, Executable, Insert, insert
from sqlmodel import Session, SQLModel


def run(session: Session, statement: Executable, **values: Any) -> CursorResult[*tuple[Any, ...]]:
    """Run a prepared statement with these values; what the session holds unwritten is written first."""
    if session.autoflush:
        session.flush()
    given: Mapping[str, Any] = values
    return session.connection().execute(statement, given)


def run_each(session: Session, statement: Executable, rows: Sequence[Mapping[str, Any]]) -> None:
    """Run a prepared statement once for each row of values, in one go; nothing without rows.

    Objects the session holds do not follow: refresh those that were changed.
    """
    if not rows:
        return
    if session.autoflush:
        session.flush()
    session.connection().execute(statement, rows)


def add(session: Session, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows to a table in one go. All name the same columns; the others get their defaults."""
    run_each(session, _insert(table), rows)


@cache
def _insert(table: type[SQLModel]) -> Insert:
    return insert(table)
