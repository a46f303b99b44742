"""Writes what came of sending, guarded by the fence: only the process that holds the claim may move the row.

An answer that comes after the claim was lost is kept as an event with its proof and moves nothing.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from .backoff import wait_after
from .dispatch import Result
from .models import UNOPENED, DeliveryEventRow, DeliveryRow
from .outcomes import say
from .texts import clean


def write_results(session: Session, results: Sequence[Result], now: datetime) -> int:
    """Write a batch of results; returns how many came too late to move their delivery."""
    rows = select(DeliveryRow).where(col(DeliveryRow.id).in_([result.delivery_id for result in results]))
    rows = rows.options(UNOPENED).order_by(col(DeliveryRow.id)).with_for_update()
    found = {row.id: row for row in session.exec(rows)}
    late = 0
    for result in results:
        row = found[result.delivery_id]
        if row.state == "sending" and row.fence == result.fence:
            _apply(session, row, result, now)
        else:
            late += 1
            _keep_late(session, row, result, now)
    return late


def _apply(session: Session, row: DeliveryRow, result: Result, now: datetime) -> None:
    row.state, row.reason, row.reason_text = result.state, result.reason, clean(result.text)
    row.reference = row.reference or clean(result.reference)
    row.in_doubt, row.lease_owner, row.updated_at = result.in_doubt, "", now
    if result.state == "waiting":
        row.due_at = now + wait_after(row.attempts, result.after)
    elif result.state in ("sent", "accepted"):
        row.sent_at = row.sent_at or now
        row.attempts = max(row.attempts, 1)
    session.add(_event(result, now, result.state))
    if result.state == "accepted":
        row.accepted_at = now
        say(session, row, "accepted", now)
    elif result.state == "refused":
        row.done_at = now
        say(
            session,
            row,
            "rejected",
            now,
            text=clean(result.text),
            field=clean(result.field),
            raw_status=clean(result.code),
        )


def _keep_late(session: Session, row: DeliveryRow, result: Result, now: datetime) -> None:
    event = _event(result, now, row.state)
    event.text = clean(f"late answer: {result.state} {result.reference} {result.text}".strip())
    session.add(event)


def _event(result: Result, now: datetime, state: str) -> DeliveryEventRow:
    return DeliveryEventRow(
        delivery_id=result.delivery_id,
        at=now,
        state=state,
        reason=result.reason,
        text=clean(result.text),
        proof=result.proof or None,
    )
