"""Rooms with the pages of retention, and a worker process in a far year."""

from collections.abc import Iterator
from typing import Any

import pytest
from far_year import At, Night
from screens import World, open_world

from workbench.delivery.presence import announce
from workbench.jobs.worker import close_workshop
from workbench.jobs.workshop import Workshop, workers_folder
from workbench.store.clock import Clock


@pytest.fixture
def world(settings: Any, store: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    rooms = ("people", "catalogue", "delivery", "cases", "reception", "documents", "retention", "desk", "admin")
    opened = open_world(settings, store, monkeypatch, *rooms)
    yield opened
    opened.app.extensions["workbench"].store.close()


@pytest.fixture
def workshop(settings: Any, keys: Any, world: World) -> Iterator[Workshop]:
    store = settings.open_store(keys)
    presence = announce(store, workers_folder(settings), Clock().now())
    made = Workshop(settings, keys, store, settings.file_store(keys), At(), world.installed, presence)
    yield made
    close_workshop(made)


@pytest.fixture
def night(workshop: Workshop) -> Night:
    return Night(workshop)
