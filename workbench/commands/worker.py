"""`workbench worker`: the process that delivers, collects and applies outcomes to cases."""

import logging
import os
import threading
from collections.abc import Sequence
from functools import partial

import click

from ..api.parcels import TASK_ANSWER
from ..assigned.settle import take_replies
from ..cases.apply import apply_outcomes
from ..cases.models import CaseRow
from ..cases.owner import owner_of
from ..cases.tell_line import tell_line
from ..catalogue.items import load_catalogue
from ..delivery.models import OutcomeRow
from ..host.call import Caller, Fault
from ..host.discover import Installed
from ..hubs.versions import PATIENCE, find_installed
from ..jobs import checkpoint
from ..jobs.applier import Afterwards, ApplyOutcomes, Told, Writes
from ..jobs.clockwork import clock_jobs
from ..jobs.importing import import_jobs
from ..jobs.line_jobs import line_jobs
from ..jobs.opening import opening_jobs
from ..jobs.reconciling import jobs
from ..jobs.recurring import RecurringJob
from ..jobs.retention import retention_jobs
from ..jobs.worker import run_worker
from ..opening.faults import keep_faults
from ..settings import Settings
from ..store.context import Context
from ..web import logs
from . import tell_platforms
from .installation import read_settings
from .stopping import stop_on_signals


@click.command("worker")
def command() -> None:
    """Deliver, collect and apply until stopped; any number of these may run."""
    work(read_settings())


def work(settings: Settings) -> None:
    """Work until this process is told to stop."""
    stop = stop_on_signals()
    logs.set_up()
    store = settings.open_store()
    installed = find_installed(settings, store, patience=PATIENCE)
    store.close()
    run_worker(settings, stop, make_applier(installed), every_job(), owner_of, installed=installed)
    end_without_waiting()


def every_job() -> tuple[RecurringJob, ...]:
    """Give all jobs that come round, of every room."""
    return (
        *jobs(),
        tell_platforms.JOB,
        *clock_jobs(),
        *import_jobs(),
        *opening_jobs(),
        *line_jobs(),
        *retention_jobs(),
        checkpoint.JOB,
    )


def end_without_waiting() -> None:
    """End at once where threads of adapters never come back; all that matters is written down by now."""
    # Daemons too: Python waits at its end for every thread of a pool, and those inherit being a daemon.
    if threading.active_count() > 1:
        logging.shutdown()
        os._exit(0)


def make_applier(installed: Installed) -> ApplyOutcomes:
    """Tie what departments say to the cases, and tell a case's line when it was decided."""
    catalogue, caller = load_catalogue(installed.lines), Caller()

    def apply(ctx: Context, told: Sequence[Told]) -> list[Afterwards | None]:
        of_cases = [pair for pair in told if pair[1].operation != TASK_ANSWER]
        take_replies(ctx, [pair for pair in told if pair[1].operation == TASK_ANSWER])
        cases = apply_outcomes(ctx, catalogue, of_cases)
        return [_afterwards(case, outcome) for case, (outcome, _) in zip(cases, of_cases, strict=True)]

    def _afterwards(case: CaseRow, outcome: OutcomeRow) -> Afterwards | None:
        if case.state != "concluded" or outcome.status not in ("granted", "refused"):
            return None
        return partial(_tell_decided, caller, installed, case.line_id, case.id)

    return apply


def _tell_decided(caller: Caller, installed: Installed, line_id: str, case_id: str, ctx: Context) -> Writes | None:
    tell_line(ctx, caller, installed, line_id, case_id, "case_decided")
    fresh = caller.take_fresh()
    return partial(_keep, fresh) if fresh else None


def _keep(faults: Sequence[Fault], ctx: Context) -> None:
    keep_faults(ctx.session, faults, ctx.clock.now())
