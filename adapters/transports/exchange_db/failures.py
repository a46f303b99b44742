"""Turns what a database says into errors by recovery.

The database's own words are not passed on: they may quote the row, which is personal data.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from workbench.api import AdapterError, BrokenPromise, NeedsCredentials, NeedsSettings, Refused, TryLater

#: SQLSTATE of PostgreSQL, error number of MariaDB.
SIGN_ON = {"28P01", "28000", "1045", "1698"}
NOT_FOUND = {"3D000", "1049", "42P01", "1146", "3F000"}
NO_RIGHT = {"42501", "1044", "1142", "1143"}
SAME_ROW = {"23505", "1062", "SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_UNIQUE"}


@contextmanager
def translated() -> Iterator[None]:
    """Raise errors by recovery for anything a database raises."""
    try:
        yield
    except exc.DBAPIError as error:
        raise recovery(error) from None
    except exc.TimeoutError:
        raise TryLater("no connection to the exchange database is free") from None


def recovery(error: exc.DBAPIError) -> AdapterError:
    """Choose the error by recovery that a database error means."""
    code, said = code_of(error), str(error.orig)
    if code in SIGN_ON or "password authentication failed" in said:
        return NeedsCredentials("the exchange database does not accept the sign-on")
    if code in NO_RIGHT:
        return NeedsSettings("the account may not use the exchange tables")
    if code in NOT_FOUND or "no such table" in said or re.search(r'(database|role) ".*" does not exist', said):
        return NeedsSettings("the exchange database or its tables are not there; see address and prefix")
    if isinstance(error, exc.DataError):
        return _does_not_fit(code, said)
    if code in SAME_ROW:
        return TryLater("another report of the same matter was written at this moment")
    if isinstance(error, exc.OperationalError | exc.InterfaceError) and "no column named" not in said:
        return TryLater(f"the exchange database failed ({code})")
    return BrokenPromise(f"the exchange tables are not as agreed ({code})")


def code_of(error: exc.DBAPIError) -> str:
    """Give the database's own code of an error, for people and for us."""
    first = error.orig.args[0] if error.orig and error.orig.args else None
    number = first if isinstance(first, int) else None
    named = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None)
    return str(number or named or type(error.orig).__name__)


def _does_not_fit(code: str, said: str) -> Refused:
    column = re.search(r"column\W.*?(\w+)\W+at row", said)
    name = column[1] if column else ""
    return Refused(f"{name} 超出对方库表的长度或字符集 / does not fit their table", code=code, field=name or None)
