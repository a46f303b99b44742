"""The worker process: one clock, one dispatcher, the desks of the platforms, the applier of outcomes.

APScheduler is only the clock; who does what is settled in the database, so any number of worker
processes may run. Stopping ends the calls in flight and gives back what was not sent; a kill at any
point leaves deliveries in doubt, which the next process asks about.
"""

import threading
import time
from collections.abc import Sequence

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from ..delivery.presence import announce, clear_files
from ..delivery.sign_on import OwnerOf
from ..host.discover import Installed
from ..hubs.versions import PATIENCE, find_installed
from ..identity.declared import refuse_open_jobs
from ..settings import Settings
from .applier import Applier, ApplyOutcomes
from .dispatcher import Dispatcher
from .errands import ENDS_WITHIN, Errands
from .recurring import RecurringJob, run_job
from .workshop import Workshop, find_usable, workers_folder

WATCH, JOBS = 1.0, 5.0


def run_worker(
    settings: Settings,
    stop_event: threading.Event,
    on_outcomes: ApplyOutcomes,
    jobs: Sequence[RecurringJob] = (),
    owner_of: OwnerOf | None = None,
    *,
    installed: Installed | None = None,
) -> None:
    """Work until `stop_event` is set; what was taken up is finished. Raises Undeclared for a job without right.

    `installed` is what the caller has found already.
    """
    refuse_open_jobs((job.name, job.right) for job in jobs)
    workshop = open_workshop(settings, installed)
    workshop.owner_of = owner_of or workshop.owner_of
    workshop.stopping = stop_event
    dispatcher, errands = Dispatcher(workshop), Errands(workshop)
    dispatcher.take_inventory()
    applying = threading.Thread(target=Applier(workshop, on_outcomes).run, args=(stop_event,), name="applier")
    clock = make_clock(workshop, errands, jobs)
    applying.start()
    clock.start()
    try:
        dispatcher.run(stop_event)
    finally:
        stop_event.set()
        since = time.monotonic()
        # A job that does not end is taken over from a dead process at once; it does not keep this one from ending.
        ending = threading.Thread(target=clock.shutdown, daemon=True, name="clock ends")
        ending.start()
        dispatcher.finish(since)
        errands.close(since)
        ending.join(max(0.0, since + ENDS_WITHIN - time.monotonic()))
        applying.join()
        close_workshop(workshop)


def open_workshop(settings: Settings, installed: Installed | None = None) -> Workshop:
    """Open the installation and register this process as a worker."""
    keys = settings.keys()
    store, clock = settings.open_store(keys), settings.clock()
    installed = installed or find_installed(settings, store, patience=PATIENCE)
    clear_files(workers_folder(settings))
    presence = announce(store, workers_folder(settings), clock.now())
    files = settings.file_store(keys)
    return Workshop(settings, keys, store, files, clock, installed, presence, find_usable(installed))


def close_workshop(workshop: Workshop) -> None:
    """Say that this process ends, and let go of everything."""
    try:
        with workshop.store.write() as session:
            workshop.presence.end(session, workshop.now())
    finally:
        workshop.presence.release()
        workshop.store.close()


def make_clock(workshop: Workshop, errands: Errands, jobs: Sequence[RecurringJob]) -> BackgroundScheduler:
    """Make the clock that wakes the errands and the recurring jobs."""
    clock = BackgroundScheduler(
        timezone="Asia/Shanghai",
        executors={"default": ThreadPoolExecutor(2 + len(jobs))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    clock.add_job(errands.watch, "interval", seconds=WATCH, id="watch")
    for job in jobs:
        clock.add_job(run_job, "interval", seconds=JOBS, args=(workshop, job), id=job.name)
    return clock
