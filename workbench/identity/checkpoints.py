"""Checkpoints: once a day the newest link of every stream is signed, and the signature chained to the day before.

A checkpoint names only the streams that moved since the last one; the others stand as they were signed then. It is
signed with a key made from the audit key, so a copy of it kept elsewhere is proof against whoever holds the database.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlmodel import Session, col, func, select

from ..store.clock import local
from ..store.context import Context
from ..store.crypto import KeyRing
from .audit import record
from .chain import REGISTER
from .models import AuditHeadRow
from .trail_models import AuditAnchorRow, AuditCheckpointRow

FORM = "workbench-checkpoint-1"
ACTION = "trail.checkpoint"


def sign_day(ctx: Context) -> AuditCheckpointRow | None:
    """Sign what stands now, unless the day before today is signed already; the unique day makes twice impossible."""
    day = local(ctx.clock.now()).date() - timedelta(days=1)
    last = newest(ctx.session)
    if last is not None and last.day >= day:
        return None
    row = _write(ctx, last, day)
    detail = {"day": day.isoformat(), "signature": row.signature.hex()}
    record(ctx, ACTION, subject=f"checkpoint:{row.number}", detail=detail)
    return row


def newest(session: Session) -> AuditCheckpointRow | None:
    """Give the last checkpoint."""
    order = col(AuditCheckpointRow.number).desc()
    return session.exec(select(AuditCheckpointRow).order_by(order).limit(1)).first()


def _write(ctx: Context, last: AuditCheckpointRow | None, day: date) -> AuditCheckpointRow:
    number = last.number + 1 if last else 1
    moved = _moved(ctx.session)
    anchors = [
        AuditAnchorRow(checkpoint=number, place=place, stream=head.stream, seq=head.seq, mac=head.mac)
        for place, head in enumerate(moved, 1)
    ]
    row = AuditCheckpointRow(
        number=number,
        day=day,
        at=ctx.clock.now().replace(microsecond=0),
        streams=ctx.session.exec(
            select(func.coalesce(func.max(AuditHeadRow.seq), 0)).where(AuditHeadRow.stream == REGISTER)
        ).one(),
        anchors=len(anchors),
        digest=digest_of(anchors),
        signature=b"",
    )
    row.signature = signer(ctx.keys).sign(payload(row, last.signature if last else b""))
    ctx.session.add(row)
    ctx.session.flush()
    ctx.session.add_all(anchors)
    return row


def _moved(session: Session) -> Sequence[AuditHeadRow]:
    """List the heads no checkpoint has signed as they stand; the register of streams is one of them."""
    a, h = AuditAnchorRow, AuditHeadRow
    signed = select(a.seq).where(a.stream == h.stream, a.seq == h.seq).exists()
    return session.exec(select(h).where(~signed, col(h.seq) > 0).order_by(col(h.stream))).all()


def signer(keys: KeyRing) -> Ed25519PrivateKey:
    """Make the key that signs checkpoints; its public half may be known to anybody."""
    made = HKDF(algorithm=SHA256(), length=32, salt=None, info=FORM.encode()).derive(keys.audit)
    return Ed25519PrivateKey.from_private_bytes(made)


def public_key(keys: KeyRing) -> bytes:
    """Give the 32 bytes others prove a checkpoint with."""
    return signer(keys).public_key().public_bytes_raw()


def digest_of(anchors: Sequence[Any]) -> bytes:
    """Compute the digest over the anchors of one checkpoint, in their places."""
    whole = hashlib.sha256()
    for anchor in anchors:
        whole.update(f"{anchor.place}\x1f{anchor.stream}\x1f{anchor.seq}\x1f{anchor.mac.hex()}\n".encode())
    return whole.digest()


def payload(row: Any, before: bytes) -> bytes:
    """Give the bytes that are signed; `before` is the signature of the checkpoint before."""
    said = [FORM, row.number, row.day.isoformat(), _stamp(row.at), row.streams, row.anchors]
    return json.dumps([*said, row.digest.hex(), before.hex()], separators=(",", ":")).encode()


def _stamp(at: datetime) -> str:
    return (at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)).isoformat()


def write_lines(session: Session, keys: KeyRing, since: int = 1) -> Iterator[tuple[int, str]]:
    """Give every checkpoint from a number on, each with its number as one line of JSON, to be kept elsewhere."""
    order = (
        select(AuditCheckpointRow).where(AuditCheckpointRow.number >= since).order_by(col(AuditCheckpointRow.number))
    )
    before = _signature(session, since - 1)
    for row in session.exec(order).all():
        yield row.number, json.dumps(_line(session, keys, row, before), separators=(",", ":"))
        before = row.signature


def _line(session: Session, keys: KeyRing, row: AuditCheckpointRow, before: bytes) -> dict[str, Any]:
    return {
        "form": FORM,
        "number": row.number,
        "day": row.day.isoformat(),
        "at": _stamp(row.at),
        "streams": row.streams,
        "anchors": [[one.stream, one.seq, one.mac.hex()] for one in anchors_of(session, row.number)],
        "before": before.hex(),
        "signature": row.signature.hex(),
        "public_key": public_key(keys).hex(),
    }


def _signature(session: Session, number: int) -> bytes:
    row = session.get(AuditCheckpointRow, number)
    return row.signature if row else b""


def anchors_of(session: Session, number: int) -> list[AuditAnchorRow]:
    """List what one checkpoint anchors, in its places."""
    query = select(AuditAnchorRow).where(AuditAnchorRow.checkpoint == number)
    return list(session.exec(query.order_by(col(AuditAnchorRow.place))))


def read_line(text: str) -> tuple[AuditCheckpointRow, list[AuditAnchorRow], bytes]:
    """Read a line of `write_lines`: the checkpoint, its anchors, the signature before. Raises ValueError."""
    try:
        said = json.loads(text)
        number = int(said["number"])
        anchors = [
            AuditAnchorRow(checkpoint=number, place=place, stream=str(stream), seq=int(seq), mac=bytes.fromhex(mac))
            for place, (stream, seq, mac) in enumerate(said["anchors"], 1)
        ]
        row = AuditCheckpointRow(
            number=number,
            day=date.fromisoformat(said["day"]),
            at=datetime.fromisoformat(said["at"]),
            streams=int(said["streams"]),
            anchors=len(anchors),
            digest=digest_of(anchors),
            signature=bytes.fromhex(said["signature"]),
        )
        return row, anchors, bytes.fromhex(said["before"])
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a checkpoint: {error}") from None
