"""Five hundred hubs: pages of a system admin, a hub admin and a worker of one hub ask as often as with two."""

from collections.abc import Iterator
from typing import Any

import pytest
from screens import Count, World, open_world
from sqlmodel import func, select

from workbench.hubs.models import HubRow
from workbench.staff.models import GrantRow, WorkerRow
from workbench.store.engine import Store
from workbench.store.ids import new_id
from workbench.store.rows import add

HUBS, WORKERS = 500, 6
PAGES = (
    ("sysadmin", "wutong/admin/rights"),
    ("sysadmin", "wutong/admin/workers"),
    ("sysadmin", "wutong/admin/trail"),
    ("sysadmin", "wutong/admin/unusual"),
    ("hubadmin1", "wutong/admin/rights"),
    ("hubadmin1", "wutong/admin/emergencies"),
    ("hubadmin1", "wutong/admin/unusual"),
    ("worker1", "wutong/"),
    ("worker1", "wutong/emergency"),
)


@pytest.fixture
def world(settings: Any, store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    opened = open_world(settings, store, monkeypatch, "people", "catalogue", "delivery", "cases", "desk", "admin")
    yield opened
    opened.app.extensions["workbench"].store.close()


def fill(store: Store) -> None:
    """Write 500 more hubs with six workers each."""
    with store.write() as session:
        now = session.exec(select(func.min(GrantRow.valid_from))).one()
        hubs = [f"hub{number:03d}" for number in range(HUBS)]
        words = {"shape": "single", "division": "990100001001"}
        add(session, HubRow, [{"id": hub, "name_zh": f"{hub}站", "name_en": hub, **words} for hub in hubs])
        people = [(new_id(), hub, place) for hub in hubs for place in range(WORKERS)]
        workers = [
            {"id": one, "username": f"{hub}.w{place}", "name": f"{hub}{place}", "created_at": now}
            for one, hub, place in people
        ]
        add(session, WorkerRow, workers)
        grants = [
            {"worker_id": one, "hub_id": hub, "role": "hub_admin" if not place else "worker", "valid_from": now,
             "granted_by": "system"}
            for one, hub, place in people
        ]  # fmt: skip
        add(session, GrantRow, grants)


def counts(world: World) -> list[tuple[str, str, int]]:
    found = []
    for who, path in PAGES:
        client = world.sign_in(who)
        assert client.get(f"/h/{path}").status_code == 200  # what a program reads once
        with Count(world) as count:
            client.get(f"/h/{path}")
        found.append((who, path, len(count.statements)))
    return found


def test_pages_ask_the_same_with_two_and_with_five_hundred_hubs(world: World, store: Store) -> None:
    few = counts(world)
    fill(store)
    many = counts(world)
    assert many == few
    assert {path: asks for _, path, asks in many}["wutong/admin/rights"] <= 4
    listed = world.sign_in("sysadmin").get("/h/wutong/admin/rights").text
    assert "worker1" in listed
    assert "hub0000" not in listed
