"""A short writing transaction on the driver's own connection, for statements prepared once and for nothing else.

It holds no objects and no savepoints; a session that does costs as much as ten short statements, on every page
that leaves evidence. Whoever listens to `begin`, `before_cursor_execute` or `commit` hears of it as of any other.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from . import idle


class Brief:
    """What `store.rows` asks of a transaction."""

    __slots__ = ("_engine", "connection", "dialect", "dispatch", "driver")

    def __init__(self, engine: Engine) -> None:
        self._engine, self.connection = engine, idle.take(engine)
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

    def rollback(self) -> None:
        """Leave no trace."""
        if self.driver.in_transaction:
            for listener in self.dispatch.rollback:
                listener(self)
            self.driver.rollback()

    def get_execution_options(self) -> Mapping[str, Any]:
        """Say how its engine is used."""
        return self._engine.get_execution_options()

    def invalidate(self, error: BaseException) -> None:
        """Keep a connection that was lost out of the pool."""
        self.connection.invalidate(error)

    def close(self) -> None:
        """Give the connection back; what was not committed leaves no trace."""
        idle.put_back(self._engine, self.connection)


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
