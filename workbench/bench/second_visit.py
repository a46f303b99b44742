"""How much of each form is filled when a resident comes again: tried on real forms, not counted from the files.

In an installation of its own a family is registered; for each item one of them is handled once, with the
product's own verbs. Then the clock goes on, and the same form is opened again (`again`), and every
other form (`elsewhere`). No department is asked: what look-ups would add comes on top.
"""

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from ..cases.models import CaseMaterialRow, DraftRow
from ..cases.season import days_to_season
from ..catalogue.answers import answer_all, number_of
from ..catalogue.form import form_of
from ..catalogue.items import Item
from ..people.check import PersonInput
from ..people.facts import FactInput, read_history, record_facts
from ..people.households import add_member, create_household
from ..people.models import PersonRow
from ..people.register import register_person
from ..reception.accept import accept
from ..reception.at_home import read_home
from ..reception.coverage import Coverage, asked_fields, measure
from ..reception.draft import begin
from ..reception.prefill import fill
from ..reception.rule_facts import known_facts, rule_facts
from ..store.clock import Clock
from ..store.context import Context
from .world import World, make_world

DAYS = 400
WANTED = 85.0
SOURCES = 24
#: Who comes along: nobody, or an agent and a guardian, which opens their sections.
COMPANY: tuple[Mapping[str, Any], ...] = ({}, {"_agent": True, "_guardian": True})
FAMILY = (
    ("钱建国", date(1980, 3, 2), 901, ""),
    ("孙丽", date(1982, 7, 9), 902, "10"),
    ("钱小宝", date(2015, 5, 1), 903, "20"),
)


@dataclass(frozen=True, slots=True)
class Figure:
    """What one item's form shows at the second visit; `elsewhere` after one visit for another item."""

    item: Item
    again: Coverage
    elsewhere: tuple[Coverage, ...]

    @property
    def percent_elsewhere(self) -> float:
        """Give the middle one of the shares filled after one visit for another item."""
        return median(one.percent for one in self.elsewhere)

    @property
    def mostly_empty(self) -> list[str]:
        """Give the fields that more than half of the other items leave unfilled."""
        counts = Counter(field for one in self.elsewhere for field in one.unfilled)
        return sorted(field for field, count in counts.items() if count > len(self.elsewhere) / 2)

    @property
    def is_enough(self) -> bool:
        """Tell whether as much is filled as must be."""
        return self.again.percent >= WANTED


def second_visits(codes: Iterable[str] = (), days: int = DAYS) -> list[Figure]:
    """Try every item, or those named, so many days apart; the emptier of two forms counts: alone, or with company.

    `elsewhere` is tried from SOURCES items spread over the whole catalogue: all pairs would take minutes.
    Raises KeyError for an item nobody has.
    """
    with _trial() as (world, ctx, person):
        items = [world.catalogue.by_code[code][0] for code in codes] or list(world.catalogue.items)
        trial = Trial(ctx, world, person, days)
        elsewhere: dict[str, list[Coverage]] = {item.code: [] for item in items}
        for source in world.catalogue.items[:: max(1, len(world.catalogue.items) // SOURCES)]:
            for code, found in trial.look(source, [item for item in items if item.code != source.code]):
                elsewhere[code].append(found)
        again = {item.code: min((f for _, f in trial.look(item, [item])), key=_share_of) for item in items}
    return [Figure(item, again[item.code], tuple(elsewhere[item.code])) for item in items]


def _share_of(coverage: Coverage) -> float:
    return coverage.percent


@dataclass(frozen=True)
class Trial:
    """An installation with a family, on which every attempt is taken back."""

    ctx: Context
    world: World
    person: PersonRow
    days: int

    def look(self, handled: Item, opened: Sequence[Item]) -> list[tuple[str, Coverage]]:
        """Handle the resident once for one item, in its season, and give how other forms are filled on a later day."""
        found: list[tuple[str, Coverage]] = []
        first = self._after(self.ctx, days_to_season(handled.manifest.windows, self.ctx.clock.today()))
        for company in COMPANY:
            attempt = self.ctx.session.begin_nested()
            try:
                _handle(first, self.world, self.person, handled, company)
                found += _opened(self._after(first, self.days), self.person, opened, company)
            finally:
                attempt.rollback()
        return found

    def _after(self, ctx: Context, days: int) -> Context:
        return replace(ctx, clock=Clock(ctx.clock.offset + timedelta(days=days)))


@contextmanager
def _trial() -> Iterator[tuple[World, Context, PersonRow]]:
    with tempfile.TemporaryDirectory() as folder:
        world = make_world(Path(folder) / "trial", residents=1)
        try:
            with world.acting() as ctx:
                yield world, ctx, _family(ctx)
        finally:
            world.store.close()


def _family(ctx: Context) -> PersonRow:
    """Register a married couple with a child; gives the head."""
    people = [
        register_person(
            ctx, PersonInput(name=name, id_no=number_of(born, order), rank="document", source="居民身份证（已核验）")
        )
        for name, born, order, _ in FAMILY
    ]
    home = create_household(ctx, people[0].id, "示范路1号2栋301室")
    for person, (*_, relation) in zip(people[1:], FAMILY[1:], strict=True):
        add_member(ctx, home.id, person.id, relation)
    record_facts(ctx, people[0].id, [FactInput("marriage.registered", value=True, rank="department", source="民政局")])
    return people[0]


def _handle(ctx: Context, world: World, person: PersonRow, item: Item, company: Mapping[str, Any]) -> None:
    case = begin(ctx, item, person)
    draft = ctx.session.get_one(DraftRow, case.id)
    form, known = form_of(item.manifest), known_facts(ctx, person)
    values = {**answer_all(form, draft.values), **company}
    facts = rule_facts(known, person, form, values, ctx.clock.today())
    asked = {field.key for field in asked_fields(form, facts)} | set(company)
    draft.values = {key: value for key, value in values.items() if key in asked}
    for material in item.manifest.materials:
        ctx.session.merge(CaseMaterialRow(case_id=case.id, key=material.key, state="sighted"))
    ctx.session.flush()
    accept(ctx, world.catalogue, world.installed, {case.id: draft.accept_key})
    ctx.session.expunge(draft)


def _opened(
    ctx: Context, person: PersonRow, items: Iterable[Item], company: Mapping[str, Any]
) -> Iterator[tuple[str, Coverage]]:
    """Open every form as it would be filled on the context's day."""
    history, home, known = read_history(ctx, person.id), read_home(ctx, person), known_facts(ctx, person)
    for item in items:
        form = form_of(item.manifest)
        filled = fill(history, home, item.code, form, ctx.clock.now())
        facts = rule_facts(known, person, form, {**filled.values, **company}, ctx.clock.today())
        yield item.code, measure(form, facts, filled)
