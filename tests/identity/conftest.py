"""An application with the pages of sign-on, and a browser that follows forms."""

from collections.abc import Iterator

import pytest
from peers import CLIENTS
from screens import World, open_world
from sqlmodel import select

from workbench.identity.passwords import hash_password
from workbench.settings import Settings
from workbench.staff.models import WorkerRow
from workbench.store.engine import Store

PASSWORD = "one-two-three-four"


@pytest.fixture
def world(settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    opened = open_world(settings, store, monkeypatch, "people", "catalogue", "delivery", "cases", "desk", "admin")
    yield opened
    opened.app.extensions["workbench"].store.close()


@pytest.fixture(autouse=True)
def _surfers_leave() -> Iterator[None]:
    yield
    while CLIENTS:
        CLIENTS.pop().close()


@pytest.fixture(scope="session")
def kept() -> str:
    return hash_password(PASSWORD)


@pytest.fixture
def with_password(store: Store, kept: str) -> str:
    """worker1 has a password; gives it."""
    with store.write() as session:
        session.exec(select(WorkerRow).where(WorkerRow.username == "worker1")).one().password_hash = kept
    return PASSWORD
