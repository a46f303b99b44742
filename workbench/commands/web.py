"""`workbench web`: serves the pages with granian, one process and several threads by default."""

import os
import shutil
from pathlib import Path

import click
from flask import Flask
from granian import Granian
from granian.constants import Interfaces

from ..settings import Settings
from .installation import read_settings
from .stopping import end_with_parent, with_parent_option

#: Requests at work at once per process; more wait in line rather than fight for the interpreter.
THREADS = 16


def make_app() -> Flask:
    """Make the application in a web process."""
    from ..app import create_app  # every room: only web processes pay for it

    return create_app()


@click.command("web")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1), help="Web processes.")
@with_parent_option
def command(workers: int, with_parent: bool) -> None:
    """Serve the pages until stopped."""
    settings = read_settings()
    if workers > 1:
        _share_metrics(settings)
    if with_parent:
        end_with_parent()
    server = Granian(
        f"{__name__}:make_app",
        factory=True,
        interface=Interfaces.WSGI,
        address=settings.host,
        port=settings.port,
        workers=workers,
        blocking_threads=THREADS,
        backpressure=THREADS,
        websockets=False,
        log_dictconfig={"loggers": {"_granian": {"level": "WARNING"}}},
        workers_kill_timeout=10,
    )
    server.serve()


def _share_metrics(settings: Settings) -> None:
    """Let the counters of several web processes be added up; prometheus_client wants an empty folder."""
    folder = Path(os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(settings.instance / "metrics")))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
