"""What people do about differences between our books and a department's, and about messages nobody knows.

Each verb is audited and says who did it; twice is harmless.
"""

from sqlmodel import col, select

from ..identity.audit import record
from ..store.context import Context
from .decide import CannotDecide, accept_found, load, send_again
from .models import DeliveryRow, DifferenceRow, OutcomeRow
from .outcomes import move


def send_anew(ctx: Context, difference_id: int) -> None:
    """Send again what a department no longer has, under the same key; it is asked once more before."""
    found = _open(ctx, difference_id, "not-there")
    if found is None:
        return
    row = load(ctx, found.delivery_id)
    if row.state not in ("accepted", "done"):
        raise CannotDecide("this delivery has moved meanwhile")
    row.in_doubt, gone = True, row.reference
    row.reference = ""
    send_again(ctx, row, f"sent again by {ctx.actor.name}: no longer there under {gone}")
    _settle(ctx, found, "sent again")


def send_all_anew(ctx: Context, platform_id: str, limit: int = 1000) -> int:
    """Send again all that a department no longer has, in the order of accept; gives how many."""
    query = select(DifferenceRow.id).where(
        DifferenceRow.platform_id == platform_id,
        DifferenceRow.hub_id == ctx.hub.id,
        DifferenceRow.kind == "not-there",
        col(DifferenceRow.settled_at).is_(None),
    )
    ids = list(ctx.session.exec(query.order_by(col(DifferenceRow.delivery_id)).limit(limit)))
    for difference_id in ids:
        send_anew(ctx, difference_id or 0)
    return len(ids)


def take_their_word(ctx: Context, difference_id: int) -> None:
    """Take what the department has as the truth: it is there, under its number."""
    found = _open(ctx, difference_id, "there", "number")
    if found is None:
        return
    row, text = load(ctx, found.delivery_id), f"found at the department by {ctx.actor.name}"
    if found.kind == "there" and row.state in ("needs-people", "parked"):
        accept_found(ctx, row, found.theirs, text, proof=found.proof)
    elif row.state in ("accepted", "done"):
        row.reference = found.theirs
    else:
        raise CannotDecide("this delivery has moved meanwhile")
    _settle(ctx, found, "taken as theirs")


def leave(ctx: Context, difference_id: int, why: str) -> None:
    """Let a difference stand, with the reason."""
    if not why.strip():
        raise CannotDecide("say why nothing needs to be done")
    found = _open(ctx, difference_id, "not-there", "there", "number")
    if found is not None:
        _settle(ctx, found, why.strip()[:200])


def attach(ctx: Context, outcome_id: int, case_no: str) -> None:
    """Join a message nobody knew to a parcel of this hub, named by the case's number; it then counts as any other."""
    message = _stray(ctx, outcome_id)
    if message is None:
        return
    if not message.proof:
        raise CannotDecide("a message without proof is not believed")
    row = delivery_of(ctx, message.platform_id, case_no.strip())
    message.delivery_id = row.id
    move(ctx.session, row, message, ctx.clock.now())
    detail = {"delivery": row.id, "platform": message.platform_id}
    record(ctx, "stray.attached", subject=f"outcome:{outcome_id}", detail=detail)


def delivery_of(ctx: Context, platform_id: str, case_no: str) -> DeliveryRow:
    """Find the newest parcel of a case of this hub for a platform; raises CannotDecide when there is none."""
    query = select(DeliveryRow.id).where(DeliveryRow.case_no == case_no, DeliveryRow.platform_id == platform_id)
    query = query.where(DeliveryRow.hub_id == ctx.hub.id).order_by(col(DeliveryRow.id).desc())
    found = ctx.session.exec(query.limit(1)).first()
    if found is None:
        raise CannotDecide("no case of this number went to this platform from this hub")
    return load(ctx, found)


def set_aside(ctx: Context, outcome_id: int, why: str) -> None:
    """Put a message away that is none of ours, with the reason; it is kept."""
    if not why.strip():
        raise CannotDecide("say why it is none of ours")
    message = _stray(ctx, outcome_id)
    if message is not None:
        message.settled_by = ctx.actor.id
        record(ctx, "stray.set_aside", subject=f"outcome:{outcome_id}", detail={"why": why.strip()[:200]})


def _stray(ctx: Context, outcome_id: int) -> OutcomeRow | None:
    row = ctx.session.get(OutcomeRow, outcome_id, with_for_update=True)
    if row is None:
        raise LookupError(outcome_id)
    return row if row.delivery_id == "" and row.settled_by == "" else None


def _open(ctx: Context, difference_id: int, *kinds: str) -> DifferenceRow | None:
    """Give a difference of this hub that nobody has settled; raises LookupError for any other hub's."""
    row = ctx.session.get(DifferenceRow, difference_id, with_for_update=True)
    if row is None or row.hub_id != ctx.hub.id or row.kind not in kinds:
        raise LookupError(difference_id)
    return row if row.settled_at is None else None


def _settle(ctx: Context, row: DifferenceRow, how: str) -> None:
    row.settled_at, row.settled_by, row.settled_how = ctx.clock.now(), ctx.actor.id, how
    detail = {"kind": row.kind, "how": how, "platform": row.platform_id}
    record(ctx, "difference.settled", subject=f"delivery:{row.delivery_id}", detail=detail)
