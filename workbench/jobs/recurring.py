"""Jobs that come round: every so many seconds, or daily at a time of the hub's wall clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from ..store.clock import local
from . import leases
from .models import LeaseRow
from .workshop import Workshop, log

#: Until when a job is another process's, at most; a dead process gives up its jobs at once.
LONGEST = 3600.0


@dataclass(frozen=True, slots=True)
class RecurringJob:
    """A job given by composition; running it twice must be harmless."""

    name: str
    run: Callable[[Workshop], None]
    #: The right of the person who would do this by hand.
    right: str
    every_seconds: float = 0.0
    daily_at: time | None = None


def is_due(job: RecurringJob, ran_at: datetime | None, now: datetime) -> bool:
    """Tell whether a job should run; a daily one that was missed runs late rather than not at all."""
    if ran_at is None:
        return job.daily_at is None or local(now).time() >= job.daily_at
    if ran_at > now:  # the clock was set back
        return True
    if job.daily_at is None:
        return ran_at <= now - timedelta(seconds=job.every_seconds)
    planned = local(now).replace(
        hour=job.daily_at.hour, minute=job.daily_at.minute, second=job.daily_at.second, microsecond=0
    )
    if planned > now:
        planned -= timedelta(days=1)
    return ran_at < planned


def run_job(workshop: Workshop, job: RecurringJob) -> bool:
    """Run a job if it is due and no other process is at it; returns whether it ran."""
    now, name = workshop.now(), f"job:{job.name}"
    with workshop.store.read() as session:
        known = session.get(LeaseRow, name)
        if not is_due(job, known.ran_at if known else None, now):
            return False
    with workshop.store.write() as session:
        row = leases.take(
            session,
            name,
            workshop.presence.id,
            now,
            seconds=LONGEST,
            is_dead=lambda owner: workshop.is_dead(session, owner),
        )
        if row is None or not is_due(job, row.ran_at, now):
            return False
        fence = row.fence
    try:
        job.run(workshop)
    except (Exception, SystemExit) as error:
        log.error("job %s: %s", job.name, type(error).__name__)
    with workshop.store.write() as session:
        leases.finish(session, name, fence, workshop.now())
    return True
