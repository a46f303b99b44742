"""How each platform is, shared by all processes: the breaker, the looks at a sick platform, the board.

Three calls in a row that find a platform sick close it: nothing is sent. Then one process at a time
looks (`check`), at most once a minute; credentials that were refused are tried only every ten minutes,
or at once when the settings change. A platform that answers again gets one parcel, and the rest in
the order of accept once that one arrived. A parcel that failed again and again is none of those that
are tried first: the platform may be well and only never take this one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, and_, case, col, func, or_, select, update

from ..api.parcels import Health
from ..store.first import add_missing, ensure_row
from .dispatch import Result
from .lease import PATIENCE
from .models import DeliveryRow, PlatformRow

FAILURES = 3
LOOK_AGAIN = timedelta(seconds=60)
#: Wrong credentials tried too often lock accounts.
LOOK_AGAIN_LOCKED = timedelta(seconds=600)
#: How often a working platform's last success is written down.
REMEMBER = timedelta(seconds=10)
#: States in which the department does not have the parcel.
OPEN = ("waiting", "sending", "needs-people", "parked")


def ensure_platforms(session: Session, platform_ids: Iterable[str]) -> None:
    """Make the rows of platforms that have none."""
    known: set[str] = set(session.exec(select(PlatformRow.platform_id)).all())
    missing = sorted(set(platform_ids) - known)
    add_missing(session, [PlatformRow(platform_id=platform_id) for platform_id in missing])


def ensure_platform(session: Session, platform_id: str) -> PlatformRow:
    """Give a platform's row, locked."""
    return ensure_row(session, PlatformRow(platform_id=platform_id))


def is_half_open(row: PlatformRow) -> bool:
    """Tell whether a platform answers again but nothing has arrived there since."""
    return row.recovered_at is not None and (row.last_ok_at is None or row.last_ok_at < row.recovered_at)


def note_results(session: Session, platform_id: str, results: Sequence[Result], now: datetime) -> None:
    """Learn from calls how a platform is; opens and closes the breaker."""
    if not any(result.verdict != "nothing" for result in results):
        return
    row = session.get_one(PlatformRow, platform_id)
    if all(result.verdict in ("well", "nothing") for result in results) and not _is_news(row, now):
        return
    session.refresh(row, with_for_update=True)
    for result in results:
        if result.verdict == "well":
            _note_well(session, row, now)
        elif result.verdict == "locked":
            shut(row, result.reason, result.text, now, health="unconfigured")
        elif result.verdict == "sick":
            _note_sick(row, result, now)


def _is_news(row: PlatformRow, now: datetime) -> bool:
    calm = row.failures == 0 and row.closed_until is None and row.health == "up"
    return not calm or is_half_open(row) or row.last_ok_at is None or row.last_ok_at < now - REMEMBER


def _note_well(session: Session, row: PlatformRow, now: datetime) -> None:
    row.failures, row.last_ok_at = 0, now
    if row.closed_until is None:
        _turn(row, "up", "", now)


def _note_sick(row: PlatformRow, result: Result, now: datetime) -> None:
    row.failures += 1
    if row.failures >= FAILURES or is_half_open(row):
        shut(row, "broken-promise" if result.reason == "broken-promise" else "platform-down", result.text, now)
    else:
        _turn(row, "degraded", result.text, now)


def shut(row: PlatformRow, reason: str, detail: str, now: datetime, *, health: str = "down") -> None:
    """Close a platform; what is already closed stays so without putting off the next look."""
    if row.closed_until is None:
        row.closed_until = now + (LOOK_AGAIN_LOCKED if reason in ("credentials", "settings") else LOOK_AGAIN)
        row.closed_reason = reason
        _turn(row, health, detail, now)


def _turn(row: PlatformRow, health: str, detail: str, now: datetime) -> None:
    if row.health != health:
        row.health, row.since = health, now
    row.detail = detail[:500]


def take_check(
    session: Session, platform_id: str, now: datetime, *, every: float, announced: datetime | None = None
) -> bool:
    """Reserve the next look at a platform for this process; False when it is not due or taken by another.

    `announced` is when the platform last announced its settings: news that justify a look at once.
    """
    row = ensure_platform(session, platform_id)
    if not is_check_due(row.closed_until, row.checked_at, now, every=every, announced=announced):
        return False
    row.checked_at = now
    if row.closed_until is not None:
        locked = row.closed_reason in ("credentials", "settings")
        row.closed_until = now + (LOOK_AGAIN_LOCKED if locked else LOOK_AGAIN)
    return True


def is_check_due(
    closed_until: datetime | None,
    checked_at: datetime | None,
    now: datetime,
    *,
    every: float,
    announced: datetime | None = None,
) -> bool:
    """Tell whether somebody should look at a platform now."""
    if checked_at is None or (announced is not None and announced > checked_at):
        return True
    if closed_until is not None:
        return closed_until <= now
    return checked_at <= now - timedelta(seconds=every)


def record_check(session: Session, platform_id: str, found: Health, now: datetime, *, settles: float = 0.0) -> None:
    """Write down what a look found; a platform that answers again is opened, its parcels released.

    `settles` is for how many seconds after a lost answer asking does not tell yet whether a parcel was taken.
    """
    row = ensure_platform(session, platform_id)
    row.ms = found.ms
    row.checked_at = row.checked_at or now  # when the look began: what was announced since counts as news
    if found.state in ("up", "degraded"):
        if row.closed_until is not None:
            reopen(session, row, now, settles)
        _turn(row, found.state, found.detail, now)
    elif found.state == "unconfigured":
        shut(row, "settings", found.detail, now, health="unconfigured")
    elif row.last_ok_at is not None and row.last_ok_at > now - LOOK_AGAIN and row.failures == 0:
        _turn(row, "degraded", found.detail, now)  # parcels do arrive; only the look fails
    else:
        shut(row, "platform-down", found.detail, now)


def reopen(session: Session, row: PlatformRow, now: datetime, settles: float) -> None:
    """Let parcels go again, in the order of accept; those that waited for credentials or settings too.

    A parcel sent more often than `PATIENCE`, or that has not settled yet, waits as long as it was to wait.
    """
    row.closed_until, row.closed_reason, row.failures, row.recovered_at = None, "", 0, now
    d = DeliveryRow
    locked = and_(col(d.state) == "needs-people", col(d.reason).in_(("credentials", "settings")))
    released = and_(
        col(d.state) == "waiting",
        col(d.reason) == "try-later",
        col(d.attempts) <= PATIENCE,
        col(d.updated_at) <= now - timedelta(seconds=settles),
    )
    session.exec(
        update(d)
        .where(col(d.platform_id) == row.platform_id, or_(locked, released))
        .values(state="waiting", reason="", reason_text="", due_at=col(d.created_at), updated_at=now)
        .execution_options(synchronize_session=False)
    )


@dataclass(frozen=True, slots=True)
class PlatformState:
    """One line of the board."""

    platform_id: str
    health: str
    detail: str
    since: datetime | None
    checked_at: datetime | None
    last_ok_at: datetime | None
    ms: int
    is_closed: bool
    next_look: datetime | None  # when a closed platform is looked at again
    closed_reason: str
    is_paused: bool
    paused_why: str
    collect_detail: str
    depth: int  # parcels the department does not have yet
    needs_people: int
    oldest: datetime | None  # when the oldest of them was accepted


def platform_states(session: Session) -> list[PlatformState]:
    """Give the board of all platforms in one statement."""
    queue = (
        select(
            DeliveryRow.platform_id,
            func.count().label("depth"),
            func.sum(case((col(DeliveryRow.state) == "needs-people", 1), else_=0)).label("needs_people"),
            func.min(DeliveryRow.created_at).label("oldest"),
        )
        .where(col(DeliveryRow.state).in_(OPEN))
        .group_by(col(DeliveryRow.platform_id))
        .subquery()
    )
    p = PlatformRow
    rows = session.execute(
        select(  # type: ignore[call-overload]
            p.platform_id, p.health, p.detail, p.since, p.checked_at, p.last_ok_at, p.ms, p.closed_until,
            p.closed_reason, p.is_paused, p.paused_why, p.collect_detail, queue.c.depth, queue.c.needs_people,
            queue.c.oldest,
        )
        .outerjoin(queue, queue.c.platform_id == p.platform_id)
        .order_by(p.platform_id)
    )  # fmt: skip
    return [_state(row._asdict()) for row in rows]


def _state(row: Mapping[str, Any]) -> PlatformState:
    known = dict(row)
    known["next_look"] = known.pop("closed_until")
    known["is_closed"] = known["next_look"] is not None
    known["depth"], known["needs_people"] = known["depth"] or 0, known["needs_people"] or 0
    return PlatformState(**known)


@dataclass(frozen=True, slots=True)
class QueueFigure:
    """How many deliveries of a platform stand in a state, and since when the oldest."""

    platform_id: str
    state: str
    count: int
    oldest: datetime


def queue_figures(session: Session) -> list[QueueFigure]:
    """Count what is under way, for measuring; what is finished is not counted."""
    rows = (
        select(DeliveryRow.platform_id, DeliveryRow.state, func.count(), func.min(DeliveryRow.created_at))
        .where(col(DeliveryRow.state).in_((*OPEN, "sent")))
        .group_by(col(DeliveryRow.platform_id), col(DeliveryRow.state))
        .order_by(col(DeliveryRow.platform_id), col(DeliveryRow.state))
    )
    return [QueueFigure(*row) for row in session.exec(rows)]
