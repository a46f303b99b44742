"""`workbench run`: everything on one machine, for trying it out: database, demonstration data,
pretend departments, worker and web. Ctrl-C stops what it started and nothing else; a second start
finds the data of the first.
"""

import fcntl
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import click
from sqlmodel import select

from ..demo import fill_demo
from ..demo.workers import FILE as ACCOUNTS
from ..demo.workers import WORKERS
from ..hubs.models import HubRow
from ..settings import Settings
from ..store.migrate import upgrade
from .chains import all_chains
from .children import Child, Lifeline, stop_all
from .departments import run_until_stopped
from .installation import Installation, open_installation, pin_what_is_open
from .line_versions import upgrade_waiting
from .stopping import stop_on_signals
from .web import serve
from .worker import work

LOOK, READY_WITHIN = 0.1, 60.0
MESSAGES = "run.log"


@click.command("run")
@click.option("--residents", default=2000, show_default=True, help="Demonstration residents, when the database is new.")
@click.option("--cases", default=240, show_default=True, help="Demonstration cases, when the database is new.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1), help="Web processes.")
@click.option("--no-departments", is_flag=True, help="Do without the pretend departments.")
def command(residents: int, cases: int, workers: int, no_departments: bool) -> None:
    """Start everything and keep it going until Ctrl-C."""
    stop = stop_on_signals()
    with open_installation() as home:
        settings = home.settings
        with alone(settings):
            refuse_taken_port(settings)
            prepare(home, residents, cases)
            home.store.close()
            keep_going(settings, stop, workers=workers, with_departments=not no_departments)


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Keep a second `run` from starting on the same installation."""
    with (settings.instance / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            text = f"this installation runs already ({settings.instance}); stop it first, or set WORKBENCH_INSTANCE"
            raise click.ClickException(text) from None
        yield


def refuse_taken_port(settings: Settings) -> None:
    """Say so before anything is started when the address cannot be listened on."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
        except OSError as error:
            place = f"{settings.host}:{settings.port}"
            text = f"cannot listen on {place} ({error.strerror}); set WORKBENCH_PORT to a free port"
            raise click.ClickException(text) from None


def prepare(home: Installation, residents: int, cases: int) -> None:
    """Bring the tables up to date, and fill in the demonstration when nothing is on file."""
    for chain in all_chains(home.installed):
        upgrade(home.store, chain)
    with home.store.read() as session:
        is_new = session.exec(select(HubRow.id).limit(1)).first() is None
    if is_new:
        said = f"writing the demonstration sub-district with {residents} residents and {cases} cases."
        click.echo(f"Empty database: {said}")
        fill_demo(home.settings, home.store, residents=residents, cases=cases)
    pin_what_is_open(home)
    for line in home.installed.lines:
        if line.waiting:
            upgrade_waiting(home, line)


def keep_going(settings: Settings, stop: threading.Event, *, workers: int, with_departments: bool) -> None:
    """Start the processes, say where to go, and stop all of them at the end."""
    children: list[Child] = []
    lifeline, messages = Lifeline(), begin_messages(settings)
    try:
        children.append(Child("web", partial(serve, settings, workers), lifeline, messages))
        if with_departments:
            children.append(Child("departments", partial(run_until_stopped, settings), lifeline))
        children.append(Child("worker", partial(work, settings), lifeline, messages))
        if wait_for_web(settings, children, stop):
            greet(settings)
        failed = watch(children, stop, messages)
    finally:
        click.echo("Stopping.")
        # The worker ends its calls first; the departments are there until then.
        ours = [child for child in children if child.name != "departments"]
        for name in stop_all(ours) + stop_all(child for child in children if child not in ours):
            click.echo(f"{name} did not stop in time and was killed.", err=True)
    if failed:
        raise click.ClickException(failed)


def begin_messages(settings: Settings) -> Path:
    """Begin the file of what the parts say; the one of the run before is kept beside it."""
    messages = settings.instance / MESSAGES
    if messages.exists():
        messages.replace(messages.with_name(f"{MESSAGES}.1"))
    messages.touch(mode=0o600)
    return messages


def watch(children: list[Child], stop: threading.Event, messages: Path) -> str:
    """Wait until stopped; gives why, when a process without which nothing works has ended."""
    said = False
    while not stop.wait(LOOK):
        for child in children:
            if child.exit_code is None:
                continue
            if child.name != "departments":
                return f"{child.name} ended by itself (exit code {child.exit_code}); {messages} says why"
            if not said:
                click.echo("No pretend department runs any more; start them again: workbench departments", err=True)
                said = True
    return ""


def wait_for_web(settings: Settings, children: list[Child], stop: threading.Event) -> bool:
    """Wait until the pages answer; gives up when a process ends, which `watch` then reports."""
    until = time.monotonic() + READY_WITHIN
    needed = [child for child in children if child.name != "departments"]
    while not stop.wait(LOOK) and all(child.exit_code is None for child in needed):
        if answers(settings):
            return True
        if time.monotonic() > until:
            click.echo(f"The pages do not answer after {READY_WITHIN:.0f} seconds; still waiting.", err=True)
            until = float("inf")
    return False


def answers(settings: Settings) -> bool:
    """Tell whether the web process answers."""
    connection = HTTPConnection(reachable(settings.host), settings.port, timeout=2)
    try:
        connection.request("GET", "/healthz", headers={"Host": f"127.0.0.1:{settings.port}"})
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def reachable(host: str) -> str:
    """Give an address of this machine at which a server listening on `host` answers."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not listened on


def greet(settings: Settings) -> None:
    """Print where to go and who can sign in."""
    host = reachable(settings.host)
    click.echo(f"\nThe workbench is at http://{f'[{host}]' if ':' in host else host}:{settings.port}/")
    accounts = settings.instance / ACCOUNTS
    if accounts.exists():
        click.echo(f"Demonstration accounts ({accounts}):\n{accounts.read_text('utf-8').rstrip()}")
    else:
        click.echo(f"Demonstration accounts, with the password that was given: {', '.join(WORKERS)}")
    click.echo(f"What happens is written to {settings.instance / MESSAGES}. Ctrl-C stops everything.\n")
