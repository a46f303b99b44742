"""Deleting so that nothing of it stays in the file: SQLite overwrites it, and the write-ahead log is emptied."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlmodel import Session

from ..store.engine import Store


@contextmanager
def erasing(store: Store) -> Iterator[Session]:
    """Give a writing session in which what is deleted is overwritten in the file (SQLite); as `write` else."""
    with store.write() as session:
        connection = session.connection()
        if store.is_sqlite:
            connection.exec_driver_sql("PRAGMA secure_delete=ON")
        try:
            yield session
            session.flush()
        finally:
            if store.is_sqlite:
                connection.exec_driver_sql("PRAGMA secure_delete=OFF")


def empty_log(store: Store) -> None:
    """Let nothing of what was overwritten stay in the write-ahead log (SQLite), as far as readers let go of it."""
    if store.is_sqlite:
        with store.engine.connect() as connection:
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
