"""Looks and collects: when they are due, once over all processes, and no harm when they fail."""

import json
import os
import time
from collections.abc import Iterator
from typing import Any

import pytest
from told import PLATFORM

from workbench.api import Batch, Health, Outcome, TryLater
from workbench.jobs.errands import Errands


@pytest.fixture
def errands(town: Any) -> Iterator[Any]:
    opened: list[Errands] = []

    def open_errands(shop: Any) -> Errands:
        opened.append(Errands(shop.workshop))
        return opened[-1]

    yield open_errands
    for one in opened:
        one.close(time.monotonic())


def test_look_is_done_once_over_all_processes(shop: Any, errands: Any, town: Any) -> None:
    first, second = shop(), shop()
    for one in (errands(first), errands(second), errands(first)):
        one.check(PLATFORM)

    asked = first.adapters[PLATFORM].asked + second.adapters[PLATFORM].asked
    assert asked == ["check"]
    assert town.platform(PLATFORM).health == "up"


def test_closed_platform_is_looked_at_anew_when_its_department_announces_itself(
    shop: Any, errands: Any, town: Any
) -> None:
    here = shop()
    looks = errands(here)
    here.adapters[PLATFORM].health = Health("down")
    looks.check(PLATFORM)
    here.adapters[PLATFORM].health = Health("up")
    looks.check(PLATFORM)
    assert town.platform(PLATFORM).closed_reason == "platform-down"

    folder = town.settings.departments / PLATFORM
    folder.mkdir(parents=True)
    address = folder / "address.json"
    address.write_text(json.dumps({"pid": 1, "settings": {}}))
    os.utime(address, (time.time() + 1, time.time() + 1))  # a file's time may be some milliseconds behind the clock
    looks.check(PLATFORM)

    assert town.platform(PLATFORM).closed_until is None


def test_collect_moves_deliveries_and_the_cursor_together(shop: Any, errands: Any, town: Any) -> None:
    (key,) = town.accept(1, PLATFORM)
    here = shop()
    outcome = Outcome(key=key, status="granted", message_id="M1", proof=b"<granted/>")
    here.adapters[PLATFORM].batch = Batch((outcome,), cursor="7")

    errands(here).collect(PLATFORM)

    assert town.row(key).state == "done"
    assert town.platform(PLATFORM).cursor == "7"


def test_failed_collect_gives_its_lease_back_and_stops_no_parcel(shop: Any, errands: Any, town: Any) -> None:
    (key,) = town.accept(1, PLATFORM)
    here, there = shop(), shop()
    here.adapters[PLATFORM].batch = TryLater("busy")

    errands(here).collect(PLATFORM)
    assert town.platform(PLATFORM).collect_detail == "busy"
    errands(there).collect(PLATFORM)
    here.turn()

    assert there.adapters[PLATFORM].asked == ["collect"]
    assert town.platform(PLATFORM).collect_detail == ""
    assert town.row(key).state == "accepted"


@pytest.mark.parametrize(
    ("capabilities", "asked"), [(["push"], ["check"]), (["push", "collect"], ["check", "collect"])]
)
def test_watch_begins_what_is_due_and_what_the_platform_can(
    shop: Any, errands: Any, wait: Any, capabilities: list[str], asked: list[str]
) -> None:
    here = shop(capabilities=capabilities)
    begun = errands(here)

    begun.watch()
    wait(lambda: not begun._begun)
    begun.watch()
    wait(lambda: not begun._begun)

    assert sorted(here.adapters[PLATFORM].asked) == asked
