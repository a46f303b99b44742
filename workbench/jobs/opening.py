"""What opening lines needs of the worker process: rehearsals that were asked for, admissions that end or begin."""

from ..catalogue.loaded import catalogue
from ..host.call import Caller
from ..hubs.open_lines import find_hub
from ..opening.admission import Followed, follow_everywhere
from ..opening.rehearse import next_asked, run_rehearsal
from .clockwork import system_context
from .recurring import RecurringJob
from .workshop import Workshop

REHEARSE_EVERY, FOLLOW_EVERY = 1.0, 20.0


def opening_jobs() -> tuple[RecurringJob, ...]:
    """Give the jobs; running one twice is harmless."""
    return (
        RecurringJob("rehearse", rehearse_asked, "configure", every_seconds=REHEARSE_EVERY),
        RecurringJob("admissions", follow_admissions, "configure", every_seconds=FOLLOW_EVERY),
    )


def rehearse_asked(workshop: Workshop) -> None:
    """Run the rehearsals that were asked for, one after the other; what is stopped is begun anew."""
    while not workshop.stopping.is_set():
        with workshop.store.read() as session:
            asked = next_asked(session)
        if asked is None:
            return
        run_rehearsal(workshop.store, workshop.context, catalogue(workshop.installed), workshop.installed, asked)


def follow_admissions(workshop: Workshop) -> None:
    """Close lines whose admissions have ended, open those admitted anew, and tell them after the commit."""
    with workshop.store.write() as session:
        context = system_context(workshop, session)
        followed = follow_everywhere(context, workshop.installed) if context else []
    for one in followed:
        _tell(workshop, one)


def _tell(workshop: Workshop, one: Followed) -> None:
    with workshop.store.read() as session:
        hub, line = find_hub(session, one.hub_id), workshop.installed.line(one.line_id)
    if hub is not None and line is not None and line.state == "ready":
        Caller().call("line_opened" if one.is_open else "line_closed", [line], hub=hub)
