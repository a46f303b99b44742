"""A short writing transaction on the driver's own connection, for statements prepared once and for nothing else.

It holds no objects and no savepoints; a session that does costs as much as ten short statements, on every page
that leaves evidence. Whoever listens to `begin`, `before_cursor_execute` or `commit` hears of it as of any other.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError


class Brief:
    """What `store.rows` asks of a transaction."""

    __slots__ = ("connection", "dialect", "dispatch", "driver")

    def __init__(self, engine: Engine) -> None:
        self.connection = engine.raw_connection()
        self.driver: Any = self.connection.dbapi_connection
        self.dialect, self.dispatch = engine.dialect, engine.dispatch

    def begin(self) -> None:
        """Begin as a session's connection does; PostgreSQL's driver does it before the first statement."""
        for listener in self.dispatch.begin:
            listener(self)

    def commit(self) -> None:
        """Let it stand; raises what SQLAlchemy raises."""
        for listener in self.dispatch.commit:
            listener(self)
        errors: Any = self.dialect.loaded_dbapi.Error
        try:
            self.driver.commit()
        except errors as error:
            raise DBAPIError.instance("COMMIT", None, error, errors, dialect=self.dialect) from error

    def get_execution_options(self) -> dict[str, Any]:
        """Say that nothing was asked for but what is usual."""
        return {}

    def invalidate(self, error: BaseException) -> None:
        """Keep a connection that was lost out of the pool."""
        self.connection.invalidate(error)

    def close(self) -> None:
        """Give the connection back; what was not committed leaves no trace."""
        self.connection.close()


@contextmanager
def brief_transaction(engine: Engine) -> Iterator[Brief]:
    """Give a transaction that commits at the end, or leaves no trace when anything is raised."""
    brief = Brief(engine)
    try:
        brief.begin()
        yield brief
        brief.commit()
    finally:
        brief.close()
