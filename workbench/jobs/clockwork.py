"""What comes round by the clock: suspensions that run out, cases to count anew, covers that begin and end."""

from sqlmodel import Session, select

from ..agenda.lists import make_list
from ..agenda.propose import look_at_concluded
from ..cases.beside import forget_gone
from ..cases.notice import next_notice, recount_after
from ..cases.suspend import resume_due
from ..catalogue.loaded import catalogue
from ..duty.cover import hubs_with_absences, replan
from ..duty.edges import hubs_with_edges, tell_edges
from ..hubs.models import HubRow
from ..hubs.open_lines import open_lines
from ..store.context import Context
from .nightly import work_at_night
from .recurring import RecurringJob
from .workshop import Workshop

EDGES_EVERY, EVERY, LISTS_EVERY = 5.0, 30.0, 3600.0


def clock_jobs() -> tuple[RecurringJob, ...]:
    """Give the jobs; running one twice is harmless."""
    return (
        RecurringJob("resume-clocks", resume_clocks, "review", every_seconds=EVERY),
        RecurringJob("recount-after-notice", recount_cases, "configure", every_seconds=EVERY),
        RecurringJob("agenda-concluded", look_at_cases, "review", every_seconds=EVERY),
        RecurringJob("presence-sweep", sweep_presence, "system", every_seconds=LISTS_EVERY),
        RecurringJob("agenda-lists", make_lists, "review", every_seconds=LISTS_EVERY),
        RecurringJob("night", work_at_night, "review", every_seconds=EVERY),
        RecurringJob("cover-edges", tell_covers, "staff", every_seconds=EDGES_EVERY),
        RecurringJob("cover-plan", replan_covers, "staff", every_seconds=EVERY),
    )


def resume_clocks(workshop: Workshop) -> None:
    """Start every clock whose suspension has run its days, some at a time."""
    while True:
        with workshop.store.write() as session:
            context = system_context(workshop, session)
            if context is None or not resume_due(context):
                return


def recount_cases(workshop: Workshop) -> None:
    """Count open cases anew after a notice of holidays, some at a time; goes on where another process stopped."""
    while True:
        with workshop.store.write() as session:
            context = system_context(workshop, session)
            notice = next_notice(context) if context else None
            if context is None or notice is None:
                return
            recount_after(context, notice)


def look_at_cases(workshop: Workshop) -> None:
    """Propose what follows from cases that were concluded, some at a time."""
    known = catalogue(workshop.installed)
    while True:
        with workshop.store.write() as session:
            context = system_context(workshop, session)
            if context is None or not look_at_concluded(context, known):
                return


def tell_covers(workshop: Workshop) -> None:
    """Write into the trail which covers began or ended; each once, one hub at a time."""
    with workshop.store.read() as session:
        hubs = hubs_with_edges(session, workshop.now())
    for hub_id in hubs:
        with workshop.store.write() as session:
            tell_edges(workshop.context(session, hub_id))


def replan_covers(workshop: Workshop) -> None:
    """Bring running and coming covers in line with accounts and roles that changed."""
    with workshop.store.read() as session:
        hubs = hubs_with_absences(session, workshop.now())
    for hub_id in hubs:
        with workshop.store.write() as session:
            replan(workshop.context(session, hub_id))


def sweep_presence(workshop: Workshop) -> None:
    """Forget who had which case open yesterday."""
    with workshop.store.write() as session:
        forget_gone(session, workshop.now())


def make_lists(workshop: Workshop) -> None:
    """Make the month's automatic lists of every hub, each once and on its own."""
    known = catalogue(workshop.installed)
    with workshop.store.read() as session:
        hubs = list(session.exec(select(HubRow.id)))
    for hub_id in hubs:
        with workshop.store.write() as session:
            context = workshop.context(session, hub_id)
            today = context.clock.today()
            lines = [line.id for line in open_lines(session, context.hub, workshop.installed)]
            for item in known.at(context.hub.division, today, lines):
                make_list(context, context.hub, item, today)


def system_context(workshop: Workshop, session: Session) -> Context | None:
    """The system acts for all hubs; the context names the first, for the audit of nothing in particular."""
    hub_id = session.exec(select(HubRow.id).order_by(HubRow.id)).first()
    return workshop.context(session, hub_id) if hub_id else None
