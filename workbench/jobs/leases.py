"""Leases of recurring jobs: one process runs a job at a time, whichever clock wakes first."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlmodel import Session

from ..store.first import ensure_row
from .models import LeaseRow

LONGEST = timedelta(hours=1)
LONG_AGO = timedelta(days=36500)


def take(
    session: Session, name: str, owner: str, now: datetime, *, seconds: float, is_dead: Callable[[str], bool]
) -> LeaseRow | None:
    """Take a job for so many seconds, or at once from a worker that is dead; None when another has it."""
    row = ensure_row(session, LeaseRow(name=name, until=now - LONG_AGO))
    # A lease for longer than anybody takes one is left from before the clock was set back.
    if now < row.until <= now + LONGEST and row.owner != owner and not is_dead(row.owner):
        return None
    row.owner, row.until = owner, now + timedelta(seconds=seconds)
    row.fence += 1
    session.flush()
    return row


def finish(session: Session, name: str, fence: int, now: datetime) -> None:
    """Give a job back after running it; nothing happens when another has taken it since."""
    row = session.get_one(LeaseRow, name, with_for_update=True)
    if row.fence == fence:
        row.ran_at = row.until = now
