"""What is on offer is found once a day and place, and never outlives a line that is opened or closed elsewhere."""

import gc
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date

from workbench.cases import calendar
from workbench.catalogue.loaded import catalogue
from workbench.host.discover import discover
from workbench.hubs import open_lines as kept
from workbench.hubs.open_lines import close_line, find_hub, open_line, open_lines
from workbench.settings import Settings
from workbench.store.context import Context
from workbench.store.crypto import KeyRing

Act = Callable[..., AbstractContextManager[Context]]


def test_line_opened_or_closed_by_another_process_changes_the_offer_at_once(
    act: Act, settings: Settings, keys: KeyRing
) -> None:
    installed, mine = discover(), settings.open_store(keys)  # a store of its own: what it keeps is its own too
    known = catalogue(installed)

    def offered() -> tuple[str, ...]:
        with mine.read() as session:
            hub = find_hub(session, "wutong")
            assert hub is not None
            ids = [line.id for line in open_lines(session, hub, installed)]
        offer = known.offer(hub.division, date(2026, 11, 26), ids)
        assert offer is known.offer(hub.division, date(2026, 11, 26), ids)  # found once
        assert set(offer.by_line) == set(ids) and sum(map(len, offer.by_line.values())) == len(offer.items)
        return tuple(ids)

    try:
        assert offered() == ()
        with act() as ctx:
            open_line(ctx, installed, "civil_affairs")
        assert offered() == ("civil_affairs",)
        with act() as ctx:
            open_line(ctx, installed, "housing")
        assert offered() == ("civil_affairs", "housing")
        with act() as ctx:
            close_line(ctx, "civil_affairs")
        assert offered() == ("housing",)
    finally:
        mine.close()


def test_what_is_kept_of_a_database_goes_with_it(settings: Settings, keys: KeyRing) -> None:
    """Another one may come to lie where it lay in memory."""
    installed, before = discover(), (len(kept._cache), len(calendar._cache))
    mine = settings.open_store(keys)
    with mine.read() as session:
        hub = find_hub(session, "wutong")
        assert hub is not None
        assert open_lines(session, hub, installed) == ()
        calendar.load_calendar(session)
    assert (len(kept._cache), len(calendar._cache)) == (before[0] + 1, before[1] + 1)
    mine.close()
    del mine, session
    gc.collect()
    assert (len(kept._cache), len(calendar._cache)) <= before
