"""`workbench worker`: the process that delivers, collects and applies outcomes to cases."""

import click

from ..cases.apply import apply_outcome
from ..catalogue.items import Catalogue, load_catalogue
from ..delivery.models import DeliveryRow, OutcomeRow
from ..host.discover import discover
from ..jobs.applier import ApplyOutcome
from ..jobs.worker import run_worker
from ..store.context import Context
from ..web import logs
from .installation import read_settings
from .stopping import end_with_parent, stop_on_signals, with_parent_option


@click.command("worker")
@with_parent_option
def command(with_parent: bool) -> None:
    """Deliver, collect and apply until stopped; any number of these may run."""
    settings = read_settings()
    logs.set_up()
    stop = stop_on_signals()
    if with_parent:
        end_with_parent()
    run_worker(settings, stop, make_applier(load_catalogue(discover().lines)))


def make_applier(catalogue: Catalogue) -> ApplyOutcome:
    """Tie what departments say to the cases."""

    def apply(ctx: Context, outcome: OutcomeRow, delivery: DeliveryRow) -> None:
        apply_outcome(ctx, catalogue, outcome, delivery)

    return apply
