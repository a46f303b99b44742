"""Seals values and files anew with the current key, in small batches while everything runs."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ..store.crypto import KeyRing
from ..store.engine import Store
from ..store.ids import new_id
from .sealed import SealedColumn, sealed_columns

BATCH = 500


def reseal_values(store: Store, keys: KeyRing) -> Iterator[int]:
    """Seal every value anew that another key sealed; gives the size of each batch."""
    for column in sealed_columns(store):
        after = None
        while True:
            with store.write() as session:
                rows = session.execute(column.others(keys.current, after, BATCH)).all()
                if rows:
                    session.connection().execute(column.replace(), [_change(column, keys, row) for row in rows])
            if not rows:
                break
            after = rows[-1][1:]
            yield len(rows)


def _change(column: SealedColumn, keys: KeyRing, row: Sequence[Any]) -> dict[str, Any]:
    old, primary = bytes(row[0]), row[1:]
    new = keys.seal(column.place, keys.unseal(column.place, old))
    return {"old": old, "new": new} | {f"key_{number}": part for number, part in enumerate(primary)}


def reseal_files(folder: Path, keys: KeyRing) -> Iterator[int]:
    """Seal every file anew that another key sealed; each is replaced at once."""
    for path in files_of(folder):
        envelope = path.read_bytes()
        if keys.key_of(envelope) != keys.current:
            _replace(path, keys.seal("file", keys.unseal("file", envelope)))
            yield 1


def files_of(folder: Path) -> Iterator[Path]:
    """List the files of a file store."""
    return (path for path in folder.glob("??/*") if not path.name.startswith("."))


def _replace(path: Path, content: bytes) -> None:
    partial = path.with_name(f".{new_id()}")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
