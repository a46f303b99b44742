"""`workbench keys`: which keys made what lies in the database and in files, and new keys in place of the old.

Three steps, all while everything runs: new keys are put on the ring (`--prepare` does only this, so that
keys.toml can be copied to other hosts first), everything is sealed and indexed anew, and `--finish` takes the old
keys off the ring. The keys of marks, of the audit trail and of cookies stay.
"""

import fcntl
import importlib
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from sqlmodel import Session

from ..store.crypto import FOLLOW, Held, KeyRing, number_of
from ..store.key_file import new_key, save_keys
from ..store.suites import Key
from .installation import Installation, open_installation, read_settings
from .listing import as_json_option, print_rows
from .reseal import StandsTwice, files_of, reindex_values, reseal_files, reseal_values
from .sealed import Kept, blind_columns, count, count_all, sealed_columns

#: Seconds in which every process has surely taken over a new key and ended what it had sealed with the old.
SETTLE = 10.0
COLUMNS = ("key", "suite", "is_current", "values", "files")


@click.group("keys")
def command() -> None:
    """Show the keys of fields and indexes, put new ones in place."""


@command.command("status")
@as_json_option
def status(as_json: bool) -> None:
    """Count what each key made; no key is shown."""
    with open_installation() as home:
        _know_line_tables(home)
        print_rows(count_keys(home), COLUMNS, as_json=as_json, nothing="No key.")


@command.command("rotate")
@click.option("--prepare", "stage", flag_value="prepare", help="Only put new keys on the ring.")
@click.option("--finish", "stage", flag_value="finish", help="Take the old keys off the ring.")
def rotate(stage: str | None) -> None:
    """Put new keys in place and make everything anew with them; safe to call again when it was broken off.

    New keys are of the suite that the settings name, so this is also how an installation goes over to another suite.
    """
    with _alone(), open_installation() as home:  # the ring is read when nobody else changes it
        _know_line_tables(home)
        if stage == "prepare":
            prepare(home)
        elif stage == "finish":
            finish(home)
        else:
            _use_newest(home)
            make_anew(home)
            held = home.keys.held
            click.echo(
                f"All is sealed with {held.current}, indexed with {held.index}. Later: workbench keys rotate --finish"
            )


@contextmanager
def _alone() -> Iterator[None]:
    """Keep a second change of keys off this host: each would write over the ring of the other, and its new keys."""
    with (read_settings().instance / "keys.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise click.ClickException("another change of keys runs on this host; wait until it has ended") from None
        yield


def count_keys(home: Installation) -> list[dict[str, Any]]:
    """Count values and files by the key that made them: of each key of the ring, and of keys nobody has."""
    held, folder = home.keys.held, _folder(home)
    with home.store.read() as session:
        sealed = _count(session, list(sealed_columns(home.store)), held.fields)
        indexed = _count(session, list(blind_columns(home.store)), held.indexes)
    files = Counter(home.keys.key_of(_head(path)) for path in files_of(folder))
    names = dict.fromkeys([*held.fields, *sealed, *files])
    rows = [_row(name, held.fields, name == held.current, sealed[name], files[name]) for name in names]
    return rows + [
        _row(name, held.indexes, name == held.index, indexed[name], 0)
        for name in dict.fromkeys([*held.indexes, *indexed])
    ]


def _count(session: Session, columns: Iterable[Kept], keys: Mapping[str, Key]) -> Counter[str]:
    values: Counter[str] = Counter()
    for column in columns:
        left = session.execute(count_all(column)).scalar_one()
        for key in keys:
            found = session.execute(count(column, key)).scalar_one()
            values[key] += found
            left -= found
        if left:
            values["unknown"] += left
    return values


def _row(name: str, keys: Mapping[str, Key], is_current: bool, values: int, files: int) -> dict[str, Any]:
    suite = keys[name].suite if name in keys else ""
    return {"key": name, "suite": suite, "is_current": is_current, "values": values, "files": files}


def prepare(home: Installation) -> None:
    """Put new keys on the ring without using them."""
    keys = home.keys
    if len(keys.held.fields) > 1:
        raise click.ClickException("another change of keys is under way; first: workbench keys rotate --finish")
    _add_keys(home)
    click.echo(f"{_newest(keys.held.fields)} and {_newest(keys.held.indexes)} are on the ring.")
    click.echo(f"Copy {keys.path} to every other host, then: workbench keys rotate")


def finish(home: Installation) -> None:
    """Prove that nothing needs the old keys any more, and take them off the ring."""
    keys, held = home.keys, home.keys.held
    if len(held.fields) == 1:
        raise click.ClickException("there is no old key on the ring")
    if held.current != _newest(held.fields):
        raise click.ClickException("the new key is not in use yet; first: workbench keys rotate")
    _wait(keys, SETTLE)
    make_anew(home)
    left = [row for row in count_keys(home) if not row["is_current"] and (row["values"] or row["files"])]
    if left:
        raise click.ClickException(
            f"values of {', '.join(row['key'] for row in left)} are left; nothing was taken away"
        )
    old = [name for name in (*held.fields, *held.indexes) if name not in (held.current, held.index)]
    fields, indexes = {held.current: held.fields[held.current]}, {held.index: held.indexes[held.index]}
    _save(keys, replace(held, fields=fields, indexes=indexes))
    click.echo(f"Took {', '.join(old)} off the ring. Older backups need the older keys.toml.")


def make_anew(home: Installation) -> None:
    """Make with the current keys whatever others made."""
    values = sum(reseal_values(home.store, home.keys))
    files = sum(reseal_files(_folder(home), home.keys))
    try:
        indexes = sum(reindex_values(home.store, home.keys))
    except StandsTwice as double:
        table, rows = double.args
        told = ", ".join("/".join(map(str, row)) for row in rows)
        raise click.ClickException(
            f"{table} {told}: on file twice; merge the two files, then call this again"
        ) from None
    click.echo(f"Sealed {values} values and {files} files, indexed {indexes} values anew.")


def _use_newest(home: Installation) -> None:
    """Let the newest keys seal and index; without newer ones, make them and let every process know them first."""
    keys = home.keys
    if len(keys.held.fields) == 1:
        _add_keys(home)
    held = keys.held
    newest = replace(held, current=_newest(held.fields), index=_newest(held.indexes))
    if newest != held:
        _wait(keys, FOLLOW * 2)
        _save(keys, newest)
    _wait(keys, FOLLOW * 2)


def _add_keys(home: Installation) -> None:
    held, suite = home.keys.held, home.settings.suite
    field, index = _next("k", held.fields), _next("i", held.indexes)
    added = replace(
        held, fields={**held.fields, field: new_key(suite)}, indexes={**held.indexes, index: new_key(suite)}
    )
    _save(home.keys, added)


def _next(kind: str, keys: Mapping[str, Key]) -> str:
    return f"{kind}{number_of(_newest(keys)) + 1}"


def _newest(keys: Mapping[str, Key]) -> str:
    return max(keys, key=number_of)


def _save(keys: KeyRing, held: Held) -> None:
    keys.held = held
    save_keys(keys, _path(keys))


def _wait(keys: KeyRing, seconds: float) -> None:
    """Wait until the ring has lain there for so long, so that every process follows it."""
    time.sleep(max(0.0, _path(keys).stat().st_mtime + seconds - time.time()))


def _path(keys: KeyRing) -> Path:
    if keys.path is None:
        raise click.ClickException("these keys come from no file")
    return keys.path


def _folder(home: Installation) -> Path:
    return home.settings.file_store(home.keys).folder


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(2 + 255)


def _know_line_tables(home: Installation) -> None:
    """Import the tables of all lines, so that their sealed columns are known."""
    for line in home.installed.ready_lines:
        if line.manifest and line.manifest.models:
            importlib.import_module(line.manifest.models)
