"""Takes away what contents.toml names; of a proof a keyed digest stays, by which whoever holds it can show it."""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Column, String, Table, delete, null, select, update
from sqlmodel import AutoString, Session, SQLModel

from ..api.manifest import Manifest
from ..store.crypto import KeyRing
from ..store.types import Json

Of = Literal["form", "case", "parcel", "visit", "person", "home"]
PART = 500
FILE = re.compile(r"[0-9a-f]{64}")


class Take(Manifest):
    """What one table loses."""

    of: Of
    table: str
    by: str
    empty: tuple[str, ...] = ()
    proof: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    row: bool = False

    @property
    def rows(self) -> Table:
        """Its table."""
        return SQLModel.metadata.tables[self.table]


class Keep(Manifest):
    """A table that keeps what it says, and why."""

    table: str
    why: str


@dataclass
class Taken:
    """What was taken away so far."""

    counts: dict[str, int] = field(default_factory=dict)
    proofs: dict[str, dict[str, str]] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)


@cache
def declared() -> tuple[tuple[Take, ...], tuple[Keep, ...]]:
    """Read what is taken and what stays."""
    data = tomllib.loads(Path(__file__).with_name("contents.toml").read_text("utf-8"))
    return tuple(map(Take.model_validate, data["take"])), tuple(map(Keep.model_validate, data["keep"]))


def take_away(session: Session, keys: KeyRing, ids: Mapping[Of, Sequence[str]], taken: Taken) -> None:
    """Empty everything that is found by these ids; what is empty already is not counted again."""
    for take in declared()[0]:
        for part in _parts(ids.get(take.of, ())):
            here = take.rows.c[take.by].in_(part)
            _look_into(session, keys, take, here, taken)
            _empty(session, take, here, taken)


def count(session: Session, ids: Mapping[Of, Sequence[str]]) -> dict[str, int]:
    """Tell how many rows of each table an erasure would touch. One query a table."""
    found: dict[str, int] = {}
    for take in declared()[0]:
        for part in _parts(ids.get(take.of, ())):
            rows = session.connection().execute(select(*take.rows.primary_key).where(take.rows.c[take.by].in_(part)))
            if number := len(rows.all()):
                found[take.table] = found.get(take.table, 0) + number
    return found


def _parts(ids: Iterable[str]) -> Iterator[list[str]]:
    named = sorted({one for one in ids if one})
    return (named[start : start + PART] for start in range(0, len(named), PART))


def _look_into(session: Session, keys: KeyRing, take: Take, here: Any, taken: Taken) -> None:
    """Note the digests that stay and the files that may go, before the values do."""
    names = tuple(dict.fromkeys((*take.proof, *take.files)))
    if not names:
        return
    primary = list(take.rows.primary_key.columns)
    for row in session.connection().execute(select(*primary, *(take.rows.c[name] for name in names)).where(here)):
        values = row._mapping
        key = "/".join(str(values[one]) for one in primary)
        for name in names:
            value = values[take.rows.c[name]]
            if value in (None, "", b""):
                continue
            if name in take.files:
                taken.files |= set(FILE.findall(value if isinstance(value, str) else json.dumps(value)))
            if name in take.proof:
                taken.proofs.setdefault(f"{take.table}.{name}", {})[key] = digest_of(keys, value)


def digest_of(keys: KeyRing, value: Any) -> str:
    """Give the keyed digest of what stood somewhere; the name of a file counts as its content."""
    if isinstance(value, str) and FILE.fullmatch(value):
        return keys.mark("erased", value).hex()
    content = value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False, sort_keys=True).encode()
    return keys.mark("erased", hashlib.sha256(content).hexdigest()).hex()


def _empty(session: Session, take: Take, here: Any, taken: Taken) -> None:
    rows = take.rows
    made = delete(rows).where(here) if take.row else update(rows).where(here).values(_nothing(take))
    if touched := session.connection().execute(made).rowcount:
        taken.counts[take.table] = taken.counts.get(take.table, 0) + touched


def _nothing(take: Take) -> dict[str, Any]:
    return {name: _empty_value(take.rows.c[name]) for name in take.empty}


def _empty_value(column: Column[Any]) -> Any:
    if column.nullable:
        return null()
    if isinstance(column.type, type(Json)):
        return {}
    if isinstance(column.type, String | AutoString):
        return ""
    raise TypeError(f"{column} cannot be emptied")
