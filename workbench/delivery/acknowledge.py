"""Writes what came of sending, guarded by the fence: only the process that holds the claim may move the row.

An answer that comes after the claim was lost is kept as an event with its proof and moves nothing.
Rows are narrow and statements take the whole batch: this is the busiest place of a worker process.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlmodel import Session, col

from ..store.rows import add, even, prepare, run, run_each
from .backoff import wait_after
from .dispatch import Result
from .models import DeliveryEventRow, DeliveryRow, OutcomeRow
from .outcomes import said
from .texts import clean

#: How a delivery stands before its result is written.
_STANDING = ("id", "state", "fence", "attempts", "due_at", "reference", "sent_at")
_READ = prepare(
    select(*(col(getattr(DeliveryRow, name)) for name in _STANDING))
    .where(col(DeliveryRow.id).in_(bindparam("ids", expanding=True)))
    .order_by(col(DeliveryRow.id))
    .with_for_update()
)
_MOVED = (
    "state", "reason", "reason_text", "reference", "in_doubt", "lease_owner",
    "updated_at", "due_at", "sent_at", "accepted_at", "done_at",
)  # fmt: skip
_MOVE = prepare(
    update(DeliveryRow)
    .where(col(DeliveryRow.id) == bindparam("delivery_id"))
    .values({name: bindparam(f"new_{name}") for name in _MOVED})
)


def write_results(session: Session, results: Sequence[Result], now: datetime) -> int:
    """Write a batch of results; returns how many came too late to move their delivery."""
    found = {row.id: row for row in run(session, _READ, ids=even([result.delivery_id for result in results]))}
    moves: list[dict[str, Any]] = []
    outcomes: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    for result in results:
        row = found[result.delivery_id]
        if row.state != "sending" or row.fence != result.fence:
            late = clean(f"late answer: {result.state} {result.reference} {result.text}".strip())
            events.append(_event(result, now, state=row.state, text=late))
            continue
        moves.append(_moved(row, result, now))
        events.append(_event(result, now, state=result.state, text=clean(result.text)))
        outcomes += _told(row, result, now)
    run_each(session, _MOVE, moves)
    add(session, DeliveryEventRow, events)
    add(session, OutcomeRow, outcomes)
    return len(results) - len(moves)


def _moved(row: Any, result: Result, now: datetime) -> dict[str, Any]:
    is_taken = result.state in ("sent", "accepted")
    values = {
        "state": result.state,
        "reason": result.reason,
        "reason_text": clean(result.text),
        "reference": row.reference or clean(result.reference),
        "in_doubt": result.in_doubt,
        "lease_owner": "",
        "updated_at": now,
        "due_at": now + wait_after(row.attempts, result.after) if result.state == "waiting" else row.due_at,
        "sent_at": row.sent_at or (now if is_taken else None),
        "accepted_at": now if result.state == "accepted" else None,
        "done_at": now if result.state == "refused" else None,
    }
    return {"delivery_id": row.id} | {f"new_{name}": value for name, value in values.items()}


def _event(result: Result, now: datetime, *, state: str, text: str) -> dict[str, Any]:
    return {
        "delivery_id": result.delivery_id,
        "at": now,
        "state": state,
        "reason": result.reason,
        "text": text,
        "actor_id": "system",
        "proof": result.proof or None,
    }


def _told(row: Any, result: Result, now: datetime) -> list[dict[str, Any]]:
    """Tell the cases of a receipt with a number, or of a refusal."""
    about = (result.platform_id, row.id, row.fence)
    if result.state == "accepted":
        return [said(about, "accepted", now, reference=row.reference or result.reference)]
    if result.state == "refused":
        words = {"text": result.text, "field": result.field, "raw_status": result.code}
        return [said(about, "rejected", now, reference=row.reference, **words)]
    return []
