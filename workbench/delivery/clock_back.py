"""Mends what a clock that was set back leaves behind: times in the future for which everything would wait."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, or_, select, update

from .models import DeliveryRow, PlatformRow, WorkerProcessRow

#: No delivery is ever put off for longer.
LONGEST_WAIT = timedelta(hours=1)
#: No closed platform is looked at later than that.
LONGEST_LOOK = timedelta(minutes=10)


def forget_the_future(session: Session, now: datetime) -> None:
    """Let what is due in a future nobody planned be due now."""
    d = DeliveryRow
    # What was accepted before the clock was set back is due at its accept; a wait for a new try never is.
    unplanned = or_(col(d.due_at) > now + LONGEST_WAIT, col(d.due_at) == d.created_at)
    late = update(d).where(col(d.state) == "waiting", col(d.due_at) > now, unplanned)
    session.exec(late.values(due_at=now).execution_options(synchronize_session=False))
    beats = update(WorkerProcessRow).where(col(WorkerProcessRow.seen_at) > now)  # or the dead would seem to live
    session.exec(beats.values(seen_at=now).execution_options(synchronize_session=False))
    p = PlatformRow
    ahead = or_(
        col(p.checked_at) > now,
        col(p.collected_at) > now,
        col(p.last_ok_at) > now,
        col(p.recovered_at) > now,
        col(p.closed_until) > now + LONGEST_LOOK,
    )
    for row in session.exec(select(p).where(ahead).with_for_update()):
        row.checked_at = _past(row.checked_at, now)
        row.collected_at = _past(row.collected_at, now)
        row.recovered_at = _past(row.recovered_at, now)
        row.last_ok_at = now if row.last_ok_at is not None and row.last_ok_at > now else row.last_ok_at
        if row.closed_until is not None and row.closed_until > now + LONGEST_LOOK:
            row.closed_until = now


def _past(moment: datetime | None, now: datetime) -> datetime | None:
    return moment if moment is None or moment <= now else None
