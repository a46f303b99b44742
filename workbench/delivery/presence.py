"""Tells for certain which worker processes live, so that no lease is ever taken away because of its age.

Every start of a worker process gets a new id and holds a lock on it until it ends; the operating
system or the database lets go of the lock when the process dies, however it dies. SQLite: an flock on
`instance/workers/<id>.lock` (all processes of one SQLite database are on one host). PostgreSQL: a
session-level advisory lock on a connection of its own (not through a transaction-pooling proxy).

A deliveries' row in "sending" names its worker. When that worker's lock is free, the row goes back to
"waiting" as in doubt (`lease.rescue`): the platform is asked before anything is sent again. So even a
worker that lost its database connection while it was sending does no harm: its late answer fails the
fence and is kept as an event.
"""

import fcntl
import hashlib
import os
import socket
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import IO

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, func, select

from ..store.engine import Store
from ..store.ids import new_id
from .models import WorkerProcessRow


class Presence:
    """One living worker process: as long as this is held, others know that it lives."""

    def __init__(self, worker_id: str, lock: "FileLock | SessionLock") -> None:
        self.id = worker_id
        self._lock = lock

    def is_held(self) -> bool:
        """Tell whether the lock still stands; a process that lost it takes a new presence."""
        return self._lock.is_held()

    def beat(self, session: Session, now: datetime) -> None:
        """Say that the process works, for boards and /readyz; nobody's lease depends on it."""
        session.get_one(WorkerProcessRow, self.id).seen_at = now

    def end(self, session: Session, now: datetime) -> None:
        """Say that the process ends by itself."""
        session.get_one(WorkerProcessRow, self.id).ended_at = now

    def release(self) -> None:
        """Let go of the lock."""
        self._lock.release()


def announce(store: Store, folder: Path, now: datetime) -> Presence:
    """Register this process under a new id and hold its lock; `folder` is the installation's workers/."""
    worker_id = new_id()
    lock = FileLock(folder, worker_id) if store.is_sqlite else SessionLock(store, worker_id)
    with store.write() as session:
        session.add(
            WorkerProcessRow(id=worker_id, host=socket.gethostname(), pid=os.getpid(), started_at=now, seen_at=now)
        )
    return Presence(worker_id, lock)


def is_dead(session: Session, folder: Path, worker_id: str) -> bool:
    """Tell whether a worker's lock is free. False when in doubt."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        return _is_file_free(folder / f"{worker_id}.lock")
    return bool(connection.scalar(select(func.pg_try_advisory_xact_lock(_number(worker_id)))))


def last_beat(session: Session) -> datetime | None:
    """Tell when any worker process last said that it works; None when none runs."""
    beats = select(func.max(WorkerProcessRow.seen_at)).where(col(WorkerProcessRow.ended_at).is_(None))
    return session.exec(beats).one()


def count_running(session: Session, since: datetime) -> int:
    """Count the worker processes that said so since a time."""
    running = select(func.count()).where(col(WorkerProcessRow.ended_at).is_(None), WorkerProcessRow.seen_at >= since)
    return session.exec(running.select_from(WorkerProcessRow)).one()


def clear_files(folder: Path) -> None:
    """Remove lock files of dead workers."""
    for path in folder.glob("*.lock"):
        if _is_file_free(path):
            path.unlink(missing_ok=True)


class FileLock:
    """A locked file named by the worker's id; its name appears only once it is locked."""

    def __init__(self, folder: Path, worker_id: str) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = folder / f"{worker_id}.lock"
        partial = folder / f".{worker_id}.part"
        self._file: IO[bytes] = partial.open("wb")
        fcntl.flock(self._file, fcntl.LOCK_EX)
        partial.rename(self._path)

    def is_held(self) -> bool:
        try:
            return os.path.samestat(self._path.stat(), os.fstat(self._file.fileno()))
        except FileNotFoundError:
            return False

    def release(self) -> None:
        if self.is_held():
            self._path.unlink()
        self._file.close()


def _is_file_free(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:  # a database restored elsewhere, or a worker that ended
        return True
    except BlockingIOError:
        return False
    return True


class SessionLock:
    """An advisory lock on a database connection that nothing else uses."""

    def __init__(self, store: Store, worker_id: str) -> None:
        self._connection: Connection = store.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._number = _number(worker_id)
        self._connection.execute(select(func.pg_advisory_lock(self._number)))
        self._lost = False

    def is_held(self) -> bool:
        if not self._lost:
            try:
                self._connection.execute(select(1))
            except DBAPIError:
                self._lost = True
        return not self._lost

    def release(self) -> None:
        if not self._lost:
            with suppress(DBAPIError):  # the server would hear a moment later only that the connection is closed
                self._connection.execute(select(func.pg_advisory_unlock(self._number)))
        # Not back to the pool: the lock belongs to the connection.
        self._connection.invalidate()
        self._connection.close()


def _number(worker_id: str) -> int:
    return int.from_bytes(hashlib.sha256(worker_id.encode()).digest()[:8], signed=True)
