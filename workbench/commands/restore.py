"""Puts a copy back. What is not a copy of ours, or cannot be read with our keys, is refused before anything changes."""

import fcntl
import sqlite3
from contextlib import closing
from pathlib import Path

import click
from sqlalchemy import create_engine, inspect

from ..delivery.restored import hold_everything
from ..jobs.workshop import workers_folder
from ..store.crypto import CannotRead, KeyRing
from ..store.migrate import upgrade
from .backup import copy_sqlite, prove, run_postgres
from .chains import all_chains
from .installation import Installation
from .sealed import sealed_columns


def restore(home: Installation, file: Path, *, may_replace: bool) -> int:
    """Replace the database by the copy; raises ClickException with nothing changed when that cannot be.

    Nothing is sent afterwards until a person has compared; gives how many parcels are in doubt.
    """
    refuse_while_running(home)
    if not may_replace and _has_data(home):
        click.confirm("The database on file will be replaced. Go on?", abort=True)
    if not home.store.is_sqlite:
        options = ("--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error")
        run_postgres(home.store.engine.url, "pg_restore", *options, str(file))
    else:
        refuse_foreign_file(file, home.keys)
        home.store.engine.dispose()
        copy_sqlite(file, Path(str(home.store.engine.url.database)))
    return _hold(home)


def _hold(home: Installation) -> int:
    """Bring the tables up to date and send nothing until a person has looked; gives the parcels in doubt."""
    for chain in all_chains(home.installed):
        upgrade(home.store, chain)
    with home.store.write() as session:
        return hold_everything(session, home.clock.now())


def refuse_while_running(home: Installation) -> None:
    """Refuse while `run` or a worker process of this machine lives."""
    for lock in (home.settings.instance / "run.lock", *workers_folder(home.settings).glob("*.lock")):
        try:
            with lock.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            continue
        except BlockingIOError:
            raise click.ClickException("the workbench is running; stop it first") from None


def _has_data(home: Installation) -> bool:
    if home.store.is_sqlite and not Path(str(home.store.engine.url.database)).exists():
        return False
    return inspect(home.store.engine).has_table("alembic_version_core")


def refuse_foreign_file(file: Path, keys: KeyRing) -> None:
    """Refuse what is no database of ours, or was sealed with other keys."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        prove(database, file)
    engine = create_engine(f"sqlite:///{file}")
    try:
        tables = set(inspect(engine).get_table_names())
        if "alembic_version_core" not in tables:
            raise click.ClickException(f"{file} is not a copy of a workbench database")
        with engine.connect() as connection:
            for column in sealed_columns():
                sample = column.table.name in tables and connection.execute(column.some()).scalar()
                if sample:
                    keys.unseal(column.place, bytes(sample))
    except CannotRead as error:
        raise click.ClickException(f"{file} cannot be read with the keys of this instance: {error}") from None
    finally:
        engine.dispose()
