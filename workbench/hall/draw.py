"""Draws numbers, and says how long one waits.

Whose turn it is follows from one time: when a number was drawn, less the head start of its channel. So a green
or an express number comes earlier, and nobody is passed over for ever.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Date, Integer, String, bindparam, text
from sqlmodel import col, func, select

from ..store.context import Context
from ..store.ids import new_id
from ..store.problems import Problem
from ..store.rows import prepare, run
from ..store.tables import ULID
from .models import TicketRow

#: channel -> the letter of its numbers and its head start [typical].
LETTERS: Mapping[str, tuple[str, timedelta]] = {
    "ordinary": ("A", timedelta()),
    "express": ("K", timedelta(minutes=10)),
    "green": ("L", timedelta(minutes=30)),
    "appointment": ("Y", timedelta(minutes=10)),
}
#: What one number takes while today has none to learn from, and who counts as being at a table [typical].
SERVICE, AT_WORK = timedelta(minutes=15), timedelta(minutes=45)
#: More waiting numbers than this are a broken button, not residents.
MOST_WAITING = 300
TAKE = prepare(
    text(
        "INSERT INTO hall_day (hub_id, day, channel, last) VALUES (:hub, :day, :channel, 1) "
        "ON CONFLICT (hub_id, day, channel) DO UPDATE SET last = hall_day.last + 1 RETURNING last"
    )
    .bindparams(bindparam("hub", type_=String), bindparam("day", type_=Date), bindparam("channel", type_=String))
    .columns(last=Integer)
)


@dataclass(frozen=True, slots=True)
class Wait:
    """What stands before a number: how many, and about how many minutes."""

    ahead: int
    minutes: int


def draw(ctx: Context, channel: str, *, at: datetime | None = None, once: str = "") -> TicketRow:
    """Give the next number of a channel; `at` is the time an appointment was for. Raises Problem.

    The same `once`, made when the page was drawn, gives the same number again: two presses are one.
    """
    if once and (known := ctx.session.get(TicketRow, once)) and known.hub_id == ctx.hub.id:
        return known
    if channel not in LETTERS:
        raise Problem("channel_wrong", "请选择取号通道。", "Choose a channel.", field="channel")
    now, day = ctx.clock.now(), ctx.clock.today()
    waiting = select(func.count()).select_from(TicketRow).where(*_today(ctx.hub.id, day), TicketRow.state == "waiting")
    if ctx.session.exec(waiting).one() >= MOST_WAITING:
        zh, en = "等候人数已满，请咨询工作人员。", "Too many are waiting already; please ask a worker."
        raise Problem("hall_full", zh, en)
    letter, start = LETTERS[channel]
    last = run(ctx.session, TAKE, hub=ctx.hub.id, day=day, channel=channel).scalar_one()
    row = TicketRow(
        id=once if len(once) == ULID and once.isalnum() else new_id(),
        hub_id=ctx.hub.id,
        day=day,
        number=f"{letter}{last:03d}",
        channel=channel,
        drawn_at=now,
        turn_at=(at or now) - start,
    )
    ctx.session.add(row)
    ctx.session.flush()
    return row


def wait_of(ctx: Context, ticket: TicketRow) -> Wait:
    """Tell how many come before a waiting number, and about how long that takes. Two queries."""
    day = _today(ctx.hub.id, ticket.day)
    before = select(func.count()).select_from(TicketRow).where(*day, TicketRow.state == "waiting")
    ahead = ctx.session.exec(before.where(col(TicketRow.turn_at) < ticket.turn_at)).one()
    return Wait(ahead, minutes_for(ctx, ahead))


def minutes_for(ctx: Context, ahead: int) -> int:
    """Guess how long so many numbers take, from how long today's took and who is at the tables. One query."""
    columns = (col(TicketRow.worker_id), col(TicketRow.served_at), col(TicketRow.ended_at))
    rows = ctx.session.exec(select(*columns).where(*_today(ctx.hub.id, ctx.clock.today()), TicketRow.worker_id != ""))
    now, took, at_work = ctx.clock.now(), [], set()
    for worker, served, ended in rows:
        if served and ended:
            took.append((ended - served).total_seconds())
        if served and now - (ended or served) <= AT_WORK:
            at_work.add(worker)
    each = sum(took) / len(took) if took else SERVICE.total_seconds()
    return round(ahead * each / max(len(at_work), 1) / 60)


def _today(hub_id: str, day: date) -> tuple[bool, bool]:
    return TicketRow.hub_id == hub_id, TicketRow.day == day
