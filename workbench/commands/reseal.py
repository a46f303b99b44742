"""Makes values and files anew with the current keys, in small batches while everything runs.

A batch is one short transaction that waits for nobody: rows somebody else holds are taken in the next pass. Whatever
is broken off goes on where it stopped, since what is left is told from the values themselves.
"""

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from ..store.crypto import KeyRing
from ..store.engine import Store
from ..store.ids import new_id
from .sealed import Kept, blind_columns, lock, others, replace, sealed_columns

BATCH, PASSES, PAUSE = 200, 20, 0.2


class StandsTwice(Exception):
    """Two rows have one value that may stand only once; their primary keys are the argument."""


def reseal_values(store: Store, keys: KeyRing) -> Iterator[int]:
    """Seal every value anew that another key sealed; gives the size of each batch."""
    for column in sealed_columns(store):
        yield from _renew(store, keys, column, keys.held.current, [])


def reindex_values(store: Store, keys: KeyRing) -> Iterator[int]:
    """Make every blind index anew that another key made; gives the size of each batch.

    Raises StandsTwice at the end when a resident was registered at two tables while the keys changed.
    """
    doubles: dict[str, list[Any]] = {}
    for column in blind_columns(store):
        yield from _renew(store, keys, column, keys.held.index, doubles.setdefault(column.table.name, []))
    for table, rows in doubles.items():
        if rows:
            raise StandsTwice(table, rows)


def _renew(store: Store, keys: KeyRing, column: Kept, key: str, doubles: list[Any]) -> Iterator[int]:
    """Go over a column until nothing is left; what others hold all the time is left to the next call."""
    known = len(doubles)
    for _ in range(PASSES):
        del doubles[known:]
        held = 0
        for rows in _batches(store, column, key):
            done = _renew_batch(store, keys, column, key, rows, doubles)
            held += len(rows) - done
            yield done
        if held <= len(doubles) - known:
            return
        time.sleep(PAUSE)


def _batches(store: Store, column: Kept, key: str) -> Iterator[Sequence[Any]]:
    after = None
    while True:
        with store.read() as session:
            rows = session.execute(others(column, key, after, BATCH)).all()
        if not rows:
            return
        yield rows
        after = rows[-1]


def _renew_batch(store: Store, keys: KeyRing, column: Kept, key: str, rows: Sequence[Any], doubles: list[Any]) -> int:
    try:
        with store.write() as session:
            return len(_write(session, keys, column, key, rows))
    except IntegrityError:
        if len(rows) == 1:
            doubles.append(tuple(rows[0]))
            return 0
        return sum(_renew_batch(store, keys, column, key, [row], doubles) for row in rows)


def _write(session: Session, keys: KeyRing, column: Kept, key: str, rows: Sequence[Any]) -> list[dict[str, Any]]:
    size = len(column.needs())
    free = session.execute(lock(column, key, rows)).all()
    changes = [
        {"new": column.anew(keys, row[:size])} | {f"key_{n}": part for n, part in enumerate(row[size:])} for row in free
    ]
    if changes:
        session.connection().execute(replace(column), changes)
    return changes


def reseal_files(folder: Path, keys: KeyRing) -> Iterator[int]:
    """Seal every file anew that another key sealed; each is replaced at once."""
    for path in files_of(folder):
        try:
            envelope = path.read_bytes()
        except FileNotFoundError:  # erased meanwhile
            continue
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
