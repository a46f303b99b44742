"""Fill a new installation with the demonstration sub-district.

Residents are written first, then in one transaction the hubs with their workers and cases, so that hubs on
file mean that all is there.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from rich.console import Console
from rich.progress import Progress
from sqlmodel import select

from ..cases.calendar import seed_calendar
from ..catalogue.dictionary import load_dictionary
from ..host.discover import discover
from ..hubs.models import HubRow
from ..people.models import PersonRow
from ..people.sensitivity import set_sensitivity
from ..settings import Settings
from ..store.engine import Store
from ..store.problems import Problem
from .cases import fill_cases
from .chance import Chance, Steady
from .families import Families
from .hubs import fill_hubs
from .numbers import Numbers
from .places import HUBS, fill_places
from .resident import Household
from .rows import Batch
from .story import Story
from .workers import demo_password, fill_workers

BATCH = 1000


@dataclass(frozen=True)
class Filled:
    """What was written; nothing when the demonstration was there already."""

    residents: int = 0
    facts: int = 0
    cases: int = 0


def fill_demo(
    settings: Settings,
    store: Store,
    *,
    residents: int = 2000,
    cases: int = 240,
    hubs: int = 0,
    seed: int = 20260101,
    today: date | None = None,
) -> Filled:
    """Write places, workers and so many residents and cases, the same for the same seed and day; safe twice.

    `hubs` further ones have lines, and neither workers nor residents. Never fewer residents than the story has.
    Raises Problem where other data stands: inventions and real residents are never mixed.
    """
    if _is_filled(store):
        return Filled()
    set_sensitivity(load_dictionary().is_sensitive)
    chance, installed, today = Chance(seed), discover(), today or settings.clock().today()
    filled = _fill_residents(store, chance, residents, today)
    line_ids = [line.id for line in installed.lines if line.state == "ready"]
    with store.write() as session:
        seed_calendar(session)
        fill_places(session, line_ids)
        fill_hubs(session, line_ids, hubs)
        fill_workers(session, chance, line_ids, demo_password(settings.instance))
        session.flush()
        files = settings.file_store(store.keys)
        told = fill_cases(session, store.keys, files, chance, installed, today=today, cases=cases)
    return replace(filled, cases=told)


def _is_filled(store: Store) -> bool:
    with store.read() as session:
        hubs = set(session.exec(select(HubRow.id)))
        if {hub.id for hub in HUBS} <= hubs:
            return True
        if not hubs and session.exec(select(PersonRow.id).limit(1)).first() is None:
            return False
    zh = "数据库中已有其他数据或未完成的演示数据。请换一个新的空数据库再填充演示数据。"
    en = "The database holds other data, or a demonstration that was interrupted. Use a new, empty database."
    raise Problem("database_not_empty", zh, en)


def _fill_residents(store: Store, chance: Chance, wanted: int, today: date) -> Filled:
    batch, filled = Batch(store.keys, today), Filled()
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("residents", total=wanted)
        for luck, home in _households(chance, wanted, today):
            batch.add(luck, home)
            if batch.residents >= BATCH:
                filled = _write(store, batch, filled)
                progress.update(task, completed=filled.residents)
        return _write(store, batch, filled)


def _write(store: Store, batch: Batch, filled: Filled) -> Filled:
    residents = batch.residents
    with store.write() as session:
        facts = batch.write(session)
    return Filled(filled.residents + residents, filled.facts + facts)


def _households(chance: Chance, wanted: int, today: date) -> Iterator[tuple[Chance, Household]]:
    """Give the story, then families until there are enough residents; each with the luck it has."""
    families = Families(chance, numbers := Numbers(chance), today)
    left = wanted
    for home in Story(chance, numbers, families, today).make():
        left -= len(home.members)
        yield Steady(), home
    while left > 0:
        home = families.make()
        home.members = home.members[:left]
        left -= len(home.members)
        yield chance, home
