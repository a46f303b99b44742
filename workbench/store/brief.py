"""A short writing transaction on the driver's own connection, for statements prepared once and for nothing else.

It holds no objects and no savepoints; a session that does costs as much as ten short statements, on every page
that leaves evidence. Whoever listens to `before_cursor_execute` hears of its BEGIN and COMMIT too.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError


class Brief:
    """What `store.rows` asks of a transaction."""

    __slots__ = ("_pooled", "dialect", "dispatch", "driver")

    def __init__(self, engine: Engine) -> None:
        self._pooled = engine.raw_connection()
        self.driver: Any = self._pooled.dbapi_connection
        self.dialect, self.dispatch = engine.dialect, engine.dispatch

    def begin(self) -> None:
        """Begin; PostgreSQL's driver does it by itself, before the first statement."""
        self._do("BEGIN IMMEDIATE", lambda: self.dialect.name == "sqlite" and self.driver.execute("BEGIN IMMEDIATE"))

    def commit(self) -> None:
        """Let it stand."""
        self._do("COMMIT", self.driver.commit)

    def _do(self, text: str, act: Callable[[], Any]) -> None:
        """Act on the driver; raises what SQLAlchemy raises."""
        for listener in self.dispatch.before_cursor_execute:
            listener(None, None, text, (), None, False)
        errors: Any = self.dialect.loaded_dbapi.Error
        try:
            act()
        except errors as error:
            raise DBAPIError.instance(text, None, error, errors, dialect=self.dialect) from error

    def invalidate(self, error: BaseException) -> None:
        """Keep a connection that was lost out of the pool."""
        self._pooled.invalidate(error)

    def close(self) -> None:
        """Give the connection back; what was not committed leaves no trace."""
        self._pooled.close()


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
