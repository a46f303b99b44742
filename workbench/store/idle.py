"""Connections at rest: SQLite's are kept at hand; giving one back to a pool costs as much as a short statement."""

from contextlib import suppress
from typing import Any, cast

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import PoolProxiedConnection

#: Where a database keeps them. One that has none gives every connection back to its pool.
IDLE = "workbench_idle"
#: About how many are kept: whoever waits for the pool does not see them, and it has four times as many.
KEPT = 8


def take(engine: Engine) -> PoolProxiedConnection:
    """Give a connection without a transaction; raises what SQLAlchemy raises when there is none to be had."""
    if idle := getattr(engine.dialect, IDLE, None):
        with suppress(IndexError):
            return cast("PoolProxiedConnection", idle.pop())
    errors: Any = engine.dialect.loaded_dbapi.Error
    try:
        return engine.raw_connection()
    except errors as error:
        raise DBAPIError.instance("CONNECT", None, error, errors, dialect=engine.dialect) from error


def put_back(engine: Engine, connection: PoolProxiedConnection) -> None:
    """Take a connection back; a transaction it is in leaves no trace."""
    idle: list[Any] | None = getattr(engine.dialect, IDLE, None)
    driver: Any = connection.dbapi_connection
    if idle is None or driver is None or len(idle) >= KEPT:
        connection.close()
        return
    try:
        driver.rollback()
    except driver.Error:  # what cannot even be rolled back is of no more use
        connection.invalidate()
    else:
        idle.append(connection)


def close_all(engine: Engine) -> None:
    """Give all that rest back to the pool."""
    idle: list[PoolProxiedConnection] = getattr(engine.dialect, IDLE, [])
    while idle:
        idle.pop().close()
