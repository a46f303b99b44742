"""Tells when something stays undelivered for too long, so that nothing ever stops silently.

What goes by itself is late after half an hour; what waits for a person, after a day.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from .health import queue_figures

BY_ITSELF, BY_PEOPLE = timedelta(minutes=30), timedelta(hours=24)
LIMITS = {"waiting": BY_ITSELF, "sending": BY_ITSELF, "needs-people": BY_PEOPLE, "parked": BY_PEOPLE, "sent": BY_PEOPLE}


@dataclass(frozen=True, slots=True)
class LateQueue:
    """What stays too long at one platform in one state; `age` in seconds."""

    platform_id: str
    state: str
    count: int
    oldest: datetime
    age: float


def late_queues(session: Session, now: datetime) -> list[LateQueue]:
    """List what is late, the oldest first. One query."""
    late = [
        LateQueue(queue.platform_id, queue.state, queue.count, queue.oldest, (now - queue.oldest).total_seconds())
        for queue in queue_figures(session)
        if now - queue.oldest > LIMITS[queue.state]
    ]
    return sorted(late, key=lambda queue: queue.oldest)
