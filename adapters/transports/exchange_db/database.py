"""Opens the exchange database, with a limit on every wait; the three kinds differ only here."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from workbench.api import NeedsSettings

from .failures import translated


class Database:
    """One exchange database. Connections are checked before use and given back after."""

    def __init__(self, url: str, timeout: float) -> None:
        try:
            parsed = sa.make_url(url)
            options: dict[str, Any] = {"connect_args": _patience(parsed.get_backend_name(), timeout)}
            # Parameters are hidden because they are personal data and errors are logged.
            self.engine = sa.create_engine(parsed, pool_pre_ping=True, hide_parameters=True, **options)
        except (sa.exc.ArgumentError, ImportError) as error:
            raise NeedsSettings("the database address cannot be used") from error
        if parsed.get_backend_name() == "sqlite":
            event.listen(self.engine, "connect", _leave_transactions_to_us)
            event.listen(self.engine, "begin", _begin)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Lend a connection that only reads. Raises errors by recovery."""
        with translated(), self.engine.connect() as connection:
            yield connection.execution_options(readonly=True)

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Lend a connection with one transaction, committed at the end. Raises errors by recovery."""
        with translated(), self.engine.begin() as connection:
            yield connection

    def close(self) -> None:
        """Let go of connections. Safe to call twice."""
        self.engine.dispose()


def _patience(backend: str, timeout: float) -> dict[str, Any]:
    whole = max(1, round(timeout))
    if backend == "sqlite":
        return {"timeout": timeout}
    if backend == "postgresql":
        wait = round(timeout * 1000)
        return {"connect_timeout": max(2, whole), "options": f"-c statement_timeout={wait} -c lock_timeout={wait}"}
    if backend in ("mysql", "mariadb"):
        # Without strict mode the server would turn what its charset lacks into "?" and say nothing.
        strict = (
            f"SET SESSION sql_mode='STRICT_ALL_TABLES', lock_wait_timeout={whole}, innodb_lock_wait_timeout={whole}"
        )
        waits = dict.fromkeys(("connect_timeout", "read_timeout", "write_timeout"), whole + 1)
        return {**waits, "init_command": strict}
    return {}


def _leave_transactions_to_us(connection: Any, _record: object) -> None:
    connection.isolation_level = None


def _begin(connection: sa.Connection) -> None:
    # A plain BEGIN would fail at once, not wait, when it turns from reading to writing.
    readonly = connection.get_execution_options().get("readonly")
    connection.exec_driver_sql("BEGIN" if readonly else "BEGIN IMMEDIATE")
