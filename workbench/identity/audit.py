"""The audit trail: who did or saw what, about whom, when, from where and why. Append-only.

Every actor has a stream of their own. Each row carries a keyed digest over its content and the
digest before it; the head of every stream is kept apart under a seal, and the register of streams
knows every one that was begun. What `verify` finds, and what nobody can find: docs/audit.md.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from sqlalchemy import bindparam, insert, update
from sqlalchemy import select as select_columns
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from ..store.brief import Brief
from ..store.context import Context
from ..store.rows import add, prepare, run
from .chain import REGISTER, START, after, enter, link, seal_head
from .models import AuditHeadRow, AuditRow
from .seen import reason, tells
from .trail_models import AuditStreamRow

#: The stream of acts before anybody is known, such as a refused sign-on.
NOBODY = "nobody"
HEAD = prepare(
    select_columns(*(col(getattr(AuditHeadRow, name)) for name in ("stream", "seq", "mac", "seal")))
    .where(col(AuditHeadRow.stream) == bindparam("whose"))
    .with_for_update()
)
MOVE_HEAD = prepare(
    update(AuditHeadRow)
    .where(col(AuditHeadRow.stream) == bindparam("whose"))
    .values(seq=bindparam("to_seq"), mac=bindparam("to_mac"), seal=bindparam("to_seal"))
)


class NotBegun(LookupError):
    """This worker has no stream yet, and a brief transaction cannot begin one; write in a session."""


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

    `detail` must hold no personal data beyond ids; `purpose` is the item's or the worker's stated reason;
    where none is given for an act about a resident, it is the right the request uses.
    """
    record_all(ctx, [Act(action, person_id, subject, purpose, detail or {})])


def record_all(ctx: Context, acts: Sequence[Act]) -> None:
    """Write several acts of one worker, in their order. Three statements, however many acts."""
    if not acts:
        return
    stream = ctx.actor.id or NOBODY
    head = _lock_head(ctx, stream)
    seq, mac = head.seq, after(ctx.keys, head)
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
            purpose=act.purpose or (reason() if act.person_id else ""),
            detail={**act.detail, **origin},
        )
        row.mac = mac = link(ctx.keys, mac, row)
        rows.append(vars(row))
    add(ctx.session, AuditRow, rows)
    tells(person_id for act in acts for person_id in (act.person_id, *act.detail.get("people", ())))
    _move_head(ctx, stream, seq, mac)


def _lock_head(ctx: Context, stream: str) -> Any:
    """Give a stream's newest link; nobody else adds to it until this transaction ends."""
    head = run(ctx.session, HEAD, whose=stream).first()
    if head is None and isinstance(ctx.session, Brief):
        raise NotBegun(stream)
    if head is None:
        with suppress(IntegrityError), ctx.session.begin_nested():  # by another request, a moment ago
            _put_head(ctx, stream)
            if stream != REGISTER:
                _register(ctx, stream)
        head = run(ctx.session, HEAD, whose=stream).one()
    return head


def _put_head(ctx: Context, stream: str) -> None:
    values = {"stream": stream, "seq": 0, "mac": START, "seal": seal_head(ctx.keys, stream, 0, START)}
    ctx.session.connection().execute(insert(AuditHeadRow), values)


def _register(ctx: Context, stream: str) -> None:
    """Write down that a stream was begun."""
    head = _lock_head(ctx, REGISTER)
    number = head.seq + 1
    mac = enter(ctx.keys, after(ctx.keys, head), number, stream)
    ctx.session.connection().execute(insert(AuditStreamRow), {"number": number, "stream": stream, "mac": mac})
    _move_head(ctx, REGISTER, number, mac)


def _move_head(ctx: Context, stream: str, seq: int, mac: bytes) -> None:
    seal = seal_head(ctx.keys, stream, seq, mac)
    run(ctx.session, MOVE_HEAD, whose=stream, to_seq=seq, to_mac=mac, to_seal=seal)
