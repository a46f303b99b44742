"""SQL by hand: one SQLite connection per thread, statements counted when somebody wants to know."""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ...store.engine import PRAGMAS, WriteLock


class Database:
    """The database file; `statements` and `trips` grow with use."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._lock = WriteLock(path.with_name(path.name + ".write-lock"))
        self.statements = 0
        self.trips = 0

    def one(self, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> Any:
        """Give the first row, or None."""
        return self._run(sql, values).fetchone()

    def all(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        """Give all rows."""
        return self._run(sql, values).fetchall()

    def change(self, sql: str, values: Sequence[Any] = ()) -> None:
        """Run one statement."""
        self._run(sql, values)

    def insert(self, table: str, columns: str, rows: Iterable[Sequence[Any]]) -> None:
        """Insert rows, whatever their number, as one statement run several times."""
        kept = list(rows)
        if kept:
            places = ", ".join("?" * len(kept[0]))
            self.statements += 1
            self.trips += 1
            self._connection().executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", kept)

    def change_each(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for each row of values."""
        if kept := list(rows):
            self.statements += 1
            self.trips += 1
            self._connection().executemany(sql, kept)

    def close(self) -> None:
        """Let go of the lock and of this thread's connection."""
        self._lock.close()
        if connection := getattr(self._local, "connection", None):
            connection.close()
            self._local.connection = None

    @contextmanager
    def reading(self) -> Iterator[None]:
        """See one consistent state."""
        with self._transaction("BEGIN"):
            yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Write all or nothing, one writer at a time."""
        with self._lock, self._transaction("BEGIN IMMEDIATE"):
            yield

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        connection = self._connection()
        connection.execute(begin)
        try:
            yield
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
        self.trips += 2

    def _run(self, sql: str, values: Sequence[Any] | Mapping[str, Any]) -> sqlite3.Cursor:
        self.statements += 1
        self.trips += 1
        return self._connection().execute(sql, values)

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._path, isolation_level=None)
            for pragma in PRAGMAS:
                connection.execute(pragma)
            self._local.connection = connection
        return connection
