"""Two at one moment, without luck: the second is under way while the first has not ended, and waits for it."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

from sqlalchemy import text
from waiting import wait_for

from workbench.store.engine import Store

T = TypeVar("T")
WAITING = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' "
    "AND pid <> pg_backend_pid()"
)


def start(do: Callable[[], T]) -> "Future[T]":
    """Do something in a thread of its own."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(do())
        except BaseException as error:
            future.set_exception(error)

    Thread(target=run, daemon=True).start()
    return future


def behind(store: Store, *several: "Callable[[], T]") -> "list[Future[T]]":
    """Start what comes second, from within a transaction that stands in its way; leave that one afterwards.

    On PostgreSQL all of them wait for a lock when this returns, or are done. On SQLite writers come one after the
    other whatever they write, and so do these.
    """
    futures = [start(do) for do in several]
    if not store.is_sqlite:
        wait_for(lambda: waiting(store) + sum(one.done() for one in futures) >= len(futures))
    return futures


def waiting(store: Store) -> int:
    """Count who waits for a lock of this database."""
    with store.engine.connect() as connection:
        return int(connection.execute(WAITING).scalar_one())
