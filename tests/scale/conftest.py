"""The whole application three times: a small hub, the same with forty lines, the same with ten thousand cases.

They are filled once per session; tests look at them and change nothing that another test counts.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from admitted import admit_lines
from many_cases import fill_hub
from many_lines import copy_lines, only_described
from screens import World
from sitting import fitting_values
from sqlalchemy import create_engine
from sqlmodel import col, select

from workbench.api.nouns import Worker
from workbench.app import create_app
from workbench.cases.models import DraftRow
from workbench.catalogue.form import form_of
from workbench.catalogue.loaded import catalogue
from workbench.demo.hubs import fill_hubs
from workbench.host.discover import Installed, discover
from workbench.hubs.open_lines import find_hub, open_line
from workbench.people.models import PersonRow
from workbench.reception.draft import begin
from workbench.reception.materials import mark
from workbench.settings import Settings
from workbench.staff.models import WorkerRow
from workbench.store.context import Context
from workbench.store.crypto import KeyRing
from workbench.store.ids import new_id

FEW, MANY = 10, 10_000
LINES, HUBS = 40, 500


def make_database(template: str, folder: Path) -> str:
    """Give the URL of a new empty database of the kind under test."""
    if template.startswith("sqlite"):
        return f"sqlite:///{folder / 'workbench.db'}"
    server, name = template.rpartition("/")[0], f"scale_{new_id().lower()}"
    admin = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE template0")
    admin.dispose()
    return f"{server}/{name}"


def start(template: str, keys: KeyRing, folder: Path, installed: Installed, cases: int) -> Iterator[World]:
    """Run the application over a hub with so many cases, all installed lines open."""
    assert keys.path is not None
    shutil.copy(keys.path, folder / "keys.toml")
    settings = Settings(instance=folder, database_url=make_database(template, folder))
    app = create_app(settings, installed)
    app.config["WTF_CSRF_ENABLED"] = False
    store = app.extensions["workbench"].store
    fill_hub(settings, store, residents=300 if cases == FEW else 1500, cases=cases)
    world = World(app, store, installed)
    open_all(world)
    yield world
    store.close()


def open_all(world: World) -> None:
    """Open every installed line at the hub."""
    with act_in(world, "hubadmin1") as ctx:
        admit_lines(ctx.session, ctx.hub.id, [line.id for line in world.installed.lines])
        for line in world.installed.lines:
            open_line(ctx, world.installed, line.id)


@pytest.fixture(scope="session")
def small(template: str, keys: KeyRing, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Four lines, ten cases."""
    yield from start(template, keys, tmp_path_factory.mktemp("small"), only_described(discover()), FEW)


@pytest.fixture(scope="session")
def wide(template: str, keys: KeyRing, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Forty lines, ten cases, five hundred hubs with other sets of lines."""
    installed = copy_lines(only_described(discover()), tmp_path_factory.mktemp("lines"), LINES)
    for world in start(template, keys, tmp_path_factory.mktemp("wide"), installed, FEW):
        with world.store.write() as session:
            fill_hubs(session, [line.id for line in installed.lines], HUBS)
        yield world


@pytest.fixture(scope="session")
def tall(template: str, keys: KeyRing, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Four lines, ten thousand cases."""
    yield from start(template, keys, tmp_path_factory.mktemp("tall"), only_described(discover()), MANY)


@dataclass(frozen=True)
class Places:
    """What the addresses of the pages need."""

    person_id: str
    case_id: str
    case_no: str
    draft_id: str


@contextmanager
def act_in(world: World, username: str = "worker1") -> Iterator[Context]:
    """Give a writing context of a worker at the hub."""
    services = world.app.extensions["workbench"]
    with world.store.write() as session:
        row = session.exec(select(WorkerRow).where(WorkerRow.username == username)).one()
        hub = find_hub(session, "wutong")
        assert hub is not None
        worker = Worker(row.id, row.username, row.name, frozenset({"worker"}))
        yield Context(session, worker, hub, services.clock, services.keys, services.files)


def _settle(world: World) -> Places:
    """Open and complete a form for the resident with the most cases, and accept one case more."""
    with act_in(world) as ctx:
        person = ctx.session.exec(select(PersonRow).order_by(col(PersonRow.id))).first()
        item = catalogue(world.installed).find("RS-001", ctx.hub.division, ctx.clock.today())
        assert person is not None and item is not None
        case = world.make_case(ctx, "MZ-001", person.id)
        begun = begin(ctx, item, person)
        draft = ctx.session.get_one(DraftRow, begun.id)
        draft.values = fitting_values(form_of(item.manifest)) | dict(draft.values or {})
        for material in item.manifest.materials:
            mark(ctx, begun, item.manifest, material.key, "sighted")
        return Places(person.id, case.id, case.case_no or "", begun.id)


@pytest.fixture(scope="session")
def places() -> Callable[[World], Places]:
    """Give the addresses of a world; made once for each."""
    known: dict[int, Places] = {}
    return lambda world: known.get(id(world)) or known.setdefault(id(world), _settle(world))


@pytest.fixture(scope="session")
def acting() -> Callable[..., AbstractContextManager[Context]]:
    """Give writing contexts of workers at the hub of a world."""
    return act_in
