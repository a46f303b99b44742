"""Rows that two make at one moment: one makes it, both go on."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from sqlmodel import select
from waiting import PATIENCE

from workbench.delivery.health import ensure_platforms
from workbench.delivery.models import PlatformRow
from workbench.jobs.models import LeaseRow
from workbench.store.engine import Store
from workbench.store.first import add_missing, ensure_row

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def test_row_is_made_once_and_what_stands_is_left(store: Store) -> None:
    with store.write() as session:
        made = ensure_row(session, PlatformRow(platform_id="a.b", detail="first"))
        made.failures = 2
    with store.write() as session:
        again = ensure_row(session, PlatformRow(platform_id="a.b", detail="second"))
        assert (again.detail, again.failures, again.health) == ("first", 2, PlatformRow(platform_id="a.b").health)
        add_missing(session, [PlatformRow(platform_id="a.b"), PlatformRow(platform_id="a.c")])
        add_missing(session, [])
    with store.read() as session:
        rows = session.exec(select(PlatformRow.platform_id, PlatformRow.detail).order_by(PlatformRow.platform_id)).all()
    assert [tuple(row) for row in rows] == [("a.b", "first"), ("a.c", "")]


def test_second_of_two_at_one_moment_goes_on_with_what_the_first_made(store: Store) -> None:
    made, begun = threading.Event(), threading.Event()

    def first() -> None:
        with store.write() as session:
            ensure_row(session, LeaseRow(name="both", until=NOW, owner="first"))
            ensure_platforms(session, ["a.b", "a.c"])
            made.set()
            begun.wait(PATIENCE)
            threading.Event().wait(0.3)  # the second waits for what stands uncommitted

    def second() -> str:
        made.wait(PATIENCE)
        begun.set()
        with store.write() as session:
            ensure_platforms(session, ["a.b", "a.c", "a.d"])
            return ensure_row(session, LeaseRow(name="both", until=NOW, owner="second")).owner

    with ThreadPoolExecutor() as pool:
        one, other = pool.submit(first), pool.submit(second)
        one.result(PATIENCE)
        assert other.result(PATIENCE) == "first"
    with store.read() as session:
        known = session.exec(select(PlatformRow.platform_id).order_by(PlatformRow.platform_id)).all()
    assert known == ["a.b", "a.c", "a.d"]
