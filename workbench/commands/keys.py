"""`workbench keys`: which keys seal what lies in the database and in files, and a new key in place of the old.

Three steps, all while everything runs: a new key is put on the ring (`--prepare` does only this, so that
keys.toml can be copied to other hosts first), everything is sealed anew, and `--finish` takes the old
keys off the ring. Blind indexes, the audit trail and cookies have keys of their own that stay.
"""

import importlib
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from ..store.crypto import FOLLOW, KeyRing, new_key, save_keys
from .installation import Installation, open_installation
from .listing import as_json_option, print_rows
from .reseal import files_of, reseal_files, reseal_values
from .sealed import sealed_columns

#: Seconds in which every process has surely taken over a new key and ended what it had sealed with the old.
SETTLE = 10.0


@click.group("keys")
def command() -> None:
    """Show the field keys, put a new one in place."""


@command.command("status")
@as_json_option
def status(as_json: bool) -> None:
    """Count what each field key sealed; no key is shown."""
    with open_installation() as home:
        _know_line_tables(home)
        print_rows(count_keys(home), ("key", "is_current", "values", "files"), as_json=as_json, nothing="No key.")


@command.command("rotate")
@click.option("--prepare", "stage", flag_value="prepare", help="Only put a new key on the ring.")
@click.option("--finish", "stage", flag_value="finish", help="Take the old keys off the ring.")
def rotate(stage: str | None) -> None:
    """Put a new field key in place and seal everything anew; safe to call again when it was broken off."""
    with open_installation() as home:
        _know_line_tables(home)
        if stage == "prepare":
            prepare(home)
        elif stage == "finish":
            finish(home)
        else:
            _use_newest(home)
            seal_anew(home)
            click.echo(f"Everything is sealed with {home.keys.current}. Later: workbench keys rotate --finish")


def count_keys(home: Installation) -> list[dict[str, Any]]:
    """Count values and files by the key that sealed them."""
    values: Counter[str] = Counter()
    with home.store.read() as session:
        for column in sealed_columns(home.store):
            left = session.execute(column.count_all()).scalar_one()
            for key in home.keys.fields:
                count = session.execute(column.count(key)).scalar_one()
                values[key] += count
                left -= count
            if left:
                values["unknown"] += left
    files = Counter(home.keys.key_of(_head(path)) for path in files_of(_folder(home)))
    names = dict.fromkeys([*home.keys.fields, *values, *files])
    current = home.keys.current
    return [
        {"key": name, "is_current": name == current, "values": values[name], "files": files[name]} for name in names
    ]


def prepare(home: Installation) -> None:
    """Put a new key on the ring without using it."""
    keys = home.keys
    if len(keys.fields) > 1:
        raise click.ClickException("another change of keys is under way; first: workbench keys rotate --finish")
    _add_key(keys)
    click.echo(f"{_newest(keys)} is on the ring. Copy {keys.path} to every other host, then: workbench keys rotate")


def finish(home: Installation) -> None:
    """Prove that nothing needs the old keys any more, and take them off the ring."""
    keys = home.keys
    if len(keys.fields) == 1:
        raise click.ClickException("there is no old key on the ring")
    if keys.current != _newest(keys):
        raise click.ClickException("the new key is not in use yet; first: workbench keys rotate")
    _settle(keys)
    seal_anew(home)
    left = [row for row in count_keys(home) if not row["is_current"] and (row["values"] or row["files"])]
    if left:
        raise click.ClickException(
            f"values of {', '.join(row['key'] for row in left)} are left; nothing was taken away"
        )
    old = [name for name in keys.fields if name != keys.current]
    _save(keys, {keys.current: keys.fields[keys.current]}, keys.current)
    click.echo(f"Took {', '.join(old)} off the ring. Older backups need the older keys.toml.")


def seal_anew(home: Installation) -> None:
    """Seal with the current key whatever another one sealed."""
    values = sum(reseal_values(home.store, home.keys))
    files = sum(reseal_files(_folder(home), home.keys))
    click.echo(f"Sealed {values} values and {files} files anew.")


def _use_newest(home: Installation) -> None:
    """Make the newest key the one that seals; without a newer one, make one first."""
    keys = home.keys
    if len(keys.fields) == 1:
        _add_key(keys)
    if (newest := _newest(keys)) != keys.current:
        _save(keys, dict(keys.fields), newest)
        time.sleep(FOLLOW * 2)


def _add_key(keys: KeyRing) -> None:
    _save(keys, {**keys.fields, f"k{int(keys.current.removeprefix('k')) + 1}": new_key()}, keys.current)


def _newest(keys: KeyRing) -> str:
    return max(keys.fields, key=lambda name: int(name.removeprefix("k")))


def _save(keys: KeyRing, fields: dict[str, bytes], current: str) -> None:
    path = _path(keys)
    save_keys(replace(keys, fields=fields, current=current), path)
    keys.fields, keys.current = fields, current


def _settle(keys: KeyRing) -> None:
    """Wait until no process can still write with an old key."""
    time.sleep(max(0.0, _path(keys).stat().st_mtime + SETTLE - time.time()))


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
