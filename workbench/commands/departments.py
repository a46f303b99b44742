"""`workbench departments`: the pretend departments, each a program of its own on loopback."""

import logging

import click

from ..testing.departments import run_departments
from .installation import read_settings
from .stopping import end_with_parent, stop_on_signals, with_parent_option


@click.command("departments")
@click.option("--only", metavar="PLATFORM", help="Run only this one; also starts again one that was killed.")
@with_parent_option
def command(only: str | None, with_parent: bool) -> None:
    """Run the pretend departments until stopped; one that is killed stays dead."""
    settings = read_settings()
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    stop = stop_on_signals()
    if with_parent:
        end_with_parent()
    run_departments(settings, only, stop)
