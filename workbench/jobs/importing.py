"""Imports of tables, a part at a time; a process that ends leaves the next one to go on where it stopped."""

from dataclasses import replace

from sqlmodel import Session

from ..api.nouns import Hub, Worker
from ..exchange.models import ImportRow
from ..exchange.work import Import, next_import
from ..hubs.models import HubRow
from ..staff.models import WorkerRow
from ..store.context import SYSTEM, Context
from ..store.problems import Problem
from .recurring import RecurringJob
from .workshop import Workshop, log

EVERY = 1.0


def import_jobs() -> tuple[RecurringJob, ...]:
    """Give the job; running it twice is harmless."""
    return (RecurringJob("imports", work_on_imports, "exchange", every_seconds=EVERY),)


def work_on_imports(workshop: Workshop) -> None:
    """Work until nothing waits or the process should end."""
    while not workshop.stopping.is_set():
        with workshop.store.read() as session:
            waiting = next_import(session)
        if waiting is None:
            return
        _work(workshop, *waiting)


def _work(workshop: Workshop, import_id: str, hub_id: str, worker_id: str) -> None:
    """Work on one import to its end; what cannot go on stops with its kind of trouble, and nothing half done."""
    try:
        with workshop.store.read() as session:
            importing = Import(_context(workshop, session, hub_id, worker_id), import_id)
        more = True
        while more and not workshop.stopping.is_set():
            with workshop.store.write() as session:
                more = importing.work(_context(workshop, session, hub_id, worker_id))
    except (Problem, OSError, ValueError, LookupError) as error:
        log.error("import %s stopped: %s", import_id, type(error).__name__)
        with workshop.store.write() as session:
            row = session.get_one(ImportRow, import_id)
            row.state, row.trouble = "stopped", type(error).__name__
            session.add(row)


def _context(workshop: Workshop, session: Session, hub_id: str, worker_id: str) -> Context:
    """Act as the worker who asked for it, at their hub."""
    row, worker = session.get_one(HubRow, hub_id), session.get(WorkerRow, worker_id)
    hub = Hub(row.id, row.name_zh, row.name_en, row.division, row.version)
    actor = Worker(worker.id, worker.username, worker.name) if worker else replace(SYSTEM)
    return Context(session, actor, hub, workshop.clock, workshop.keys, workshop.files)
