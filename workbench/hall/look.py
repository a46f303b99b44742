"""What the hall looks like now: who waits, who was called where, how long it took; numbers, no names of residents."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from ..store.context import Context
from .models import TicketRow

#: How many called numbers the screen on the wall shows.
ON_SCREEN = 8
COLUMNS = (
    TicketRow.id, TicketRow.number, TicketRow.channel, TicketRow.state, TicketRow.turn_at, TicketRow.drawn_at,
    TicketRow.called_at, TicketRow.served_at, TicketRow.worker_id, TicketRow.desk, TicketRow.calls,
    TicketRow.for_worker, TicketRow.note,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One number of today."""

    id: str
    number: str
    channel: str
    state: str
    turn_at: datetime
    drawn_at: datetime
    called_at: datetime | None
    served_at: datetime | None
    worker_id: str
    desk: str
    calls: int
    for_worker: str
    note: str


@dataclass(frozen=True, slots=True)
class HallNow:
    """Today's numbers by what they are in."""

    waiting: tuple[Line, ...]
    called: tuple[Line, ...]
    missed: tuple[Line, ...]
    served: int
    #: Average and longest wait of today's called numbers, in minutes.
    average: int
    longest: int


def look(ctx: Context) -> HallNow:
    """Read today's numbers of the hub. One query."""
    query = select(*COLUMNS).where(TicketRow.hub_id == ctx.hub.id, TicketRow.day == ctx.clock.today())  # type: ignore[call-overload]
    lines = [Line(*row) for row in ctx.session.exec(query.order_by(col(TicketRow.turn_at), TicketRow.number))]
    waits = [(line.called_at - line.drawn_at).total_seconds() / 60 for line in lines if line.called_at]
    called = [line for line in lines if line.state in ("called", "serving")]
    return HallNow(
        waiting=tuple(line for line in lines if line.state == "waiting"),
        called=tuple(sorted(called, key=lambda line: line.called_at or line.drawn_at, reverse=True)[:ON_SCREEN]),
        missed=tuple(line for line in lines if line.state == "missed"),
        served=sum(line.state == "done" for line in lines),
        average=round(sum(waits) / len(waits)) if waits else 0,
        longest=round(max(waits)) if waits else 0,
    )
