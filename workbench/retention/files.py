"""Takes away the files of what was erased, once nothing that is left names them.

The same file may stand in several residents' forms: a picture, a signature. So everything that is left is looked
through, opened where it is sealed; the list of columns comes from their types, and a new one cannot be forgotten.
"""

import time
from collections.abc import Iterator, Set
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Table, delete, literal, select, tuple_
from sqlmodel import SQLModel, col

from ..store.engine import Store
from ..store.files import FileStore
from ..store.types import Json, Sealed
from .contents import FILE
from .models import ErasedFileRow

#: A form that is being sent names a file before it is written down: that takes no longer than this.
GRACE = timedelta(hours=1)
PART = 1000
#: Names of files that say nothing about whether one is wanted.
APART = frozenset({"audit", "erased_file", "erasure", "payload.digest", "item_version"})


def sweep_files(store: Store, files: FileStore, now: datetime) -> int:
    """Take away what is wanted no more; gives how many files went."""
    with store.read() as session:
        waiting = set(session.scalars(select(col(ErasedFileRow.digest)).where(col(ErasedFileRow.since) <= now - GRACE)))
    if not waiting:
        return 0
    began = time.time() - GRACE.total_seconds()  # what the file system's clock says, not a rehearsal's
    wanted = _named(store, waiting)
    gone = {digest for digest in sorted(waiting - wanted) if files.remove(digest, began)}
    with store.write() as session:
        session.execute(delete(ErasedFileRow).where(col(ErasedFileRow.digest).in_(gone | wanted)))
    return len(gone)


def _named(store: Store, waiting: Set[str]) -> set[str]:
    """Give those of the files that something still names."""
    found: set[str] = set()
    for table, columns in _columns():
        for values in _values(store, table, columns):
            found |= waiting & set(FILE.findall(values))
    return found


def _columns() -> Iterator[tuple[Table, list[Column[Any]]]]:
    for table in SQLModel.metadata.sorted_tables:
        if table.name in APART:
            continue
        columns = [one for one in table.columns if _may_name(one) and f"{table.name}.{one.name}" not in APART]
        if columns:
            yield table, columns


def _may_name(column: Column[Any]) -> bool:
    kind = column.type
    return isinstance(kind, Sealed | type(Json)) or column.name in ("digest", "value")


def _values(store: Store, table: Table, columns: list[Column[Any]]) -> Iterator[str]:
    """Give what the columns say, a part of the table at a time, by its key."""
    primary, last = list(table.primary_key.columns), None
    while True:
        query = select(*primary, *columns).order_by(*primary).limit(PART)
        if last is not None:
            query = query.where(_after(primary, last))
        with store.read() as session:
            rows = session.connection().execute(query).all()
        for row in rows:
            yield "\n".join(str(value) for value in row[len(primary) :] if value)
        if len(rows) < PART:
            return
        last = tuple(rows[-1][: len(primary)])


def _after(primary: list[Column[Any]], last: tuple[Any, ...]) -> Any:
    return tuple_(*primary) > tuple_(*(literal(value, one.type) for value, one in zip(last, primary, strict=True)))
