"""Proves the trail: walks every row once, in bounded memory, and names every place where it does not hold.

Rows come in the order of their streams, each beside the head of its stream and the anchor that signed it.
"""

import hmac
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from sqlalchemy import select as columns
from sqlmodel import Session, SQLModel, col, select

from ..store.crypto import KeyRing
from .as_found import as_found, damages, reading_as_found
from .chain import REGISTER, START, enter, link, seal_head
from .checkpoints import ACTION, digest_of, payload, read_line, signer
from .models import AuditHeadRow, AuditRow, SignInRow
from .trail_models import AuditAnchorRow, AuditCheckpointRow, AuditStreamRow

BATCH = 1000
CHECKPOINTS = "checkpoints"


@dataclass(frozen=True, slots=True)
class Break:
    """One place where the trail does not hold."""

    stream: str
    seq: int
    what: str


def verify(session: Session, keys: KeyRing) -> Iterator[Break]:
    """Walk the whole trail as it stands at one moment and name all that was changed, removed, moved or cut off.

    Others may write meanwhile when the session is a new one; one that has begun sees what its transaction sees.
    """
    if session.get_bind().dialect.name == "postgresql" and not session.in_transaction():
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    with reading_as_found(session):
        signatures = yield from _checkpoints(session, keys)
        yield from _register(session, keys)
        yield from _rows(session, keys, signatures)
        yield from _heads_without_rows(session)
        yield from _anchors_without_rows(session)
        yield from _all_of_it(session)
        yield from _damages(session)


def _checkpoints(session: Session, keys: KeyRing) -> Generator[Break, None, dict[int, str]]:
    """Prove the chain of checkpoints; gives their signatures by number."""
    signatures: dict[int, str] = {}
    before, number = b"", 0
    for row in session.execute(_whole(AuditCheckpointRow).order_by(col(AuditCheckpointRow.number))).all():
        if row.number != number + 1:
            yield Break(CHECKPOINTS, number + 1, f"checkpoints {number + 1} to {row.number - 1} are missing")
        elif not _is_signed(keys, row, before):
            yield Break(CHECKPOINTS, row.number, "the checkpoint was changed or moved")
        anchored = col(AuditAnchorRow.checkpoint) == row.number
        anchors = session.execute(_whole(AuditAnchorRow).where(anchored).order_by(col(AuditAnchorRow.place))).all()
        if digest_of(anchors) != row.digest:
            yield Break(CHECKPOINTS, row.number, "what the checkpoint anchors was changed, moved or removed")
        before, number = row.signature, row.number
        signatures[number] = row.signature.hex()
    return signatures


def _is_signed(keys: KeyRing, row: Any, before: bytes) -> bool:
    try:
        signer(keys).public_key().verify(row.signature, payload(row, before))
    except InvalidSignature:
        return False
    return True


def _register(session: Session, keys: KeyRing) -> Iterator[Break]:
    """Prove the register of streams, and that every stream that was begun has its head."""
    number, mac = 0, START
    s, h = AuditStreamRow, AuditHeadRow
    query = columns(
        as_found(col(s.number)), as_found(col(s.stream)), as_found(col(s.mac)), col(h.stream).label("head")
    ).outerjoin(h, col(h.stream) == col(s.stream))
    for row in _stream(session, query.order_by(col(s.number))):
        if row.number != number + 1:
            yield Break(REGISTER, number + 1, "entries of the register of streams are missing")
        elif not hmac.compare_digest(enter(keys, mac, row.number, row.stream), row.mac):
            yield Break(REGISTER, row.number, "the entry of the register of streams was changed or moved")
        if row.head is None:
            yield Break(row.stream, 1, "the head of the stream is missing")
        number, mac = row.number, row.mac
    head = session.execute(_whole(AuditHeadRow).where(col(AuditHeadRow.stream) == REGISTER)).first()
    if head is not None or number:
        yield from _judge_end(keys, REGISTER, number, mac, head)


def _rows(session: Session, keys: KeyRing, signatures: dict[int, str]) -> Iterator[Break]:
    last: Any = None
    seq, mac = 0, START
    for row in _stream(session, _query()):
        if last is None or row.stream != last.stream:
            yield from _end_of(keys, last, seq, mac)
            seq, mac = 0, START
            if row.registered is None:
                yield Break(row.stream, 1, "the stream is not in the register")
        if row.seq <= seq:
            yield Break(row.stream, seq + 1, "the row's place was changed")
            continue
        if row.seq != seq + 1:
            yield Break(row.stream, seq + 1, f"rows {seq + 1} to {row.seq - 1} are missing")
        elif not hmac.compare_digest(link(keys, mac, row), row.mac):
            yield Break(row.stream, row.seq, "the row was changed or moved")
        elif last is not None and row.stream == last.stream and row.id < last.id:
            yield Break(row.stream, row.seq, "the row stands before the one it follows")
        if row.anchor is not None and row.anchored != row.mac:
            yield Break(row.stream, row.seq, f"the row is not the one checkpoint {row.checkpoint} signed")
        if row.action == ACTION:
            yield from _noted(row, signatures)
        last, seq, mac = row, row.seq, row.mac
    yield from _end_of(keys, last, seq, mac)


def _query() -> Any:
    a, h, s, anchor = AuditRow, AuditHeadRow, AuditStreamRow, AuditAnchorRow
    beside: tuple[Any, ...] = (
        as_found(col(h.seq), "head_seq"), as_found(col(h.mac), "head_mac"), as_found(col(h.seal), "head_seal"),
        as_found(col(anchor.mac), "anchored"), col(h.stream).label("head"), col(anchor.stream).label("anchor"),
        col(anchor.checkpoint), col(s.number).label("registered"),
    )  # fmt: skip
    return (
        columns(*(as_found(col(getattr(a, name))) for name in a.model_fields), *beside)
        .outerjoin(h, col(h.stream) == col(a.stream))
        .outerjoin(s, col(s.stream) == col(a.stream))
        .outerjoin(anchor, (col(anchor.stream) == col(a.stream)) & (col(anchor.seq) == col(a.seq)))
        .order_by(col(a.stream), col(a.seq))
    )


def _noted(row: Any, signatures: dict[int, str]) -> Iterator[Break]:
    """Hold what the trail says of a checkpoint against the checkpoint."""
    told = row.subject.removeprefix("checkpoint:")
    number = int(told) if told.isascii() and told.isdigit() else 0
    if number not in signatures:
        yield Break(CHECKPOINTS, number, "the checkpoint is missing")
    elif row.detail.get("signature") != signatures[number]:
        yield Break(CHECKPOINTS, number, "the checkpoint is not the one the trail names")


def _end_of(keys: KeyRing, last: Any, seq: int, mac: bytes) -> Iterator[Break]:
    if last is None:
        return
    head = None
    if last.head is not None:
        head = AuditHeadRow(stream=last.stream, seq=last.head_seq, mac=last.head_mac, seal=last.head_seal)
    elif last.registered is not None:  # then it was named with the register
        return
    yield from _judge_end(keys, last.stream, seq, mac, head)


def _judge_end(keys: KeyRing, stream: str, seq: int, mac: bytes, head: Any) -> Iterator[Break]:
    if head is None:
        yield Break(stream, seq, "the head of the stream is missing")
    elif not hmac.compare_digest(seal_head(keys, stream, head.seq, head.mac), head.seal):
        yield Break(stream, head.seq, "the head of the stream was changed")
    elif head.seq > seq:
        yield Break(stream, seq + 1, f"the end of the stream was cut off: rows {seq + 1} to {head.seq} are missing")
    elif (head.seq, head.mac) != (seq, mac):
        yield Break(stream, seq, "the end of the stream is not the one its head names")


def _heads_without_rows(session: Session) -> Iterator[Break]:
    a, h = AuditRow, AuditHeadRow
    without = ~select(a.seq).where(a.stream == h.stream).exists()
    query = columns(col(h.stream), col(h.seq)).where(without, col(h.stream) != REGISTER, col(h.seq) > 0)
    for row in _stream(session, query.order_by(col(h.stream))):
        yield Break(row.stream, 1, f"the whole stream is missing: rows 1 to {row.seq}")


def _anchors_without_rows(session: Session) -> Iterator[Break]:
    """Name what a checkpoint signed and is not there: rows, and entries of the register."""
    a, s, anchor = AuditRow, AuditStreamRow, AuditAnchorRow
    no_row = ~select(a.seq).where(a.stream == anchor.stream, a.seq == anchor.seq).exists()
    no_entry = ~select(s.number).where(s.number == anchor.seq, s.mac == anchor.mac).exists()
    is_register = col(anchor.stream) == REGISTER
    query = columns(col(anchor.checkpoint), col(anchor.stream), col(anchor.seq))
    missing = (~is_register & no_row) | (is_register & no_entry)
    for row in _stream(session, query.where(missing).order_by(col(anchor.checkpoint), col(anchor.place))):
        yield Break(row.stream, row.seq, f"what checkpoint {row.checkpoint} signed is missing")


def _all_of_it(session: Session) -> Iterator[Break]:
    """Miss a trail that was emptied whole: nobody signs on without an act in it."""
    is_begun = session.exec(select(AuditStreamRow.number).limit(1)).first() is not None
    if not is_begun and session.exec(select(SignInRow.sid).limit(1)).first() is not None:
        yield Break(REGISTER, 1, "the whole trail is missing: somebody has signed on, and no act is written")


def _damages(session: Session) -> Iterator[Break]:
    for model in (AuditRow, AuditHeadRow, AuditStreamRow, AuditCheckpointRow, AuditAnchorRow):
        name = str(model.__tablename__)
        for said in damages(session, name):
            yield Break(name, 0, f"the database file is damaged: {said}")


def _whole(model: type[SQLModel]) -> Any:
    return columns(*(as_found(column) for column in model.__table__.columns))  # type: ignore[attr-defined]


def _stream(session: Session, query: Any) -> Iterator[Any]:
    """Give rows as the database sends them, a batch in memory at a time."""
    yield from session.execute(query.execution_options(yield_per=BATCH))


def verify_against(session: Session, keys: KeyRing, lines: Iterator[str]) -> Iterator[Break]:
    """Hold checkpoints kept elsewhere against the database; raises ValueError for a line that is none."""
    for text in filter(None, map(str.strip, lines)):
        kept, anchors, before = read_line(text)
        if not _is_signed(keys, kept, before):
            yield Break(CHECKPOINTS, kept.number, "the kept checkpoint is not signed by this installation")
            continue
        signature = select(AuditCheckpointRow.signature).where(AuditCheckpointRow.number == kept.number)
        stored = session.exec(signature).first()
        if stored is None:
            yield Break(CHECKPOINTS, kept.number, "the checkpoint is kept elsewhere and missing here")
        elif stored != kept.signature:
            yield Break(CHECKPOINTS, kept.number, "the checkpoint is not the one that is kept elsewhere")
        for anchor in anchors:
            yield from _hold_anchor(session, anchor)


def _hold_anchor(session: Session, anchor: AuditAnchorRow) -> Iterator[Break]:
    if anchor.stream == REGISTER:
        query = select(AuditStreamRow.mac).where(AuditStreamRow.number == anchor.seq)
    else:
        query = select(AuditRow.mac).where(AuditRow.stream == anchor.stream, AuditRow.seq == anchor.seq)
    found = session.exec(query).first()
    if found is None:
        yield Break(anchor.stream, anchor.seq, f"what the kept checkpoint {anchor.checkpoint} signed is missing")
    elif found != anchor.mac:
        yield Break(anchor.stream, anchor.seq, f"this is not what the kept checkpoint {anchor.checkpoint} signed")
