"""The application with the hall."""

from collections.abc import Iterator

import pytest
from screens import World, open_world

from workbench.settings import Settings
from workbench.store.engine import Store


@pytest.fixture
def world(settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    opened = open_world(settings, store, monkeypatch, "people", "delivery", "cases", "reception", "hall", "desk")
    yield opened
    opened.app.extensions["workbench"].store.close()
