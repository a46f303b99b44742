"""`workbench web`: serves the pages with granian, one process and several threads by default."""

import os
import shutil
from pathlib import Path

import click
from granian.constants import Interfaces
from granian.log import LogLevels

from ..settings import Settings
from . import changeover
from .installation import read_settings

#: Requests at work at once per process; more wait in line rather than fight for the interpreter.
THREADS = 16
#: Connections open at once per process. Every browser keeps up to six idle ones: far more than there are threads.
CONNECTIONS = 4096


@click.command("web")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1), help="Web processes.")
def command(workers: int) -> None:
    """Serve the pages until stopped."""
    serve(read_settings(), workers)


def serve(settings: Settings, workers: int) -> None:
    """Serve the pages until this process is told to stop."""
    if workers > 1:
        _share_metrics(settings)
    changeover.make_room(settings.instance)
    # The application is imported here already, so that web processes, which are forks, share its memory.
    server = changeover.WebServer(
        f"{changeover.__name__}:{changeover.create_announced.__name__}",
        factory=True,
        interface=Interfaces.WSGI,
        address=settings.host,
        port=settings.port,
        workers=workers,
        blocking_threads=THREADS,
        backlog=1024,
        backpressure=CONNECTIONS,
        websockets=False,
        log_level=LogLevels.error,
        workers_kill_timeout=10,
    )
    server.serve()


def _share_metrics(settings: Settings) -> None:
    """Let the counters of several web processes be added up; prometheus_client wants an empty folder."""
    folder = Path(os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(settings.instance / "metrics")))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
