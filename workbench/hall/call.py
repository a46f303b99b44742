"""Calls numbers: one caller for each, however many press at once; missed, back again, handed on, done."""

from sqlalchemy import update
from sqlmodel import col, or_, select

from ..staff.models import WorkerRow
from ..store.context import Context
from ..store.locking import ALONE
from ..store.problems import Problem
from .draw import LETTERS
from .models import TicketRow

#: So often a number is called before it counts as missed.
CALLS = 3
OURS = ("called", "serving")


def current(ctx: Context) -> TicketRow | None:
    """Give the number this worker has called and not ended."""
    query = select(TicketRow).where(TicketRow.hub_id == ctx.hub.id, TicketRow.day == ctx.clock.today())
    query = query.where(TicketRow.worker_id == ctx.actor.id, col(TicketRow.state).in_(OURS))
    return ctx.session.exec(query).first()


def call_next(ctx: Context) -> TicketRow | None:
    """Call whose turn it is; None when nobody waits. Raises Problem while another number is in hand.

    A number that somebody else took between the look and the write is passed over.
    """
    ctx.session.get_one(WorkerRow, ctx.actor.id, with_for_update=ALONE)  # a second press of the same worker waits here
    if current(ctx) is not None:
        zh, en = "请先办结、转交或标记过号，再叫下一号。", "End, hand on or miss the number in hand first."
        raise Problem("one_in_hand", zh, en)
    waiting = select(TicketRow.id).where(TicketRow.hub_id == ctx.hub.id, TicketRow.day == ctx.clock.today())
    waiting = waiting.where(
        TicketRow.state == "waiting", or_(*(TicketRow.for_worker == one for one in ("", ctx.actor.id)))
    )
    for ticket_id in ctx.session.exec(waiting.order_by(col(TicketRow.turn_at), TicketRow.number).limit(20)).all():
        taken = update(TicketRow).where(col(TicketRow.id) == ticket_id, col(TicketRow.state) == "waiting")
        values = {"state": "called", "worker_id": ctx.actor.id, "desk": ctx.actor.name, "called_at": ctx.clock.now()}
        if ctx.session.execute(taken.values(calls=col(TicketRow.calls) + 1, **values)).rowcount == 1:  # type: ignore[attr-defined]
            return ctx.session.get_one(TicketRow, ticket_id, populate_existing=True)
    return None


def call_again(ctx: Context, ticket_id: str) -> TicketRow:
    """Call the number in hand once more."""
    row = _in_hand(ctx, ticket_id, "called")
    row.calls, row.called_at = row.calls + 1, ctx.clock.now()
    return row


def begin(ctx: Context, ticket_id: str) -> TicketRow:
    """They sat down."""
    row = _in_hand(ctx, ticket_id, "called")
    row.state, row.served_at = "serving", ctx.clock.now()
    return row


def end(ctx: Context, ticket_id: str) -> TicketRow:
    """They are done."""
    row = _in_hand(ctx, ticket_id, "serving")
    row.state, row.ended_at = "done", ctx.clock.now()
    return row


def miss(ctx: Context, ticket_id: str) -> TicketRow:
    """Nobody came; raises Problem before the number was called often enough."""
    row = _in_hand(ctx, ticket_id, "called")
    if row.calls < CALLS:
        zh, en = f"叫号满 {CALLS} 次仍未到场，才能标记过号。", f"It counts as missed after {CALLS} calls."
        raise Problem("call_again", zh, en)
    row.state = "missed"
    return row


def come_back(ctx: Context, ticket_id: str) -> TicketRow:
    """Somebody who was missed is here: in line again, as one who just drew an express number."""
    row = _ticket(ctx, ticket_id)
    if row.state != "missed":
        raise _moved()
    row.state, row.turn_at, row.calls = "waiting", ctx.clock.now() - LETTERS["express"][1], 0
    row.worker_id = row.desk = ""
    return row


def hand_on(ctx: Context, ticket_id: str, *, to: str, note: str) -> TicketRow:
    """Hand the number in hand on, to one worker or to whoever is free; it keeps its turn. Raises Problem."""
    row = _in_hand(ctx, ticket_id, *OURS)
    if to and (to == ctx.actor.id or ctx.session.get(WorkerRow, to) is None):
        raise Problem("nobody_there", "请选择另一位同事。", "Choose a colleague.", field="to")
    if not note.strip():
        raise Problem("note_missing", "请写明转交原因。", "Say why it is handed on.", field="note")
    row.state, row.for_worker, row.note, row.calls = "waiting", to, note.strip()[:200], 0
    row.worker_id, row.desk, row.served_at = "", "", None
    return row


def leave(ctx: Context, ticket_id: str) -> TicketRow:
    """Somebody went home: a waiting number is taken out of the line."""
    row = _ticket(ctx, ticket_id)
    if row.state not in ("waiting", "missed"):
        raise _moved()
    row.state, row.ended_at = "left", ctx.clock.now()
    return row


def _ticket(ctx: Context, ticket_id: str) -> TicketRow:
    row = ctx.session.get(TicketRow, ticket_id[:26], with_for_update=True)
    if row is None or row.hub_id != ctx.hub.id or row.day != ctx.clock.today():
        raise _moved()
    return row


def _in_hand(ctx: Context, ticket_id: str, *states: str) -> TicketRow:
    row = _ticket(ctx, ticket_id)
    if row.worker_id != ctx.actor.id or row.state not in states:
        raise _moved()
    return row


def _moved() -> Problem:
    return Problem(
        "ticket_moved", "这个号刚刚变了，请按现在的情况处理。", "This number has moved meanwhile; look again."
    )
