"""Tells what two did at one moment from what is wrong: one of them wrote, and nothing of the other is kept.

The same again finds what the first left, and so comes to an answer of its own.
"""

import sqlite3

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError

#: PostgreSQL: two rows under one key, a row gone that another refers to, no order of waiting, waiting for each other.
STATES = frozenset({"23505", "23503", "40001", "40P01"})
#: The same on SQLite, where writers never wait for each other's rows.
CODES = frozenset(
    {sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY}
)


def has_collided(error: BaseException) -> bool:
    """Tell whether an error says that somebody else was faster by a moment."""
    if isinstance(error, StaleDataError):  # a row that was to be written was gone
        return True
    if not isinstance(error, DBAPIError):
        return False
    from_driver = error.orig
    return getattr(from_driver, "sqlstate", None) in STATES or getattr(from_driver, "sqlite_errorcode", None) in CODES
