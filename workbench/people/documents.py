"""Materials on file: scanned once and reused, or only seen. Never asked for twice while valid."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from ..store.clock import local
from ..store.context import Context
from ..store.problems import Problem
from ..store.rows import prepare, run
from .models import DocumentRow
from .scans import make_safe


@dataclass(frozen=True, slots=True)
class Document:
    """One material on file. Without a digest it was only seen."""

    id: int
    kind: str
    digest: str
    file_name: str
    media_type: str
    size: int
    valid_until: date | None
    recorded_at: datetime
    is_valid: bool


def keep_document(
    ctx: Context,
    person_id: str,
    kind: str,
    content: bytes | None,
    *,
    file_name: str = "",
    valid_until: date | None = None,
    case_id: str = "",
) -> DocumentRow:
    """Keep a scanned material, or with no content the note that the original was seen; raises Problem.

    What a file is, is read from its bytes; its name and what a browser says of it are not trusted. Pictures are
    written anew.
    """
    row = DocumentRow(
        person_id=person_id,
        kind=kind,
        valid_until=valid_until,
        recorded_at=ctx.clock.now(),
        recorded_by=ctx.actor.id,
        case_id=case_id,
    )
    if content is not None:
        row.media_type, safe = make_safe(content)
        row.digest, row.size, row.file_name = ctx.files.put(safe), len(safe), tidy_file_name(file_name)
    if known := _kept_before(ctx, row):
        return known
    ctx.session.add(row)
    ctx.session.flush()
    return row


def _kept_before(ctx: Context, row: DocumentRow) -> DocumentRow | None:
    """Give the same material of the same case, kept by the same worker today: a second press keeps no second one."""
    if not row.case_id:
        return None
    same = ("person_id", "kind", "digest", "case_id", "recorded_by", "valid_until")
    query = select(DocumentRow).where(*(col(getattr(DocumentRow, name)) == getattr(row, name) for name in same))
    known = ctx.session.exec(query.order_by(col(DocumentRow.id).desc()).limit(1)).first()
    return known if known is not None and local(known.recorded_at).date() == ctx.clock.today() else None


_COLUMNS = ("id", "kind", "digest", "file_name", "media_type", "size", "valid_until", "recorded_at", "person_id")
DOCUMENTS = prepare(
    select_columns(*(col(getattr(DocumentRow, name)) for name in _COLUMNS))
    .where(col(DocumentRow.person_id).in_(bindparam("people", expanding=True)))
    .order_by(col(DocumentRow.id).desc())
)


def documents_of(ctx: Context, person_id: str) -> list[Document]:
    """Give the materials on file of a person, the newest first, each with whether it still counts. One query."""
    return peoples_documents(ctx, [person_id])[person_id]


def peoples_documents(ctx: Context, person_ids: Iterable[str]) -> dict[str, list[Document]]:
    """Give the materials on file of several people, by person, the newest first. One query."""
    found: dict[str, list[Document]] = {person_id: [] for person_id in person_ids}
    today = ctx.clock.today()
    for row in run(ctx.session, DOCUMENTS, people=sorted(found)):
        found[row.person_id].append(_view(row, today))
    return found


def read_document(ctx: Context, person_id: str, document_id: int) -> tuple[Document, bytes]:
    """Give a scanned material with its bytes; raises Problem when this person has no such scan."""
    row = ctx.session.get(DocumentRow, document_id)
    if row is None or row.person_id != person_id or not row.digest:
        zh, en = "没有这份扫描件。请让居民出示原件。", "There is no such scan. Ask the resident for the original."
        raise Problem("no_such_document", zh, en)
    return _view(row, ctx.clock.today()), ctx.files.get(row.digest)


def tidy_file_name(name: str) -> str:
    """Give the last part of a path without control characters, at most 120 characters, its ending kept."""
    last = name.replace("\\", "/").rpartition("/")[2]
    plain = "".join(char for char in last if unicodedata.category(char)[0] != "C").strip(". ")
    stem, dot, ending = plain.rpartition(".")
    return plain if len(plain) <= 120 else f"{stem[: 119 - len(ending)]}{dot}{ending}"[:120]


def _view(row: Any, today: date) -> Document:
    return Document(
        id=row.id or 0,
        kind=row.kind,
        digest=row.digest,
        file_name=row.file_name,
        media_type=row.media_type,
        size=row.size,
        valid_until=row.valid_until,
        recorded_at=row.recorded_at,
        is_valid=row.valid_until is None or row.valid_until >= today,
    )
