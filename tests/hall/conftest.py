"""The application with the hall, on a working day: numbers are of their day, and midnight may come while tests run."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from screens import World, open_world

from workbench.settings import Settings
from workbench.store.clock import SHANGHAI
from workbench.store.engine import Store

MORNING = datetime(2026, 11, 24, 9, 10, tzinfo=SHANGHAI)


@pytest.fixture
def world(settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    opened = open_world(settings, store, monkeypatch, "people", "delivery", "cases", "reception", "hall", "desk")
    opened.app.extensions["workbench"].clock.offset = MORNING - datetime.now(UTC)
    yield opened
    opened.app.extensions["workbench"].store.close()
