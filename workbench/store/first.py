"""Rows that come to be when somebody first needs them: of two at one moment one makes it, and both go on."""

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import inspect
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, SQLModel

Row = TypeVar("Row", bound=SQLModel)


def ensure_row(session: Session, row: Row) -> Row:
    """Give what stands under the key of a row, locked; the row itself is added when nothing does. Safe twice.

    Where another transaction is adding it, this one waits until that ended.
    """
    table = type(row)
    key = inspect(table).primary_key_from_instance(row)
    found = session.get(table, key, with_for_update=True)
    if found is None:
        add_missing(session, [row])
        found = session.get_one(table, key, with_for_update=True)
    return found


def add_missing(session: Session, rows: Sequence[SQLModel]) -> None:
    """Add those rows of one table under whose key nothing stands; what stands is left as it is. Safe twice.

    Name them in the order of their keys: two that do so in different orders wait for each other.
    """
    if rows:
        statement = insert(type(rows[0])).on_conflict_do_nothing()  # both databases read this form
        session.execute(statement, [row.model_dump() for row in rows])
