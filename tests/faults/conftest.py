"""One town per test process: its web process, its departments, and worker processes a test starts and ends."""

import os
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from postgres import running_postgres
from sqlalchemy import update
from waiting import PATIENCE

from workbench.delivery.models import PlatformRow
from workbench.faults.books import Verdict, settle
from workbench.faults.intake import Intake
from workbench.faults.town import Town, build_town
from workbench.testing.ports import free_port

GATEWAY = "civil_affairs.case_gateway"
SEED = int(os.environ.get("FAULTS_SEED", "20261126"))


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """The URL of an empty PostgreSQL database, or nothing for SQLite."""
    if os.environ.get("WORKBENCH_TEST_DATABASE") != "postgresql":
        yield ""
        return
    with running_postgres() as url:
        yield url


@pytest.fixture(scope="session")
def standing_town(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town with its web process and the gateway; the clock runs thirty times as fast."""
    os.environ["WORKBENCH_DEPARTMENT_DECIDES_AFTER"] = "0.5"
    instance = tmp_path_factory.mktemp("town")
    (instance / "workbench.toml").write_text("idle_lock_minutes = 100000\nsession_hours = 40000\n")  # of a fast clock
    url = server_url or f"sqlite:///{instance / 'workbench.db'}"
    made = build_town(instance, url, free_port(), residents=300)  # with few, each has a hundred cases and slow forms
    try:
        made.set_clock(speed=30)
        made.start_office(GATEWAY)
        made.start_web()
        yield made
    finally:
        made.close()


@pytest.fixture
def town(standing_town: Town) -> Iterator[Town]:
    """The town, healthy, without any worker process."""
    print(f"seed {SEED}")
    with standing_town.store.write() as session:  # what the test before did to a platform is over
        session.execute(update(PlatformRow).values(failures=0, closed_until=None, closed_reason=""))
    yield standing_town
    standing_town.patience = 3.0
    for process in standing_town.running("worker"):
        with suppress(ProcessLookupError):
            standing_town.freeze(process, thaw=True)
        standing_town.kill(process)
    for platform_id in standing_town.offices:
        standing_town.set_faults(platform_id)


@pytest.fixture
def intake(town: Town, request: pytest.FixtureRequest) -> Callable[..., Intake]:
    """Give an intake of some items, drawn from the seed and the test's own name."""

    def make(*codes: str) -> Intake:
        chance = random.Random(f"{SEED}{request.node.name}{codes}{random.getrandbits(64)}")
        return Intake(town, codes or ("MZ-004", "MZ-005", "MZ-006"), chance)

    return make


@pytest.fixture
def judge(town: Town) -> Callable[..., Verdict]:
    """Wait until all is settled; what is found then must be clean."""

    def judging(
        *intakes: Intake, seconds: float = 2 * PATIENCE, clean: bool = True, prod: Callable[[], None] = lambda: None
    ) -> Verdict:
        verdict = settle(town, [one.receipts for one in intakes], seconds, prod=prod)
        assert verdict.is_clean or not clean, _told(verdict, town)
        return verdict

    return judging


def _told(verdict: Verdict, town: Town) -> str:
    log: Path = town.settings.instance / "worker.log"
    return f"seed {SEED}: {verdict}\n{log.read_text('utf-8')[-2000:] if log.exists() else ''}"
