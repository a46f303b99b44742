"""The job that tells platforms' screens that a session ended."""

from sqlmodel import Session, col, select

from ..identity.logout_notices import forget, send, take_due
from ..identity.way_out_models import LogoutNoticeRow
from ..jobs.recurring import RecurringJob
from ..jobs.workshop import Workshop
from ..store.context import SYSTEM, Context
from ..web.acting import NOWHERE


def tell_platforms(workshop: Workshop) -> None:
    """Send every notice that is due; those not taken are due again later."""
    with workshop.store.read() as session:
        due = select(LogoutNoticeRow.id).where(col(LogoutNoticeRow.due_at) <= workshop.now())
        if session.exec(due.limit(1)).first() is None:
            return
    with workshop.store.write() as session:
        notices = take_due(_context(workshop, session))
    for notice in notices:
        if send(notice):
            with workshop.store.write() as session:
                forget(_context(workshop, session), notice)


def _context(workshop: Workshop, session: Session) -> Context:
    return Context(session, SYSTEM, NOWHERE, workshop.clock, workshop.keys, workshop.files, "worker")


JOB = RecurringJob("logout-notices", tell_platforms, "system", every_seconds=5)
