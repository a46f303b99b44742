"""The audit trail: who did or saw what, about whom, when, from where and why. Append-only.

Every actor has a stream of their own. Each row carries a keyed digest over its content and the
digest before it, and the head of every stream is kept apart, so a changed, removed or swapped row
and a cut-off end are all found by `verify`, even against somebody who can write to the database.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC
from types import SimpleNamespace
from typing import Any

from sqlalchemy import bindparam, insert, update
from sqlalchemy import select as select_columns
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from ..store.context import Context
from ..store.crypto import KeyRing
from ..store.rows import add, prepare, run
from .models import AuditHeadRow, AuditRow

START = b"\0" * 32
#: The stream of acts before anybody is known, such as a refused sign-on.
NOBODY = "nobody"
HEAD = prepare(
    select_columns(col(AuditHeadRow.seq), col(AuditHeadRow.mac))
    .where(col(AuditHeadRow.stream) == bindparam("whose"))
    .with_for_update()
)
MOVE_HEAD = prepare(
    update(AuditHeadRow)
    .where(col(AuditHeadRow.stream) == bindparam("whose"))
    .values(seq=bindparam("to_seq"), mac=bindparam("to_mac"))
)


@dataclass(frozen=True, slots=True)
class Act:
    """One act, in the words of `record`."""

    action: str
    person_id: str = ""
    subject: str = ""
    purpose: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


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
    record_all(ctx, [Act(action, person_id, subject, purpose, detail or {})])


def record_all(ctx: Context, acts: Sequence[Act]) -> None:
    """Write several acts of one worker, in their order. Three statements, however many acts."""
    if not acts:
        return
    stream = ctx.actor.id or NOBODY
    seq, mac = _lock_head(ctx.session, stream)
    origin, rows = {"from": ctx.origin} if ctx.origin else {}, []
    for act in acts:
        seq += 1
        row = SimpleNamespace(
            stream=stream,
            seq=seq,
            at=ctx.clock.now().replace(microsecond=0),
            actor_id=stream,
            hub_id=ctx.hub.id,
            action=act.action,
            person_id=act.person_id,
            subject=act.subject,
            purpose=act.purpose,
            detail={**act.detail, **origin},
        )
        row.mac = mac = link(ctx.keys, mac, row)
        rows.append(vars(row))
    add(ctx.session, AuditRow, rows)
    run(ctx.session, MOVE_HEAD, whose=stream, to_seq=seq, to_mac=mac)


def _lock_head(session: Session, stream: str) -> tuple[int, bytes]:
    """Give number and digest of a stream's newest link; nobody else adds to it until this transaction ends."""
    head = run(session, HEAD, whose=stream).first()
    if head is None:
        with suppress(IntegrityError), session.begin_nested():
            session.connection().execute(insert(AuditHeadRow), {"stream": stream, "seq": 0, "mac": START})
        head = run(session, HEAD, whose=stream).one()
    return head.seq, head.mac


def link(keys: KeyRing, before: bytes, row: AuditRow | SimpleNamespace) -> bytes:
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
