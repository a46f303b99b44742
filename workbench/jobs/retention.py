"""Jobs of retention: list what is due, carry out what a person released, take away files nobody names any more.

Nothing is erased that nobody released. A process that ends anywhere leaves whole erasures, and the next one goes on.
"""

from datetime import time, timedelta

from sqlalchemy import delete, select
from sqlmodel import col

from ..catalogue.loaded import catalogue
from ..host.call import Caller
from ..hubs.models import HubRow
from ..identity.models import ParkedPostRow
from ..retention.due import Place, list_cases, list_people, sweep_stale
from ..retention.erase import erase
from ..retention.files import sweep_files
from ..retention.models import ErasureRow
from ..retention.overwrite import empty_log, erasing
from ..retention.terms import Terms
from .recurring import RecurringJob
from .workshop import Workshop

#: A form whose session had ended waits so long for its worker to sign on again.
PARKED = timedelta(hours=24)
EVERY, FILES_EVERY, NIGHT = 20.0, 3600.0, time(2, 40)


def retention_jobs() -> tuple[RecurringJob, ...]:
    """Give the jobs; running one twice is harmless."""
    return (
        RecurringJob("retention-due", list_due, "erase", daily_at=NIGHT),
        RecurringJob("retention-erase", erase_released, "erase", every_seconds=EVERY),
        RecurringJob("retention-files", sweep, "erase", every_seconds=FILES_EVERY),
    )


def list_due(workshop: Workshop) -> None:
    """List every case and every resident's file that is due, some at a time; what is due no more leaves the list."""
    terms = _terms(workshop)
    place = Place()
    while not (place.is_over or workshop.stopping.is_set()):
        with workshop.store.write() as session:
            sweep_stale(session, terms, workshop.now(), place)
    place = Place()
    while not (place.is_over or workshop.stopping.is_set()):
        with workshop.store.write() as session:
            list_cases(session, terms, workshop.now(), place)
    with workshop.store.read() as session:
        hubs = list(session.scalars(select(col(HubRow.id)).order_by(col(HubRow.id))))
    for hub_id in hubs:
        place = Place()
        while not (place.is_over or workshop.stopping.is_set()):
            with workshop.store.write() as session:
                list_people(session, terms, workshop.now(), hub_id, place)


def erase_released(workshop: Workshop) -> None:
    """Carry out what was released, one at a time, and tell the lines of residents who were erased."""
    terms, done = _terms(workshop), 0
    while not workshop.stopping.is_set():
        with workshop.store.read() as session:
            released = select(col(ErasureRow.id), col(ErasureRow.hub_id)).where(col(ErasureRow.state) == "released")
            found = session.execute(released.order_by(col(ErasureRow.id)).limit(1)).first()
        if found is None:
            break
        with erasing(workshop.store) as session:
            is_done = erase(workshop.context(session, found.hub_id), terms, found.id)
        done += is_done
        if is_done:
            _tell_lines(workshop, found.id)
    if done:
        empty_log(workshop.store)
    _tell_again(workshop)


def sweep(workshop: Workshop) -> None:
    """Take away files of what was erased, and forms nobody came back for."""
    sweep_files(workshop.store, workshop.files, workshop.now())
    with workshop.store.write() as session:
        session.execute(delete(ParkedPostRow).where(col(ParkedPostRow.created_at) < workshop.now() - PARKED))


def _terms(workshop: Workshop) -> Terms:
    return Terms(catalogue(workshop.installed), workshop.settings.retention)


def _tell_lines(workshop: Workshop, erasure_id: str) -> None:
    """Let every line forget a resident who was erased; who could not be told is kept and told again."""
    with workshop.store.read() as session:
        row = session.get_one(ErasureRow, erasure_id)
        kind, person_id, hub = row.kind, row.person_id, workshop.context(session, row.hub_id).hub
    if kind != "person":
        return
    lines = [line for line in workshop.installed.ready_lines if line.manifest and line.manifest.hooks]
    answers = Caller().call("person_erased", lines, hub=hub, person_id=person_id)
    untold = ",".join(answer.line.id for answer in answers if answer.fault)
    with workshop.store.write() as session:
        session.get_one(ErasureRow, erasure_id).untold = untold


def _tell_again(workshop: Workshop) -> None:
    with workshop.store.read() as session:
        left = select(col(ErasureRow.id)).where(col(ErasureRow.state) == "erased", col(ErasureRow.untold) != "")
        waiting = list(session.scalars(left.limit(100)))
    for erasure_id in waiting:
        _tell_lines(workshop, erasure_id)
