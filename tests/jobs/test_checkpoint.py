"""The job that signs the trail: once a day over all processes, whole or not at all when killed, with copies."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select
from waiting import PATIENCE

from workbench.delivery.presence import announce
from workbench.host.discover import Installed
from workbench.identity.audit import record
from workbench.identity.trail_models import AuditCheckpointRow
from workbench.identity.verify import verify, verify_against
from workbench.jobs.checkpoint import JOB, sign_trail
from workbench.jobs.recurring import run_job
from workbench.jobs.worker import close_workshop
from workbench.jobs.workshop import Workshop, workers_folder
from workbench.settings import Settings
from workbench.store.clock import Clock
from workbench.store.context import Context
from workbench.store.crypto import KeyRing
from workbench.store.engine import Store

Act = Callable[..., AbstractContextManager[Context]]

#: A worker process that is killed while it signs: before the transaction ends, or right after.
KILLED = """
import os, signal, sys
from contextlib import contextmanager
from pathlib import Path
from workbench.delivery.presence import announce
from workbench.host.discover import Installed
from workbench.jobs import checkpoint
from workbench.jobs.recurring import run_job
from workbench.jobs.workshop import Workshop, workers_folder
from workbench.settings import Settings
from workbench.store.clock import Clock
from workbench.store.key_file import make_keys

url, instance, ring, when = sys.argv[1:]
settings, keys = Settings(Path(instance), url), make_keys(Path(ring))
store = settings.open_store(keys)
presence = announce(store, workers_folder(settings), Clock().now())
shop = Workshop(settings, keys, store, settings.file_store(keys), Clock(), Installed((), ()), presence)
signs = checkpoint.sign_day

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def sign(ctx):
    signs(ctx)
    ctx.session.flush()
    die()

if when == "before":
    checkpoint.sign_day = sign
else:
    work = lambda shop: (checkpoint.sign_trail(shop), die())
    checkpoint.JOB = checkpoint.RecurringJob("sign-trail", work, "audit", 600.0)
run_job(shop, checkpoint.JOB)
"""


class Later(Clock):
    """The clock some hours on."""

    def __init__(self, hours: int = 0) -> None:
        super().__init__(timedelta(hours=hours))


@pytest.fixture
def workshop(settings: Settings, keys: KeyRing, tmp_path: Path, act: Act) -> Iterator[Workshop]:
    with act("worker1") as ctx:
        record(ctx, "person.look", person_id="A", purpose="reception")
    settings = replace(settings, checkpoints_folder=tmp_path / "elsewhere")
    store = settings.open_store(keys)
    presence = announce(store, workers_folder(settings), Clock().now())
    opened = Workshop(settings, keys, store, settings.file_store(keys), Clock(), Installed((), ()), presence)
    yield opened
    close_workshop(opened)


def days(store: Store) -> list[str]:
    with store.read() as session:
        return [day.isoformat() for day in session.exec(select(AuditCheckpointRow.day))]


def yesterday() -> str:
    return (Clock().today() - timedelta(days=1)).isoformat()


def test_a_day_is_signed_once_however_often_the_job_runs(workshop: Workshop, store: Store, keys: KeyRing) -> None:
    before = yesterday()
    assert run_job(workshop, JOB)
    sign_trail(workshop)

    assert days(store)[:1] == [before]
    assert len(days(store)) == 1 or yesterday() != before  # unless midnight came between
    with store.read() as session:
        assert list(verify(session, keys)) == []


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_killed_process_leaves_a_whole_checkpoint_or_none(
    workshop: Workshop, settings: Settings, store: Store, keys: KeyRing, when: str
) -> None:
    before = yesterday()
    arguments = [settings.database_url, str(settings.instance), str(keys.path), when]
    killed = subprocess.run([sys.executable, "-c", KILLED, *arguments], check=False, timeout=PATIENCE)
    assert killed.returncode == -signal.SIGKILL
    signed = days(store)
    assert signed == [] if when == "before" else signed in ([before], [yesterday()])

    assert run_job(workshop, JOB)
    assert len(days(store)) == 1 or yesterday() != before  # unless midnight came between
    with store.read() as session:
        assert list(verify(session, keys)) == []


def test_copies_are_put_elsewhere_and_what_was_missed_follows(workshop: Workshop, store: Store, keys: KeyRing) -> None:
    folder = workshop.settings.checkpoints_folder
    assert folder is not None
    sign_trail(workshop)
    (folder / "000001.json").unlink()
    workshop.clock = Later(26)
    sign_trail(workshop)

    kept = sorted(folder.iterdir())
    assert [path.name for path in kept] == ["000001.json", "000002.json"]
    with store.read() as session:
        lines = (path.read_text("utf-8") for path in kept)
        assert list(verify_against(session, keys, lines)) == []
