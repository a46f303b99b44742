"""`workbench departments`: the pretend departments, each a program of its own on loopback."""

import logging

import click

from ..settings import Settings
from ..testing.departments import run_departments
from .installation import read_settings
from .stopping import stop_on_signals


@click.command("departments")
@click.option("--only", metavar="PLATFORM", help="Run only this one; also starts again one that was killed.")
def command(only: str | None) -> None:
    """Run the pretend departments until stopped; one that is killed stays dead."""
    run_until_stopped(read_settings(), only)


def run_until_stopped(settings: Settings, only: str | None = None) -> None:
    """Run the departments until this process is told to stop."""
    stop = stop_on_signals()
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    run_departments(settings, only, stop)
