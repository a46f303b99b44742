"""Copies of the whole database: SQLite's own backup in one step, pg_dump for PostgreSQL."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import click
from sqlalchemy import URL

from .installation import Installation


def back_up(home: Installation, file: Path) -> None:
    """Write a consistent copy, readable by its owner only; an existing file is never replaced."""
    if file.exists():
        raise click.ClickException(f"{file} is there already; choose another name")
    if not file.parent.is_dir():
        raise click.ClickException(f"the folder {file.parent} does not exist")
    partial = file.with_name(f".{file.name}.part")
    os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    try:
        if home.store.is_sqlite:
            copy_sqlite(sqlite_path(home), partial)
        else:
            run_postgres(home.store.engine.url, "pg_dump", "--format=custom", f"--file={partial}")
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy one SQLite database over another in one step, and prove the copy."""
    with closing(sqlite3.connect(source, timeout=60)) as old, closing(sqlite3.connect(target, timeout=60)) as new:
        old.backup(new)  # all pages at once: writers wait for milliseconds, and nothing starts over
        prove(new, target)


def prove(database: sqlite3.Connection, name: Path) -> None:
    """Refuse a database file that is damaged or is none."""
    try:
        (found,) = database.execute("PRAGMA quick_check").fetchone()
    except sqlite3.DatabaseError as error:
        raise click.ClickException(f"{name} cannot be read: {error}") from None
    if found != "ok":
        raise click.ClickException(f"{name} is damaged: {found}")


def sqlite_path(home: Installation) -> Path:
    """Name the file of an SQLite database that exists."""
    path = Path(str(home.store.engine.url.database))
    if not path.exists():
        raise click.ClickException(f"there is no database at {path} yet; run: workbench db migrate")
    return path


def run_postgres(url: URL, program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs on the database; the password is never on a command line."""
    found = shutil.which(program)
    if not found:
        raise click.ClickException(f"{program} is not installed; on Debian: apt-get install postgresql-client")
    place = url.set(drivername="postgresql", password=None).render_as_string()
    environment = os.environ | ({"PGPASSWORD": url.password} if url.password else {})
    done = subprocess.run(  # noqa: S603 - our own arguments
        [found, *arguments, f"--dbname={place}"], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise click.ClickException(f"{program}: {done.stderr.strip() or 'failed'}")
