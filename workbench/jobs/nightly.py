"""The night's work of the worker process: every hub's lists, item by item, and its meter, each once a night.

One process does it, under its lease. What a process that died or was stopped left undone is done by the next; an item
that fails is named in the log, tried again, and keeps nothing else from being done.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial

from sqlmodel import select

from ..agenda.models import AgendaLookRow
from ..agenda.night import do_night, done_items, has_work, night_of
from ..catalogue.items import Item
from ..catalogue.loaded import catalogue
from ..hubs.models import HubRow
from ..hubs.open_lines import open_lines
from ..meter.count import count_until
from ..store.context import Context
from .workshop import Workshop, log

ALL = "night"
#: A turn ends before its lease does, and goes on at the next.
LONGEST = 2400.0


def work_at_night(workshop: Workshop) -> None:
    """Do what is left of the night's work."""
    night, until = night_of(workshop.now()), time.monotonic() + LONGEST
    with workshop.store.read() as session:
        look = session.get(AgendaLookRow, ALL)
        if look is not None and night_of(look.at) == night:  # a later one is from before the clock was set back
            return
        hubs = list(session.exec(select(HubRow.id).order_by(HubRow.id)))
    failed = False
    for hub_id in hubs:
        for item in left_to_do(workshop, hub_id, night):
            if workshop.stopping.is_set() or time.monotonic() > until:
                return
            failed = not _do(workshop, hub_id, item) or failed
        failed = not _count(workshop, hub_id, night) or failed
    if not failed:
        with workshop.store.write() as session:
            session.merge(AgendaLookRow(name=ALL, at=workshop.now()))


def left_to_do(workshop: Workshop, hub_id: str, night: date) -> list[Item]:
    """Give the items of a hub's open lines that were not done this night."""
    known = catalogue(workshop.installed)
    with workshop.store.read() as session:
        ctx = workshop.context(session, hub_id)
        lines = [line.id for line in open_lines(session, ctx.hub, workshop.installed)]
        done = done_items(session, hub_id, night)
        items = known.at(ctx.hub.division, ctx.clock.today(), lines)
    return [item for item in items if has_work(item.manifest) and item.code not in done]


def _do(workshop: Workshop, hub_id: str, item: Item) -> bool:
    try:
        do_night(partial(_reading, workshop, hub_id), partial(_writing, workshop, hub_id), item)
    except Exception as error:
        log.error("the night's work on %s at %s: %s", item.code, hub_id, type(error).__name__)
        return False
    return True


def _count(workshop: Workshop, hub_id: str, night: date) -> bool:
    """Count what the hub accepted until the night began."""
    try:
        with workshop.store.write() as session:
            count_until(workshop.context(session, hub_id), catalogue(workshop.installed), night - timedelta(days=1))
    except Exception as error:
        log.error("the meter of %s: %s", hub_id, type(error).__name__)
        return False
    return True


@contextmanager
def _reading(workshop: Workshop, hub_id: str) -> Iterator[Context]:
    with workshop.store.read() as session:
        yield workshop.context(session, hub_id)


@contextmanager
def _writing(workshop: Workshop, hub_id: str) -> Iterator[Context]:
    with workshop.store.write() as session:
        yield workshop.context(session, hub_id)
