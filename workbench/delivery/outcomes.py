"""What departments say about parcels: stored once per message, told to the cases in the order they came.

A receipt for a parcel is such a message too, so that cases learn everything from one list. A message
about no parcel of ours is kept apart (quarantine) and matched again with every collect.
"""

import hashlib
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session, col, select

from ..api.parcels import Outcome
from .models import UNOPENED, DeliveryEventRow, DeliveryRow, OutcomeRow
from .texts import clean

#: How far along each state is; a delivery only ever moves to a higher rank by what a department says.
RANK = {"waiting": 0, "needs-people": 0, "parked": 0, "sending": 0, "sent": 1, "accepted": 2, "done": 3, "refused": 3}
#: What an outcome makes of a delivery.
REACHES = {"granted": "done", "refused": "refused", "rejected": "refused"}


def message_id_of(outcome: Outcome) -> str:
    """Give the message's own id, or one made of all it says."""
    if outcome.message_id:
        return clean(outcome.message_id)
    parts = (outcome.key, outcome.reference, outcome.status, outcome.raw_status, str(outcome.at), outcome.text)
    return hashlib.sha256("\x1f".join(parts).encode(errors="replace")).hexdigest()


def keep(session: Session, platform_id: str, outcomes: Iterable[Outcome], now: datetime) -> int:
    """Store the messages that are new and move their deliveries forward; returns how many were new."""
    told = {message_id_of(outcome): outcome for outcome in outcomes}
    known_ids = select(OutcomeRow.message_id).where(OutcomeRow.platform_id == platform_id)
    known = set(session.exec(known_ids.where(col(OutcomeRow.message_id).in_(told))))
    fresh = {message_id: outcome for message_id, outcome in told.items() if message_id not in known}
    for message_id, outcome in fresh.items():
        row = _row(platform_id, message_id, outcome, now)
        session.add(row)
        _match(session, row, now)
    session.flush()
    return len(fresh)


def _row(platform_id: str, message_id: str, outcome: Outcome, now: datetime) -> OutcomeRow:
    return OutcomeRow(
        platform_id=platform_id,
        message_id=message_id,
        parcel_key=clean(outcome.key),
        status=outcome.status,
        reference=clean(outcome.reference),
        at=outcome.at.replace(tzinfo=outcome.at.tzinfo or UTC) if outcome.at else None,
        received_at=now,
        text=clean(outcome.text),
        step=clean(outcome.step),
        field=clean(outcome.field),
        raw_status=clean(outcome.raw_status),
        proof=outcome.proof,
    )


def _match(session: Session, row: OutcomeRow, now: datetime) -> bool:
    """Join a message to its parcel; one that comes without proof is not believed."""
    delivery = find_delivery(session, row.platform_id, row.parcel_key, row.reference) if row.proof else None
    if delivery is None:
        return False
    row.delivery_id = delivery.id
    move(session, delivery, row, now)
    return True


def find_delivery(session: Session, platform_id: str, key: str, reference: str) -> DeliveryRow | None:
    """Find the parcel a message speaks of, by its key or else by the department's number."""
    plain = select(DeliveryRow).options(UNOPENED).with_for_update()
    ours = plain.where(DeliveryRow.platform_id == platform_id)
    if key:
        return session.exec(ours.where(DeliveryRow.id == key)).first()
    if reference:
        found = session.exec(ours.where(DeliveryRow.reference == reference)).all()
        # Several operations of one case may share the department's number: the last one is meant.
        return max(found, key=lambda row: row.id, default=None)
    return None


def move(session: Session, delivery: DeliveryRow, outcome: OutcomeRow, now: datetime) -> None:
    """Move a delivery forward by what the department says; late and repeated messages change nothing."""
    state = REACHES.get(outcome.status, "accepted")
    if outcome.reference and not delivery.reference:
        delivery.reference = outcome.reference
    if RANK[state] <= RANK[delivery.state]:
        return
    # The department has it: whoever is still sending it has lost the lease.
    delivery.fence += 1
    delivery.lease_owner = ""
    delivery.state, delivery.reason, delivery.reason_text = state, "refused" if state == "refused" else "", ""
    delivery.in_doubt = False
    delivery.updated_at = now
    delivery.accepted_at = delivery.accepted_at or now
    delivery.done_at = now if RANK[state] == RANK["done"] else None
    session.add(
        DeliveryEventRow(delivery_id=delivery.id, at=now, state=state, reason=delivery.reason, text=outcome.text)
    )


def said(
    about: tuple[str, str, int],
    status: str,
    now: datetime,
    *,
    reference: str = "",
    text: str = "",
    field: str = "",
    raw_status: str = "",
) -> dict[str, Any]:
    """Make the values of a message that came of sending a parcel, or of the word of a person who looked.

    `about` is platform, delivery and fence: the same claim says the same thing only once.
    """
    platform_id, delivery_id, fence = about
    return {
        "platform_id": platform_id,
        "message_id": f"{status}:{delivery_id}:{fence}",
        "delivery_id": delivery_id,
        "parcel_key": delivery_id,
        "status": status,
        "reference": clean(reference),
        "at": now,
        "received_at": now,
        "text": clean(text),
        "step": "",
        "field": clean(field),
        "raw_status": clean(raw_status),
        "proof": None,
        "applied_at": None,
    }


def say(session: Session, delivery: DeliveryRow, status: str, now: datetime, **words: str) -> None:
    """Tell the cases what a person found out about a parcel; `words` as in `said`."""
    about = (delivery.platform_id, delivery.id, delivery.fence)
    session.add(OutcomeRow(**said(about, status, now, reference=delivery.reference, **words)))


def unapplied_outcomes(
    session: Session, limit: int = 100, *, without: Collection[str] = (), lock: bool = True
) -> list[tuple[OutcomeRow, DeliveryRow]]:
    """Give the messages the cases do not know yet, oldest first, but not those about the parcels `without`.

    They are locked for this transaction together with their deliveries, so that messages about one
    parcel stay in order among several processes.
    """
    pairs = (
        select(OutcomeRow, DeliveryRow)
        .join(DeliveryRow, col(DeliveryRow.id) == OutcomeRow.delivery_id)
        .where(col(OutcomeRow.applied_at).is_(None), col(OutcomeRow.delivery_id).not_in(without))
        .order_by(col(OutcomeRow.id))
        .limit(limit)
        .options(UNOPENED)
    )
    if lock:
        pairs = pairs.with_for_update(skip_locked=True)
    return [(outcome, delivery) for outcome, delivery in session.exec(pairs)]


def quarantined(session: Session, platform_id: str = "", limit: int = 100) -> list[OutcomeRow]:
    """List messages about no parcel of ours; each has to be looked at by the platform's owner."""
    rows = select(OutcomeRow).where(OutcomeRow.delivery_id == "")
    if platform_id:
        rows = rows.where(OutcomeRow.platform_id == platform_id)
    return list(session.exec(rows.order_by(col(OutcomeRow.id)).limit(limit)))


def match_quarantined(session: Session, platform_id: str, now: datetime) -> int:
    """Look again for the parcels of messages that had none; a message can overtake its receipt."""
    return sum(_match(session, row, now) for row in quarantined(session, platform_id, limit=1000))
