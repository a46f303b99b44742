"""Refuses to make new keys for a database that is sealed under others: they would open nothing that stands in it."""

from pathlib import Path

from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool


class KeysLost(RuntimeError):
    """The key file is not where it should be, and the database was written with it."""


def refuse_lost_keys(path: Path, url: str) -> None:
    """Raise KeysLost when a database is in use and its key file is not there.

    A database without a single entry in its trail is new: it may get new keys.
    """
    if not path.exists() and _is_in_use(url) and not path.exists():  # another process may just have begun
        raise KeysLost(f"{path} is missing, and the database is sealed with the keys in it; put back the copy you keep")


def _is_in_use(url: str) -> bool:
    place = make_url(url)
    if place.drivername.startswith("sqlite") and not Path(str(place.database)).exists():
        return False
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        if not inspect(connection).has_table("audit_head"):
            return False
        return connection.execute(text("SELECT 1 FROM audit_head LIMIT 1")).first() is not None
