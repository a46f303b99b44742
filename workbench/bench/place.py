"""An empty installation to try something on: a temporary folder with SQLite, or an empty database that is named."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import inspect
from sqlmodel import Session

from ..api.nouns import Hub
from ..catalogue.dictionary import load_dictionary
from ..hubs.models import HubRow
from ..people.sensitivity import set_sensitivity
from ..settings import Settings
from ..store.clock import Clock
from ..store.context import SYSTEM, Context
from ..store.crypto import KeyRing
from ..store.engine import Store
from ..store.problems import Problem
from ..tables import METADATA

DIVISION = "990100001001"


@dataclass(frozen=True)
class Place:
    """An installation with one hub."""

    settings: Settings
    keys: KeyRing
    store: Store
    hub: Hub

    def context(self, session: Session) -> Context:
        """Give the context in which the program itself acts."""
        return Context(session, SYSTEM, self.hub, Clock(), self.keys, self.settings.file_store(self.keys), "bench")

    @contextmanager
    def acting(self) -> Iterator[Context]:
        """Give a writing context of the hub."""
        with self.store.write() as session:
            yield self.context(session)

    @contextmanager
    def looking(self) -> Iterator[Context]:
        """Give a reading context of the hub."""
        with self.store.read() as session:
            yield self.context(session)


@contextmanager
def empty_place(url: str = "") -> Iterator[Place]:
    """Make an installation with one hub; raises Problem where the database that is named holds something."""
    with TemporaryDirectory(prefix="workbench-try-") as folder:
        home = Path(folder)
        settings = Settings(instance=home, database_url=url or f"sqlite:///{home / 'workbench.db'}")
        keys = settings.keys()
        store = settings.open_store(keys)
        try:
            if inspect(store.engine).get_table_names():
                zh, en = "该数据库中已有数据；请指定一个空数据库。", "The database holds data; name an empty one."
                raise Problem("database_not_empty", zh, en)
            METADATA.create_all(store.engine)
            set_sensitivity(load_dictionary().is_sensitive)
            with store.write() as session:
                session.add(HubRow(id="trial", name_zh="试验站", name_en="Trial", shape="single", division=DIVISION))
            yield Place(settings, keys, store, Hub("trial", "试验站", "Trial", DIVISION, 1))
        finally:
            store.close()
