"""`workbench worker`: the process that delivers, collects and applies outcomes to cases."""

import click

from ..cases.apply import apply_outcome
from ..catalogue.items import Catalogue, load_catalogue
from ..delivery.models import DeliveryRow, OutcomeRow
from ..host.discover import discover
from ..jobs.applier import ApplyOutcome
from ..jobs.worker import run_worker
from ..settings import Settings
from ..store.context import Context
from ..web import logs
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
    run_worker(settings, stop, make_applier(load_catalogue(discover().lines)))


def make_applier(catalogue: Catalogue) -> ApplyOutcome:
    """Tie what departments say to the cases."""

    def apply(ctx: Context, outcome: OutcomeRow, delivery: DeliveryRow) -> None:
        apply_outcome(ctx, catalogue, outcome, delivery)

    return apply
