"""The pretend means-check centre: an exchange database and a job that looks into it all the time.

The database is a SQLite file in the home folder; DEPARTMENT_DATABASE_URL puts it on a server instead.
"""

import os
import time
from pathlib import Path

import sqlalchemy as sa

from workbench.testing.department import DepartmentHome

from .sandbox_tables import Centre

#: The exchange database to use instead of the SQLite file.
DATABASE_URL = "DEPARTMENT_DATABASE_URL"

#: Switches of the faults file, and what each does while it is on.
FAULTS = {
    "down": "the database is away (SQLite only: the file is moved aside)",
    "locked": "the department keeps both tables locked",
    "never_taken": "REC_FLAG stays 0",
    "no_result": "reports are taken and never answered",
    "swapped_columns": "code and name of the result are swapped, and the code is mixed with text",
    "odd_dates": 'times of answers are "1970-1-2 0.0.0.0"',
    "half_row": "answers arrive with half of their XML; the rest follows once the switch is off",
    "garbage": "answers hold no XML and no known code; they are put right once the switch is off",
    "refuse": "case numbers decided as refused",
    "correction": "case numbers sent back for correction",
}
LOCKS = {
    "sqlite": ("BEGIN EXCLUSIVE",),
    "postgresql": ("BEGIN", "LOCK TABLE EX_GDBS_SB, PRE_TRANSACT IN ACCESS EXCLUSIVE MODE"),
    "mysql": ("LOCK TABLES EX_GDBS_SB WRITE, PRE_TRANSACT WRITE",),
}
UNLOCKS = {"sqlite": "COMMIT", "postgresql": "COMMIT", "mysql": "UNLOCK TABLES"}


def serve(home: DepartmentHome) -> None:
    """Work on the exchange database until the process is ended."""
    file = home.folder / "exchange.db"
    aside = file.with_suffix(".aside")
    if aside.exists():
        aside.rename(file)
    url = os.environ.get(DATABASE_URL) or f"sqlite:///{file}"
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    centre = Centre(home, engine)
    centre.create_tables()
    # Told in this form so that a file that is away is an error, not a new empty database.
    home.announce({"database_url": url if DATABASE_URL in os.environ else f"sqlite:///file:{file}?mode=rw&uri=true"})
    while True:
        faults = home.faults()
        if faults.get("down"):
            _stay_away(home, file, aside)
        if faults.get("locked"):
            _stay_locked(home, engine)
        _process(centre)
        time.sleep(0.2)


def _process(centre: Centre) -> None:
    try:
        centre.process()
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


def _stay_locked(home: DepartmentHome, engine: sa.Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in LOCKS[engine.dialect.name]:
            connection.exec_driver_sql(statement)
        while home.faults().get("locked"):
            time.sleep(0.1)
        connection.exec_driver_sql(UNLOCKS[engine.dialect.name])
