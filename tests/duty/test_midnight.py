"""Real worker processes at the midnight a cover begins and ends: killed while telling it, it is told exactly once."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from typing import Any

import pytest
from duty_world import id_of
from screens import World
from sqlmodel import col, select
from waiting import PATIENCE

from workbench.cases.models import CaseEventRow
from workbench.duty.absences import days, enter_absence
from workbench.faults.plan import PLAN, STEP
from workbench.faults.town import wait_for
from workbench.settings import Settings
from workbench.staff.cover_models import CoverMarkRow
from workbench.store.clock import SHANGHAI, Clock
from workbench.store.crypto import KeyRing
from workbench.store.engine import Store

MONDAY, WEDNESDAY, THURSDAY = date(2026, 11, 30), date(2026, 12, 2), date(2026, 12, 3)
DIES = "cover: told, not committed"
Start = Callable[..., subprocess.Popen[bytes]]


def midnight(day: date) -> datetime:
    return datetime.combine(day, clock_time(), SHANGHAI)


@pytest.fixture
def start(settings: Settings, keys: KeyRing) -> Iterator[Start]:
    """Start a worker process on this test's database; what is left at the end is killed."""
    assert keys.path is not None
    shutil.copy(keys.path, settings.instance / "keys.toml")
    started: list[subprocess.Popen[bytes]] = []

    def go(step: str = "") -> subprocess.Popen[bytes]:
        told = {"WORKBENCH_INSTANCE": str(settings.instance), "WORKBENCH_DATABASE_URL": settings.database_url}
        with (settings.instance / "worker.log").open("ab") as log:
            command = [sys.executable, "-m", "workbench.commands.under_fault", "worker"]
            process = subprocess.Popen(
                command, env=os.environ | told | {STEP: step}, stdin=subprocess.PIPE, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        started.append(process)
        return process

    yield go
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdin:
            process.stdin.close()


def set_clock(settings: Settings, moment: datetime) -> None:
    """Let the clock of all processes show a moment now and run on from there."""
    path = settings.instance / PLAN
    partial = path.with_suffix(".part")
    now = time.time()
    partial.write_text(json.dumps({"origin": now, "speed": 1.0, "jump": moment.timestamp() - now}))
    partial.replace(path)


def marks(store: Store) -> Counter[str]:
    with store.read() as session:
        return Counter(session.exec(select(CoverMarkRow.edge)).all())


def died(process: subprocess.Popen[bytes]) -> bool:
    return process.poll() == -signal.SIGKILL


def test_killed_at_midnight_and_started_again_it_is_told_exactly_once(
    world: World, act: Any, posts: Any, start: Start, settings: Settings, store: Store
) -> None:
    sunday = Clock(midnight(MONDAY) - timedelta(hours=14) - datetime.now(SHANGHAI))
    with act("worker1", clock=sunday) as ctx:
        case_id = world.make_case(ctx, "MZ-001").id
    with act("hubadmin1", clock=sunday) as ctx:
        enter_absence(ctx, id_of(ctx, "worker1"), "leave", days(MONDAY, WEDNESDAY))
    set_clock(settings, midnight(MONDAY) - timedelta(seconds=6))

    dying = start(DIES)
    wait_for(lambda: died(dying), PATIENCE, "the worker dies while it tells that the cover began")
    assert marks(store) == {}  # all or nothing
    start()
    start()
    wait_for(lambda: marks(store)["start"] == 2, PATIENCE, "the next ones tell it")

    set_clock(settings, midnight(THURSDAY) - timedelta(seconds=1))
    wait_for(lambda: marks(store) == {"start": 2, "end": 2}, PATIENCE, "it is told that the cover ended")
    with store.read() as session:
        query = select(CaseEventRow.kind).where(CaseEventRow.case_id == case_id, col(CaseEventRow.kind).like("cover%"))
        assert sorted(session.exec(query)) == ["cover_begins", "cover_ends"]
