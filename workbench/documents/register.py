"""Prints documents into the register: each has a number, is kept as it was printed, and can be printed again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, bindparam, text
from sqlmodel import col, func, select

from ..api.manifest import ItemManifest
from ..cases.models import CaseRow
from ..cases.moves import note_event
from ..identity.audit import record
from ..people.models import PersonRow
from ..reception.papers.print import qr_svg
from ..store.context import Context
from ..store.locking import ALONE
from ..store.problems import Problem, Problems
from ..store.rows import prepare, run
from .barcode import barcode_svg
from .content import make_content, read_scene
from .kinds import Kind, load_asks, load_kinds
from .models import DocumentRow, SealUseRow
from .print import digest_of, draw
from .templates import source_of_digest, template_of

LONGEST = 300
#: One statement, so that nobody comes between reading the last number and writing the next.
TAKE = prepare(
    text(
        "INSERT INTO document_number (hub_id, kind, year, last) VALUES (:hub, :kind, :year, 1) "
        "ON CONFLICT (hub_id, kind, year) DO UPDATE SET last = document_number.last + 1 RETURNING last"
    )
    .bindparams(bindparam("year", type_=Integer))
    .columns(last=Integer)
)


@dataclass(frozen=True, slots=True)
class Printed:
    """One line of the register."""

    id: str
    number: str
    kind: str
    case_id: str
    case_no: str | None
    person_name: str
    by_name: str
    at: datetime
    seals: int


def print_document(
    ctx: Context, case: CaseRow, item: ItemManifest, kind: Kind, typed: Mapping[str, str], *, key: str
) -> DocumentRow:
    """Number a document, draw it once to prove that it can be drawn, and write it into the register.

    The same key again gives the document of the first time.
    """
    known = ctx.session.get(DocumentRow, key)
    if known is not None and known.case_id == case.id:
        return known
    said = {key: typed.get(key, "").strip()[:LONGEST] for key in kind.asks}
    missing = [key for key, value in said.items() if not value and load_asks()[key].required]
    if missing:
        zh, en = "请填写此项，文书上要打印。", "Fill this in; it is printed on the document."
        raise Problems([Problem("ask_missing", zh, en, field=key) for key in missing])
    source, number = template_of(ctx, kind.key), _number(ctx, kind)
    data = make_content(ctx, read_scene(ctx, case, item, said), kind, number)
    draw(source, _drawn(data, case))
    row = DocumentRow(
        id=key,
        hub_id=ctx.hub.id,
        case_id=case.id,
        kind=kind.key,
        number=number,
        data=data,
        template=digest_of(source),
        by_id=ctx.actor.id,
        by_name=ctx.actor.name,
        at=ctx.clock.now(),
    )
    ctx.session.add(row)
    note_event(ctx, case, "printed", text=f"{kind.zh} {number}")
    return row


def print_again(ctx: Context, row: DocumentRow, case: CaseRow) -> bytes:
    """Draw a document of the register as it was, with the template of then."""
    kind = load_kinds()[row.kind]
    record(ctx, "document.print", person_id=case.person_id, subject=f"document:{row.id}", detail={"kind": kind.key})
    return draw(source_of_digest(ctx, row.kind, row.template), _drawn(row.data, case))


def _drawn(data: Mapping[str, Any], case: CaseRow) -> dict[str, Any]:
    """Add the codes: the bar code says the document's number, the QR code the case's; nothing about the person."""
    number = str(data["number"])
    return {**data, "barcode": barcode_svg(number), "qr": qr_svg(case.case_no or number)}


def _number(ctx: Context, kind: Kind) -> str:
    year = ctx.clock.today().year
    last = run(ctx.session, TAKE, hub=ctx.hub.id, kind=kind.key, year=year).scalar_one()
    return f"{kind.code}-{ctx.hub.division.ljust(12, '0')}-{year}-{last:05d}"


def record_seal(ctx: Context, row: DocumentRow, case: CaseRow, *, seal: str, copies: int) -> None:
    """Write down that a seal was set on a document, once, and the same again does nothing. Raises Problem."""
    if not seal.strip():
        raise Problem("seal_missing", "请写明印章名称。", "Name the seal.", field="seal")
    if not 1 <= copies <= 20:
        raise Problem("copies_wrong", "请填写 1 至 20 份。", "Enter 1 to 20 copies.", field="copies")
    ctx.session.refresh(row, with_for_update=ALONE)
    known = ctx.session.exec(select(SealUseRow).where(SealUseRow.document_id == row.id)).first()
    if known is not None:
        if (known.seal, known.copies, known.by_id) == (seal.strip()[:100], copies, ctx.actor.id):
            return
        zh, en = "此文书的用印刚刚已登记，请核对。", "The seal on this document was noted a moment ago; look again."
        raise Problem("sealed_already", zh, en, field="seal")
    ctx.session.add(
        SealUseRow(
            document_id=row.id,
            seal=seal.strip()[:100],
            copies=copies,
            by_id=ctx.actor.id,
            by_name=ctx.actor.name,
            at=ctx.clock.now(),
        )
    )
    note_event(ctx, case, "sealed", text=f"{row.number}：{seal.strip()[:100]}")


def register_of(ctx: Context, *, case_id: str = "", kind: str = "", before: str = "", limit: int = 51) -> list[Printed]:
    """List what was printed at the hub, or of one case; newest first. One query."""
    seals = select(func.count()).where(SealUseRow.document_id == DocumentRow.id).scalar_subquery()
    columns = (
        col(DocumentRow.id), col(DocumentRow.number), col(DocumentRow.kind), col(DocumentRow.case_id),
        col(CaseRow.case_no), col(PersonRow.name), col(DocumentRow.by_name), col(DocumentRow.at),
        seals,
    )  # fmt: skip
    query = select(*columns).join(CaseRow, col(CaseRow.id) == col(DocumentRow.case_id))  # type: ignore[call-overload]
    query = query.join(PersonRow, col(PersonRow.id) == col(CaseRow.person_id))
    query = query.where(col(DocumentRow.case_id) == case_id if case_id else col(DocumentRow.hub_id) == ctx.hub.id)
    if kind:
        query = query.where(col(DocumentRow.kind) == kind)
    if before:
        query = query.where(col(DocumentRow.id) < before)
    return [Printed(*row) for row in ctx.session.exec(query.order_by(col(DocumentRow.id).desc()).limit(limit))]


def find_document(ctx: Context, document_id: str) -> DocumentRow | None:
    """Give a document of the hub."""
    row = ctx.session.get(DocumentRow, document_id[:26])
    return row if row is not None and row.hub_id == ctx.hub.id else None
