"""What the clocks of cases need of the worker process: suspensions that run out, cases to count anew after a notice."""

from sqlmodel import Session, select

from ..cases.notice import next_notice, recount_after
from ..cases.suspend import resume_due
from ..hubs.models import HubRow
from ..store.context import Context
from .recurring import RecurringJob
from .workshop import Workshop

EVERY = 30.0


def clock_jobs() -> tuple[RecurringJob, ...]:
    """Give the jobs; running one twice is harmless."""
    return (
        RecurringJob("resume-clocks", resume_clocks, every_seconds=EVERY),
        RecurringJob("recount-after-notice", recount_cases, every_seconds=EVERY),
    )


def resume_clocks(workshop: Workshop) -> None:
    """Start every clock whose suspension has run its days, some at a time."""
    while True:
        with workshop.store.write() as session:
            context = _context(workshop, session)
            if context is None or not resume_due(context):
                return


def recount_cases(workshop: Workshop) -> None:
    """Count open cases anew after a notice of holidays, some at a time; goes on where another process stopped."""
    while True:
        with workshop.store.write() as session:
            context = _context(workshop, session)
            notice = next_notice(context) if context else None
            if context is None or notice is None:
                return
            recount_after(context, notice)


def _context(workshop: Workshop, session: Session) -> Context | None:
    """The system acts for all hubs; the context names the first, for the audit of nothing in particular."""
    hub_id = session.exec(select(HubRow.id).order_by(HubRow.id)).first()
    return workshop.context(session, hub_id) if hub_id else None
