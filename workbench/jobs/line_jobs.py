"""What lines want done from time to time: each function a line names in `jobs`, at every hub where the line is open.

A line cannot hold anybody up: a function that does not end is left alone until it does, and counts as a fault.
"""

import importlib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

from sqlmodel import Session, col, delete, select

from ..api.manifest import JobEntry
from ..api.nouns import Hub
from ..host.call import Caller
from ..host.discover import Line
from ..hubs.models import HubRow
from ..hubs.open_lines import find_hub, open_lines
from ..opening.faults import keep_faults
from .models import LeaseRow
from .recurring import RecurringJob, run_job
from .workshop import Workshop

EVERY, SECONDS = 20.0, 60.0
#: How the lease of a line's job is called: line, job, hub.
NAME = "line:{}:{}:{}"


class LineJobs:
    """The jobs of lines in one worker process."""

    def __init__(self) -> None:
        self._caller = Caller()
        self._threads = ThreadPoolExecutor(4, "line job")
        self._running: dict[str, Future[Any]] = {}

    def run(self, workshop: Workshop) -> None:
        """Run what is due at any hub; what failed is kept for the line's page."""
        for hub, line, entry in self._of_open_lines(workshop):
            if workshop.stopping.is_set():
                return
            name = NAME.format(line.id, entry.name, hub.id)
            do = partial(self._do, name, hub, line, entry)
            run_job(workshop, RecurringJob(name, do, "configure", every_seconds=entry.every_seconds))
        if fresh := self._caller.take_fresh():
            with workshop.store.write() as session:
                keep_faults(session, fresh, workshop.now())

    def _of_open_lines(self, workshop: Workshop) -> Iterator[tuple[Hub, Line, JobEntry]]:
        if not any(line.manifest and line.manifest.jobs for line in workshop.installed.ready_lines):
            return
        with workshop.store.read() as session:
            hubs = [find_hub(session, hub_id) for hub_id in session.exec(select(HubRow.id).order_by(HubRow.id)).all()]
            here = [(hub, open_lines(session, hub, workshop.installed)) for hub in hubs if hub]
        for hub, lines in here:
            for line in lines:
                for entry in line.manifest.jobs if line.manifest else ():
                    yield hub, line, entry

    def _do(self, name: str, hub: Hub, line: Line, entry: JobEntry, workshop: Workshop) -> None:
        """Call one function; it fails for itself alone."""
        running = self._running.get(name)
        try:
            if running and not running.done():
                raise TimeoutError
            module, _, function = entry.function.partition(":")
            job = getattr(importlib.import_module(module), function)
            self._running[name] = self._threads.submit(job, hub=hub)
            self._running[name].result(SECONDS)
        except (Exception, SystemExit) as error:  # SystemExit too: a line must never end the worker
            self._caller.note(line.id, f"job {entry.name}", type(error).__name__)


def line_jobs() -> tuple[RecurringJob, ...]:
    """Give the one job that looks after those of the lines."""
    return (RecurringJob("line-jobs", LineJobs().run, "configure", every_seconds=EVERY),)


def forget_jobs(session: Session, line_id: str) -> None:
    """Forget when the jobs of a removed line ran."""
    begins = f"job:{NAME.format(line_id, '', '').removesuffix(':')}"
    session.execute(delete(LeaseRow).where(col(LeaseRow.name).startswith(begins, autoescape=True)))
