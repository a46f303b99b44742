"""Swaps of shifts: one asks, the other accepts, the hub admin approves; only then does the roster change."""

from datetime import date

from sqlmodel import col, select

from ..hubs.lock import lock_hub
from ..identity.audit import record
from ..identity.may import may
from ..store.context import Context
from ..store.ids import new_id
from ..store.problems import Problem
from .models import ShiftRow, SwapRow

#: The shifts of a day; the duties of a shift go with it.
DAY = ("early", "late")
DUTIES = ("lunch", "extended")


def ask_swap(
    ctx: Context,
    day: date,
    kind: str,
    to_id: str,
    *,
    back_day: date | None = None,
    back_kind: str = "",
    reason: str = "",
) -> SwapRow:
    """Ask a colleague to take one of one's shifts, with or without one of theirs in return. Raises Problem."""
    if day < ctx.clock.today() or not _has(ctx, ctx.actor.id, day, kind):
        raise Problem("not_yours", "请选择您今后的班次。", "Choose a shift of yours that is ahead.", field="shift")
    if to_id == ctx.actor.id or not to_id:
        raise Problem("colleague_missing", "请选择同事。", "Choose a colleague.", field="to")
    if back_day is not None and not _has(ctx, to_id, back_day, back_kind):
        zh, en = "对方没有这个班次。", "Your colleague does not have this shift."
        raise Problem("not_theirs", zh, en, field="back")
    row = SwapRow(
        id=new_id(), hub_id=ctx.hub.id, from_id=ctx.actor.id, day=day, kind=kind, to_id=to_id,
        back_day=back_day, back_kind=back_kind, reason=reason.strip()[:200], asked_at=ctx.clock.now(),
    )  # fmt: skip
    _refuse_clash(ctx, row)
    ctx.session.add(row)
    record(ctx, "swap.ask", subject=f"swap:{row.id}", detail={"day": day.isoformat(), "kind": kind, "to": to_id})
    return row


def answer_swap(ctx: Context, row: SwapRow, *, accept: bool) -> None:
    """Accept or decline a swap one was asked for. Raises Problem."""
    if row.to_id != ctx.actor.id or row.state != "asked":
        raise Problem("nothing_waits", "没有待您答复的换班。", "No swap waits for your answer.")
    row.state, row.answered_at = "accepted" if accept else "declined", ctx.clock.now()
    record(ctx, f"swap.{row.state}", subject=f"swap:{row.id}")


def decide_swap(ctx: Context, row: SwapRow, *, approve: bool, words: str = "") -> None:
    """Approve an accepted swap and change the roster, or refuse it with a reason. Raises Problem."""
    if not may(ctx.actor, "staff"):
        raise Problem("may_not", "请由站点管理员审批。", "A hub admin approves it.")
    lock_hub(ctx)  # of two swaps at once the later one knows the roster the other left
    if row.state != "accepted":
        raise Problem("nothing_waits", "该换班不在待审批状态。", "This swap does not wait for approval.")
    if not approve and not words.strip():
        raise Problem("reason_missing", "请写明理由。", "State the reason.", field=f"words-{row.id}")
    if approve:
        _refuse_clash(ctx, row)
        _move(ctx, row.from_id, row.to_id, row.day, row.kind)
        if row.back_day is not None:
            _move(ctx, row.to_id, row.from_id, row.back_day, row.back_kind)
    row.state, row.decided_by, row.decided_at = "approved" if approve else "refused", ctx.actor.id, ctx.clock.now()
    row.decision = words.strip()[:200]
    record(ctx, f"swap.{row.state}", subject=f"swap:{row.id}")


def swaps_open(ctx: Context) -> list[SwapRow]:
    """List the swaps of the hub that wait for somebody. One query."""
    query = select(SwapRow).where(SwapRow.hub_id == ctx.hub.id, col(SwapRow.state).in_(("asked", "accepted")))
    return list(ctx.session.exec(query.order_by(col(SwapRow.day), SwapRow.id)))


def _has(ctx: Context, worker_id: str, day: date, kind: str) -> bool:
    return kind in DAY and ctx.session.get(ShiftRow, (ctx.hub.id, day, kind, worker_id)) is not None


def _refuse_clash(ctx: Context, row: SwapRow) -> None:
    """Nobody ends with two shifts on a day, and both still have what they give."""
    gone = not _has(ctx, row.from_id, row.day, row.kind)
    if gone or (row.back_day is not None and not _has(ctx, row.to_id, row.back_day, row.back_kind)):
        zh, en = "班表已变动，请重新申请。", "The roster has changed since; ask again."
        raise Problem("roster_moved", zh, en, field="shift")
    takes = [(row.to_id, row.day, row.back_day)]
    if row.back_day is not None:
        takes.append((row.from_id, row.back_day, row.day))
    for worker_id, day, given in takes:
        if day != given and any(_has(ctx, worker_id, day, kind) for kind in DAY):
            zh, en = (
                "换班后有人同日两班，请另选日期。",
                "Somebody would have two shifts on one day. Choose another day.",
            )
            raise Problem("two_shifts", zh, en, field="to")


def _move(ctx: Context, from_id: str, to_id: str, day: date, kind: str) -> None:
    """Give a shift, with lunch desk or extended hour where whoever gave it had them, to another."""
    query = select(ShiftRow).where(ShiftRow.hub_id == ctx.hub.id, ShiftRow.day == day, ShiftRow.worker_id == from_id)
    for shift in ctx.session.exec(query.where(col(ShiftRow.kind).in_((kind, *DUTIES)))).all():
        ctx.session.delete(shift)
        ctx.session.flush()
        ctx.session.add(ShiftRow(hub_id=ctx.hub.id, day=day, kind=shift.kind, worker_id=to_id))
    ctx.session.flush()
