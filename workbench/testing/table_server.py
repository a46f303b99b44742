"""The exchange database of pretend departments: a SQLite file in the home folder, or a server's database.

DEPARTMENT_DATABASE_URL puts it on a server. The faults that concern the database as a whole are here.
"""

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from .department import DepartmentHome

#: The exchange database to use instead of the SQLite file.
DATABASE_URL = "DEPARTMENT_DATABASE_URL"
FAULTS = {
    "down": "the database is away (SQLite only: the file is moved aside)",
    "locked": "the department keeps both tables locked",
}
UNLOCKS = {"sqlite": "COMMIT", "postgresql": "COMMIT", "mysql": "UNLOCK TABLES"}


def serve_tables(
    home: DepartmentHome,
    tables: tuple[str, str],
    open_office: Callable[[sa.Engine], Callable[[], None]],
    settings: Callable[[Mapping[str, Any]], Mapping[str, Any]] = dict,
) -> None:
    """Work on the exchange database until the process is ended.

    `open_office` creates the tables and gives what is done over and over.
    """
    file = home.folder / "exchange.db"
    aside = file.with_suffix(".aside")
    if aside.exists():
        aside.rename(file)
    url = os.environ.get(DATABASE_URL) or f"sqlite:///{file}"
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    process = open_office(engine)
    # Told in this form so that a file that is away is an error, not a new empty database.
    told = url if DATABASE_URL in os.environ else f"sqlite:///file:{file}?mode=rw&uri=true"
    home.announce(settings({"database_url": told}))
    while True:
        faults = home.faults()
        if faults.get("down"):
            _stay_away(home, file, aside)
        if faults.get("locked"):
            _stay_locked(home, engine, tables)
        _try(process)
        time.sleep(0.2)


def _try(process: Callable[[], None]) -> None:
    try:
        process()
    except sa.exc.OperationalError:
        # The other side holds the table for longer than we wait; the next round sees the same rows.
        time.sleep(0.1)


def _stay_away(home: DepartmentHome, file: Path, aside: Path) -> None:
    if not file.exists():
        return
    file.rename(aside)
    while home.faults().get("down"):
        time.sleep(0.1)
    aside.rename(file)


def _stay_locked(home: DepartmentHome, engine: sa.Engine, tables: tuple[str, str]) -> None:
    locks = {
        "sqlite": ("BEGIN EXCLUSIVE",),
        "postgresql": ("BEGIN", f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE"),
        "mysql": (f"LOCK TABLES {', '.join(f'{table} WRITE' for table in tables)}",),
    }
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in locks[engine.dialect.name]:
            connection.exec_driver_sql(statement)
        while home.faults().get("locked"):
            time.sleep(0.1)
        connection.exec_driver_sql(UNLOCKS[engine.dialect.name])
