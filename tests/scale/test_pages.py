"""Every page asks as often for forty lines, ten thousand cases and five hundred hubs as for a few, and stays short."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import pytest
from screens import Count, World

from workbench.demo.hubs import hub_id
from workbench.hubs.open_lines import find_hub, is_open, open_lines

#: What a program keeps for some time; every look here starts without it.
HUBS = 500
KEPT = ("workbench.platform_health", "workbench.popular_items")


@dataclass(frozen=True)
class Page:
    """One page: who opens it where, how often it asks, how long it may be, and how long with forty lines."""

    who: str
    path: str
    asks: int
    longest: int  # KB
    with_forty_lines: int = 0
    typed: str = ""


PAGES = {
    "home": Page("worker1", "", 12, 60),
    "search": Page("worker1", "search", 8, 60, typed="张"),
    "search by number": Page("worker1", "search", 8, 60, typed="{case_no}"),
    "resident": Page("worker1", "people/{person_id}", 14, 160, 250),
    "item picker": Page("worker1", "people/{person_id}/items", 11, 100, 700),
    "intake form": Page("worker1", "cases/{draft_id}/form", 13, 60),
    "check": Page("worker1", "cases/{draft_id}/check", 15, 60),
    "case": Page("worker1", "cases/{case_id}", 17, 60),
    "review queue": Page("reviewer1", "review", 9, 60),
    "deliveries": Page("worker1", "deliveries?state=all", 6, 70),
    "platform board": Page("worker1", "platforms", 6, 60, 115),
    "admin lines": Page("hubadmin1", "admin/lines", 7, 60, 100),
    "admin health": Page("hubadmin1", "admin/health", 8, 60, 130),
    "admin opening": Page("hubadmin1", "admin/lines/civil_affairs/opening", 8, 60),
    "admin tasks": Page("hubadmin1", "admin/tasks", 5, 60),
    "home of a hub admin": Page("hubadmin1", "", 8, 60),
    "admin platforms": Page("hubadmin1", "admin/platforms", 6, 60, 115),
    "admin workers": Page("hubadmin1", "admin/workers", 4, 60),
    "trail": Page("hubadmin1", "admin/trail", 7, 60),
    "trail of a resident": Page("hubadmin1", "admin/trail?person={person_id}", 7, 60),
}


def look(world: World, places: Callable[[World], Any], page: Page) -> tuple[str, list[str]]:
    """Open a page and give its HTML with the statements it took."""
    at = asdict(places(world))
    world.clients.clear()  # a session seen long ago would be noted as seen again
    client = world.sign_in(page.who)
    for kept in KEPT:
        world.app.extensions.pop(kept, None)
    address = f"/h/wutong/{page.path.format(**at)}"
    with Count(world) as count:
        answer = client.post(address, data={"q": page.typed.format(**at)}) if page.typed else client.get(address)
    assert answer.status_code == 200, answer.text
    return answer.text, count.statements


@pytest.mark.parametrize("size", ["small", "wide", "tall"])
@pytest.mark.parametrize("name", PAGES)
def test_page_asks_the_same_at_every_size(
    request: pytest.FixtureRequest, places: Callable[[World], Any], name: str, size: str
) -> None:
    page, world = PAGES[name], request.getfixturevalue(size)
    look(world, places, page)  # what a program reads once
    html, statements = look(world, places, page)
    turns = [one for one in statements if "pg_advisory_xact_lock" in one]  # what writes takes one on PostgreSQL
    assert len(turns) <= 1
    assert len(statements) - len(turns) == page.asks, statements
    longest = page.with_forty_lines or page.longest if size == "wide" else page.longest
    assert len(html.encode()) <= longest * 1024


def test_sizes_are_what_they_say(small: World, wide: World, tall: World) -> None:
    shown = {name: world.sign_in("worker1").get("/h/wutong/").text.count("/cases/") for name, world in
             (("small", small), ("tall", tall))}  # fmt: skip
    assert 0 < shown["small"] < shown["tall"]
    assert [len(world.installed.ready_lines) for world in (small, wide, tall)] == [4, 40, 4]
    admin = wide.sign_in("hubadmin1", "en").get("/h/wutong/admin/lines").text
    assert admin.count("/close") >= 40


def test_gates_of_five_hundred_hubs_each_read_their_own_lines_once(wide: World) -> None:
    sets = set()
    with wide.store.read() as session:
        for number in range(1, HUBS + 1):
            hub = find_hub(session, hub_id(number))
            assert hub is not None
            with Count(wide) as first:
                sets.add(tuple(line.id for line in open_lines(session, hub, wide.installed)))
            with Count(wide) as again:
                is_open(session, hub, wide.installed, "civil_affairs")
            assert (len(first.statements), again.statements) == (1, [])
    assert len(sets) > 30
