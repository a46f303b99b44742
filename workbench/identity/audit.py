"""The audit trail: who did or saw what, about whom, when, from where and why. Append-only.

Every actor has a stream of their own. Each row carries a keyed digest over its content and the
digest before it, and the head of every stream is kept apart, so a changed, removed or swapped row
and a cut-off end are all found by `verify`, even against somebody who can write to the database.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from ..store.context import Context
from ..store.crypto import KeyRing
from .models import AuditHeadRow, AuditRow

START = b"\0" * 32


def record(
    ctx: Context,
    action: str,
    *,
    person_id: str = "",
    subject: str = "",
    purpose: str = "",
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write one act into the trail, in the caller's transaction: without evidence nothing happens.

    `detail` must hold no personal data beyond ids; `purpose` is the item's or the worker's stated reason.
    """
    head = _lock_head(ctx.session, ctx.actor.id)
    row = AuditRow(
        stream=head.stream,
        seq=head.seq + 1,
        at=ctx.clock.now().replace(microsecond=0),
        actor_id=ctx.actor.id,
        hub_id=ctx.hub.id,
        action=action,
        person_id=person_id,
        subject=subject,
        purpose=purpose,
        detail=dict(detail or {}) | ({"from": ctx.origin} if ctx.origin else {}),
        mac=START,
    )
    row.mac = link(ctx.keys, head.mac, row)
    ctx.session.add(row)
    head.seq, head.mac = row.seq, row.mac


def _lock_head(session: Session, stream: str) -> AuditHeadRow:
    head = session.get(AuditHeadRow, stream, with_for_update=True)
    if head is None:
        with suppress(IntegrityError), session.begin_nested():
            session.add(AuditHeadRow(stream=stream, seq=0, mac=START))
        head = session.get_one(AuditHeadRow, stream, with_for_update=True, populate_existing=True)
    return head


def link(keys: KeyRing, before: bytes, row: AuditRow) -> bytes:
    """Compute the digest of a row over its content and the digest before it."""
    at = row.at.astimezone(UTC) if row.at.tzinfo else row.at.replace(tzinfo=UTC)
    content = [row.stream, row.seq, at.isoformat(), row.actor_id, row.hub_id, row.action]
    content += [row.person_id, row.subject, row.purpose, row.detail]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.digest(keys.audit, before + text.encode(), hashlib.sha256)


@dataclass(frozen=True, slots=True)
class Break:
    """One place where the trail does not hold."""

    stream: str
    seq: int
    what: str


def verify(session: Session, keys: KeyRing) -> Iterator[Break]:
    """Walk the whole trail in bounded memory and name every changed, removed or swapped row."""
    heads = {head.stream: head for head in session.exec(select(AuditHeadRow))}
    order = (col(AuditRow.stream), col(AuditRow.seq))
    rows = session.exec(select(AuditRow).order_by(*order).execution_options(yield_per=1000))
    stream, seq, mac = "", 0, START
    for row in rows:
        if row.stream != stream:
            yield from _judge_end(heads, stream, seq, mac)
            stream, seq, mac = row.stream, 0, START
        if row.seq != seq + 1:
            yield Break(stream, seq + 1, "rows are missing")
        elif not hmac.compare_digest(link(keys, mac, row), row.mac):
            yield Break(stream, row.seq, "the row was changed or moved")
        seq, mac = row.seq, row.mac
        session.expunge(row)
    yield from _judge_end(heads, stream, seq, mac)
    for left in sorted(heads):
        yield Break(left, 1, "the whole stream is missing")


def _judge_end(heads: dict[str, AuditHeadRow], stream: str, seq: int, mac: bytes) -> Iterator[Break]:
    if not stream:
        return
    head = heads.pop(stream, None)
    if head is None:
        yield Break(stream, seq, "the head of the stream is missing")
    elif (head.seq, head.mac) != (seq, mac):
        yield Break(stream, seq + 1, "the end of the stream was cut off or changed")
