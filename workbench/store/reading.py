"""The session of a page on SQLite: it begins below SQLAlchemy and is whole once objects are asked for.

Most pages run prepared statements alone; a connection of SQLAlchemy's and its transaction cost such a page about a
tenth of its time. Both ways see the same state: there is one connection and one transaction.
"""

from typing import Any

from sqlalchemy import Engine
from sqlalchemy.engine import Connection
from sqlmodel import Session

from .brief import Brief


class ReadingSession(Session):
    """A session that sees one consistent state and cannot write."""

    def __init__(self, readers: Engine) -> None:
        super().__init__(autoflush=False)
        self._readers = readers
        self._below: Brief | None = None
        self._whole: Connection | None = None

    def below(self) -> Brief:
        """Give its transaction on the driver's own connection, begun at first use."""
        brief = self._taken()
        if not brief.driver.in_transaction:
            brief.begin()
        return brief

    def get_bind(self, *about: Any, **more: Any) -> Connection:
        """Give SQLAlchemy's connection over the same one of the driver's."""
        if self._whole is None:
            self._whole = Connection(self._readers, connection=self._taken().connection)
        return self._whole

    def rollback(self) -> None:
        """Let go of the state it saw; the next question sees what was committed meanwhile."""
        super().rollback()
        if self._below is not None:
            self._below.rollback()

    def close(self) -> None:
        """Let go of its state, its objects and its connection."""
        super().close()
        if self._below is not None:
            self._below.rollback()
            self._below.close()
        self._below = self._whole = None

    def _taken(self) -> Brief:
        if self._below is None:
            self._below = Brief(self._readers)
        return self._below
