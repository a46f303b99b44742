"""The place that is measured: an installation of its own with invented residents, workers, cases and forms.

It lies in a temporary folder; nobody's own installation is ever touched.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import cycle, islice
from pathlib import Path
from random import Random

from sqlalchemy import select
from sqlmodel import col

from ..api.nouns import Hub, Worker
from ..catalogue.items import Catalogue
from ..catalogue.loaded import catalogue
from ..demo import fill_demo
from ..demo.workers import demo_password
from ..host.discover import Installed, discover
from ..hubs.models import HubRow
from ..identity.passwords import hash_password
from ..people.models import PersonRow
from ..settings import Settings
from ..staff.models import GrantRow, WorkerRow
from ..store.clock import Clock
from ..store.context import Context
from ..store.crypto import KeyRing
from ..store.engine import Store
from ..store.ids import new_id
from ..tables import METADATA

WORKERS_PER_HUB = 10
SAMPLE = 400
ADULT = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Desk:
    """One worker at one hub."""

    username: str
    worker: Worker
    hub: Hub


@dataclass(frozen=True, slots=True)
class Sampled:
    """A resident the mix looks for."""

    id: str
    hub_id: str
    name: str
    id_no: str
    phone: str


@dataclass
class World:
    """Everything the measurements need to know of the installation."""

    settings: Settings
    installed: Installed
    store: Store
    keys: KeyRing
    password: str
    desks: list[Desk]
    people: dict[str, list[Sampled]]
    random: Random = field(default_factory=lambda: Random(20260101))  # noqa: S311 - the same every time

    @property
    def catalogue(self) -> Catalogue:
        return catalogue(self.installed)

    @property
    def database(self) -> Path:
        return self.settings.instance / "workbench.db"

    @contextmanager
    def acting(self) -> Iterator[Context]:
        """Give a writing context of the first desk; `at_desk` gives the others'."""
        with self.store.write() as session:
            files = self.settings.file_store(self.keys)
            first = self.desks[0]
            yield Context(session, first.worker, first.hub, Clock(), self.keys, files, "bench")


def at_desk(ctx: Context, desk: Desk) -> Context:
    """Give the same context as another worker's."""
    return Context(ctx.session, desk.worker, desk.hub, ctx.clock, ctx.keys, ctx.files, ctx.origin)


def make_world(folder: Path, residents: int) -> World:
    """Fill a new installation in a folder; takes about a second per thousand residents."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings = Settings(instance=folder, database_url=f"sqlite:///{folder / 'workbench.db'}")
    keys = settings.keys()
    store = settings.open_store(keys)
    METADATA.create_all(store.engine)
    fill_demo(settings, store, residents=residents, cases=0)
    password = demo_password(folder)
    desks = _add_desks(store, password)
    return World(settings, discover(), store, keys, password, desks, _sample(store))


def _add_desks(store: Store, password: str) -> list[Desk]:
    """Employ as many workers as the mix has browsers."""
    kept, now, desks = hash_password(password), Clock().now(), []
    with store.write() as session:
        hubs = [Hub(r.id, r.name_zh, r.name_en, r.division, r.version) for r in session.scalars(select(HubRow))]
        for number, hub in enumerate(islice(cycle(hubs), WORKERS_PER_HUB * len(hubs))):
            row = WorkerRow(
                id=new_id(), username=f"bench{number:02}", name=f"测速员{number:02}", password_hash=kept, created_at=now
            )
            session.add(row)
            session.flush()
            session.add(GrantRow(worker_id=row.id, hub_id=hub.id, role="worker", valid_from=now, granted_by="system"))
            desks.append(Desk(row.username, Worker(row.id, row.username, row.name, frozenset({"worker"})), hub))
    return desks


def _sample(store: Store) -> dict[str, list[Sampled]]:
    """Take adults with an ID number and a phone, the same number at every hub."""
    columns = (
        col(PersonRow.id),
        col(PersonRow.hub_id),
        col(PersonRow.name),
        col(PersonRow.id_no),
        col(PersonRow.phone),
    )
    whole = col(PersonRow.id_no).is_not(None) & col(PersonRow.phone).is_not(None)
    sampled: dict[str, list[Sampled]] = {}
    with store.read() as session:
        for hub_id in session.scalars(select(col(HubRow.id))).all():
            query = select(*columns).where(col(PersonRow.hub_id) == hub_id, whole, col(PersonRow.status) == "active")
            query = query.where(col(PersonRow.birth_date) < ADULT)
            rows = session.execute(query.order_by(col(PersonRow.id)).limit(SAMPLE))
            sampled[hub_id] = [Sampled(*row) for row in rows]
    return sampled
