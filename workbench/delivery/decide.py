"""What people decide about deliveries: re-keyed, decided there, arrived or not, hold, release, send again.

Every verb moves forward only, is audited, and leaves an event with the name of who did it.
"""

import json
from typing import Literal

from sqlmodel import col, select

from ..identity.audit import record
from ..store.context import Context
from .models import UNOPENED, DeliveryEventRow, DeliveryRow, PayloadRow
from .outcomes import say


class CannotDecide(ValueError):
    """This delivery does not stand where this can be decided; load it again and look."""


class NumbersDiffer(CannotDecide):
    """The department's number was typed differently the second time; type it again."""


def load(ctx: Context, delivery_id: str) -> DeliveryRow:
    """Give a delivery of the actor's hub, locked; raises LookupError for any other."""
    row = ctx.session.exec(
        select(DeliveryRow).where(DeliveryRow.id == delivery_id).options(UNOPENED).with_for_update()
    ).first()
    if row is None or (row.hub_id != ctx.hub.id and not ctx.actor.is_system_admin):
        raise LookupError(delivery_id)
    return row


def confirm_rekeyed(ctx: Context, delivery_id: str, number: str, number_again: str) -> DeliveryRow:
    """Take the number the department's own screen gave; typed twice, because nothing else proves it."""
    row = load(ctx, delivery_id)
    typed, again = number.strip(), number_again.strip()
    if not typed or typed != again:
        raise NumbersDiffer("the two numbers are not the same")
    if row.state == "accepted" and row.reference == typed:
        return row  # the button was pressed twice
    _need(row, row.state == "needs-people" and row.reason == "rekey")
    _accept(ctx, row, typed, f"typed into the department's screen by {ctx.actor.name}")
    record(ctx, "delivery.rekeyed", subject=f"delivery:{row.id}", detail={"reference": typed})
    return row


def rekey_sheet(ctx: Context, delivery_id: str) -> list[dict[str, str]]:
    """Give the fields in the order of the department's screen, as its adapter laid them out (see `SheetRow`)."""
    load(ctx, delivery_id)
    sheets = select(DeliveryEventRow.proof).where(
        DeliveryEventRow.delivery_id == delivery_id, DeliveryEventRow.reason == "rekey"
    )
    newest = ctx.session.exec(sheets.order_by(col(DeliveryEventRow.id).desc()).limit(1)).first()
    return list(json.loads(newest)) if newest else []


def record_decision(ctx: Context, delivery_id: str, status: Literal["granted", "refused"], text: str) -> DeliveryRow:
    """Record what the department decided where it cannot be asked; the text is what the person read there."""
    row = load(ctx, delivery_id)
    _need(row, row.state in ("sent", "accepted"))
    if not text.strip():
        raise CannotDecide("say what the department decided, in its words")
    row.reason = "refused" if status == "refused" else ""
    row.accepted_at = row.accepted_at or ctx.clock.now()
    row.done_at = ctx.clock.now()
    _move(ctx, row, "done" if status == "granted" else "refused", text.strip(), proof=text.strip().encode())
    say(ctx.session, row, status, ctx.clock.now(), text=text.strip(), raw_status="by hand")
    record(ctx, "delivery.decided", subject=f"delivery:{row.id}", detail={"status": status})
    return row


def confirm_unknown(
    ctx: Context, delivery_id: str, finding: Literal["arrived", "not arrived"], reference: str = ""
) -> DeliveryRow:
    """Say what was found at the department after an answer was lost; only "not arrived" sends again."""
    row = load(ctx, delivery_id)
    _need(row, row.state == "needs-people" and row.reason in ("outcome-unknown", "broken-promise"))
    if finding == "arrived":
        if not reference.strip():
            raise CannotDecide("give the department's number")
        _accept(ctx, row, reference.strip(), f"found at the department by {ctx.actor.name}")
    else:
        row.in_doubt = False
        send_again(ctx, row, f"not at the department, says {ctx.actor.name}")
    record(ctx, "delivery.looked_up", subject=f"delivery:{row.id}", detail={"finding": finding})
    return row


def hold(ctx: Context, delivery_id: str, why: str) -> DeliveryRow:
    """Keep a delivery back until it is released; not one that is under way."""
    row = load(ctx, delivery_id)
    _need(row, row.state in ("waiting", "needs-people") and row.reason != "rekey")
    row.reason = "held"
    _move(ctx, row, "parked", why)
    record(ctx, "delivery.held", subject=f"delivery:{row.id}")
    return row


def release(ctx: Context, delivery_id: str) -> DeliveryRow:
    """Let a held delivery go; one whose answer was lost is asked for first."""
    row = load(ctx, delivery_id)
    _need(row, row.state == "parked" and row.reason == "held")
    if ctx.session.exec(select(col(PayloadRow.content).is_(None)).where(PayloadRow.id == row.payload_id)).one():
        raise CannotDecide("the form of this case was erased; there is nothing left to send")
    send_again(ctx, row, f"released by {ctx.actor.name}")
    record(ctx, "delivery.released", subject=f"delivery:{row.id}")
    return row


def resend(ctx: Context, delivery_id: str) -> DeliveryRow:
    """Send once more after the cause was mended; the platform is asked first when the last answer was lost."""
    row = load(ctx, delivery_id)
    again = row.state == "waiting" or (row.state == "needs-people" and row.reason not in ("rekey", "outcome-unknown"))
    _need(row, again)
    send_again(ctx, row, f"sent again by {ctx.actor.name}")
    record(ctx, "delivery.resent", subject=f"delivery:{row.id}")
    return row


def resend_all(ctx: Context, platform_id: str, reason: str = "broken-promise", limit: int = 1000) -> int:
    """Send a hub's deliveries to a platform again that all stand for the same reason; returns how many."""
    if reason in ("rekey", "outcome-unknown"):
        raise CannotDecide("these are decided one by one")
    rows = select(DeliveryRow).where(DeliveryRow.state == "needs-people", DeliveryRow.platform_id == platform_id)
    rows = rows.where(DeliveryRow.reason == reason).options(UNOPENED)
    if not ctx.actor.is_system_admin:
        rows = rows.where(DeliveryRow.hub_id == ctx.hub.id)
    found = ctx.session.exec(rows.order_by(col(DeliveryRow.id)).limit(limit).with_for_update()).all()
    for row in found:
        send_again(ctx, row, f"sent again by {ctx.actor.name}")
    detail = {"reason": reason, "count": len(found)}
    record(ctx, "delivery.resent_all", subject=f"platform:{platform_id}", detail=detail)
    return len(found)


def _need(row: DeliveryRow, is_there: bool) -> None:
    if not is_there:
        raise CannotDecide(f"this delivery is {row.state} {row.reason}".strip())


def _accept(ctx: Context, row: DeliveryRow, reference: str, text: str) -> None:
    accept_found(ctx, row, reference, text, proof=reference.encode())


def accept_found(ctx: Context, row: DeliveryRow, reference: str, text: str, *, proof: bytes | None) -> None:
    """Let a delivery count as received under the department's number."""
    now = ctx.clock.now()
    row.reference, row.reason, row.reason_text, row.in_doubt = reference, "", "", False
    row.sent_at, row.accepted_at = row.sent_at or now, now
    _move(ctx, row, "accepted", text, proof=proof or reference.encode())
    say(ctx.session, row, "accepted", now, raw_status="by hand")


def send_again(ctx: Context, row: DeliveryRow, text: str) -> None:
    """Let a delivery wait to be sent, in the order of accept."""
    row.reason, row.due_at = "", row.created_at
    _move(ctx, row, "waiting", text)


def _move(ctx: Context, row: DeliveryRow, state: str, text: str, proof: bytes | None = None) -> None:
    now = ctx.clock.now()
    row.state, row.updated_at = state, now
    row.fence += 1
    row.lease_owner = ""
    if not row.reason:
        row.reason_text = ""
    event = DeliveryEventRow(delivery_id=row.id, at=now, state=state, reason=row.reason, text=text, proof=proof)
    event.actor_id = ctx.actor.id
    ctx.session.add(event)
