"""Engine and sessions for both databases.

SQLite: WAL, synchronous=FULL, BEGIN IMMEDIATE for writers under one fair lock per database
(its own busy handler starves some writers); readers take a plain BEGIN and never wait.
PostgreSQL: psycopg 3, synchronous commit, read-only transactions for readers.
"""

import fcntl
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from . import idle
from .brief import Brief, brief_transaction
from .crypto import KeyRing
from .locking import LockingSession
from .reading import ReadingSession
from .turns import take_turn

PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA busy_timeout=10000",
    "PRAGMA foreign_keys=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-16000",
)
#: Texts each of SQLite's connections keeps parsed; a worker's round over all pages asks some hundreds.
STATEMENTS = 1024


class Store:
    """The database of one installation: `read()` and `write()` give sessions with clear ends."""

    def __init__(self, engine: Engine, keys: KeyRing, lock: "WriteLock | None") -> None:
        self.engine = engine
        self.keys = keys
        self._lock = lock
        self._readers = engine.execution_options(readonly=True, postgresql_readonly=True)

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Give a session that sees one consistent state and cannot write."""
        with ReadingSession(self._readers) if self.is_sqlite else Session(self._readers, autoflush=False) as session:
            yield session

    @contextmanager
    def write(self, turn: str = "") -> Iterator[Session]:
        """Give a session that commits at the end, or leaves no trace when anything is raised.

        Of two with the same `turn` the second begins when the first has ended. It is taken before anything else, and
        but one, so that nobody who waits for it holds what another waits for.
        """
        with self._lock or nullcontext(), LockingSession(self.engine) as session, session.begin():
            if turn and not self.is_sqlite:  # there every writer waits for every other
                take_turn(session, turn)
            yield session

    @contextmanager
    def brief(self) -> Iterator[Brief]:
        """Give a short writing transaction for prepared statements alone; it ends as `write` does."""
        with self._lock or nullcontext(), brief_transaction(self.engine) as transaction:
            yield transaction

    def close(self) -> None:
        """Let go of all connections."""
        idle.close_all(self.engine)
        self.engine.dispose()
        if self._lock:
            self._lock.close()


class WriteLock:
    """One writer at a time over threads and processes, first come first served by the kernel."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = threading.Lock()
        self._file: IO[bytes] | None = None

    def __enter__(self) -> None:
        self._threads.acquire()
        try:
            self._file = self._file or self._path.open("ab")
            fcntl.flock(self._file, fcntl.LOCK_EX)
        except BaseException:
            self._threads.release()
            raise

    def __exit__(self, *exception: object) -> None:
        if self._file:
            fcntl.flock(self._file, fcntl.LOCK_UN)
        self._threads.release()

    def close(self) -> None:
        if self._file:
            self._file.close()
            self._file = None


def open_store(url: str, keys: KeyRing) -> Store:
    """Open the database at an SQLAlchemy URL; nothing is created or migrated here."""
    is_sqlite = url.startswith("sqlite")
    more = {"connect_args": {"cached_statements": STATEMENTS}} if is_sqlite else {"pool_pre_ping": True}
    engine = create_engine(url, pool_size=16, max_overflow=16, **more)
    engine.dialect.workbench_keys = keys  # type: ignore[attr-defined]
    if not is_sqlite:
        return Store(engine, keys, None)
    setattr(engine.dialect, idle.IDLE, [])
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)
    path = Path(str(make_url(url).database))
    return Store(engine, keys, WriteLock(path.with_name(path.name + ".write-lock")))


def _set_pragmas(connection: sqlite3.Connection, record: Any) -> None:
    connection.isolation_level = None
    for pragma in PRAGMAS:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    """Begin on the driver's own connection: every page does it, and SQLAlchemy's way costs several statements."""
    reads = connection.get_execution_options().get("readonly")
    driver: Any = connection.connection.dbapi_connection
    if reads and driver.in_transaction:  # of a session that began below and is whole now
        return
    begin = "BEGIN" if reads else "BEGIN IMMEDIATE"
    try:
        driver.execute(begin)
    except sqlite3.OperationalError as error:
        raise OperationalError(begin, None, error) from error
