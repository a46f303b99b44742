"""The application with the rooms of duty, and a hub whose posts are set."""

from collections.abc import Iterator
from typing import Any

import pytest
from duty_world import id_of
from screens import World, open_world

from workbench.duty.posts import set_post
from workbench.settings import Settings
from workbench.store.engine import Store

LINES = ("civil_affairs", "social_security", "family_planning")


@pytest.fixture
def world(settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """No room's pages: for tests of what is written down."""
    opened = open_world(settings, store, monkeypatch)
    yield opened
    opened.app.extensions["workbench"].store.close()


@pytest.fixture
def site(settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """All rooms of a hub."""
    opened = open_world(
        settings, store, monkeypatch, "delivery", "cases", "reception", "agenda", "duty", "desk", "admin"
    )
    yield opened
    opened.app.extensions["workbench"].store.close()


@pytest.fixture
def posts(act: Any) -> dict[str, str]:
    """worker1 is A and worker2 B of two lines, the other way round of the third; gives ids by username."""
    with act("hubadmin1") as ctx:
        ids = {name: id_of(ctx, name) for name in ("worker1", "worker2", "reviewer1", "approver1", "hubadmin1")}
        for line in LINES[:2]:
            set_post(ctx, line, ids["worker1"], ids["worker2"])
        set_post(ctx, LINES[2], ids["worker2"], ids["worker1"])
    return ids
