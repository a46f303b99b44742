"""What deserves a look each morning: stopped, unknown, set aside, differing, silent, late. Counts, never a resident."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from ..store.context import Context
from .alarm import LateQueue, late_queues
from .find import count_strays
from .health import PlatformState, platform_states
from .models import DeliveryRow, DifferenceRow

#: A platform that should speak and says nothing for so long is silent.
SILENT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Stopped:
    """How many of a hub's deliveries stand still for one reason at one platform, and since when."""

    platform_id: str
    state: str
    reason: str
    count: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class Digest:
    """One day's look."""

    stopped: list[Stopped]
    late: list[LateQueue]
    silent: list[PlatformState]
    locked: list[PlatformState]  # credentials or settings are refused
    differences: int
    strays: int
    delivered: int  # within a day

    @property
    def is_calm(self) -> bool:
        return not (self.stopped or self.late or self.silent or self.locked or self.differences or self.strays)


def read_digest(ctx: Context) -> Digest:
    """Read the day's digest of a hub. Six statements."""
    session, now = ctx.session, ctx.clock.now()
    states = platform_states(session)
    return Digest(
        stopped=_stopped(ctx),
        late=late_queues(session, now),
        silent=[state for state in states if _is_silent(state, now)],
        locked=[state for state in states if state.closed_reason in ("credentials", "settings")],
        differences=_count_differences(session, ctx.hub.id),
        strays=count_strays(session),
        delivered=_count_delivered(ctx, now - timedelta(days=1)),
    )


def _stopped(ctx: Context) -> list[Stopped]:
    d = DeliveryRow
    query = select(d.platform_id, d.state, d.reason, func.count(), func.min(d.updated_at)).where(  # type: ignore[call-overload]
        d.hub_id == ctx.hub.id, col(d.state).in_(("needs-people", "parked"))
    )
    rows = ctx.session.exec(query.group_by(d.platform_id, d.state, d.reason).order_by(func.min(d.updated_at)))
    return [Stopped(*row) for row in rows]


def _is_silent(state: PlatformState, now: datetime) -> bool:
    """Something is owed to it or by it, and it has not taken or said a thing for a day."""
    quiet = state.last_ok_at is None or state.last_ok_at < now - SILENT
    return state.depth > 0 and quiet and (state.oldest is not None and state.oldest < now - SILENT)


def _count_differences(session: Session, hub_id: str) -> int:
    query = select(func.count()).select_from(DifferenceRow)
    return session.exec(query.where(DifferenceRow.hub_id == hub_id, col(DifferenceRow.settled_at).is_(None))).one()


def _count_delivered(ctx: Context, since: datetime) -> int:
    query = select(func.count()).select_from(DeliveryRow).where(DeliveryRow.hub_id == ctx.hub.id)
    done = col(DeliveryRow.state).in_(("accepted", "done"))
    return ctx.session.exec(query.where(done, col(DeliveryRow.accepted_at) >= since)).one()
