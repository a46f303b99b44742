"""Judges all forms of a sitting at once: problems, materials, conditions. The same queries for one and for ten."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ..api.nouns import Fact
from ..catalogue.form import Form, FormField
from ..catalogue.items import Catalogue, Item
from ..catalogue.kin import load_roles
from ..host.discover import Installed
from ..hubs.parameters import region_facts
from ..people.documents import peoples_documents
from ..people.facts import peoples_facts
from ..rules.eligibility import Assessment, assess
from ..store.context import Context
from ..store.problems import Problem
from .check_form import asked_sections, is_asked
from .consents import read_adults
from .judge import Applicant, Opened, current_item, judge_form
from .materials import OnFile, Standing, read_notes, scans_among
from .rule_facts import rule_names
from .sitting import Part, Sitting

NOTHING = Assessment(True, (), ())


@dataclass
class Judged:
    """One form of a sitting as it stands now; `stopped` says why it cannot be filed at all."""

    part: Part
    item: Item | None = None
    stopped: Problem | None = None
    form: Form = field(default_factory=lambda: Form(()))
    facts: Mapping[str, Any] = field(default_factory=dict)
    standings: list[Standing] = field(default_factory=list)
    problems: dict[str, Problem] = field(default_factory=dict)
    assessment: Assessment = NOTHING
    #: The earlier matters of this sitting that must be filed before it.
    after: tuple[str, ...] = ()

    @property
    def missing(self) -> list[Standing]:
        return [standing for standing in self.standings if standing.blocks]

    @property
    def is_complete(self) -> bool:
        """Tell whether nothing that the worker could still do hinders it."""
        return self.stopped is None and not self.problems and not self.missing

    def asked(self) -> list[tuple[FormField, bool]]:
        """Give the fields that are asked now, each with whether it must be answered."""
        found = []
        for section, counts in asked_sections(self.form, self.facts):
            fields = [f for f in section.fields if is_asked(f.when, self.facts) is not False]
            found += [(f, f.required and counts) for f in fields if f.type not in ("image", "derived")]
        return found


def judge_together(ctx: Context, catalogue: Catalogue, installed: Installed, sitting: Sitting) -> list[Judged]:
    """Judge every open form of a sitting; one that can be filed no more says why. Four queries, however many,
    and one more where the adults of a household must authorise a means check.
    """
    if not sitting.parts:
        return []
    judged = [_with_item(ctx, catalogue, installed, part) for part in sitting.parts]
    people = {sitting.host.id} | {part.person.id for part in sitting.parts}
    waiving = {m.waived_by_fact for one in judged if one.item for m in one.item.manifest.materials}
    shared = {fact for role in load_roles().values() for fact in role.of_host.values()}
    held = peoples_facts(ctx, people, rule_names() | waiving | shared)
    documents = peoples_documents(ctx, people)
    notes = read_notes(ctx, [part.case.id for part in sitting.parts])
    asking = [(one.part.person.household_id, one.item) for one in judged if one.item]
    adults = read_adults(ctx, asking)
    region, today = region_facts(ctx.session, ctx.hub.division, ctx.clock.today()), ctx.clock.today()
    for one in judged:
        if one.item is not None:
            part = one.part
            home, scans = part.person.household_id or "", scans_among(documents[part.person.id])
            file = OnFile(notes[part.case.id], _held(sitting, part, held), scans, adults.get(home, ()))
            _judge(one, one.item, file, region, today)
    return judged


def _with_item(ctx: Context, catalogue: Catalogue, installed: Installed, part: Part) -> Judged:
    try:
        return Judged(part, current_item(ctx, catalogue, installed, part.case.line_id, part.case.item_code))
    except Problem as problem:
        return Judged(part, stopped=problem)


def _judge(one: Judged, item: Item, file: OnFile, region: Mapping[str, Any], today: date) -> None:
    case, person, draft = one.part.case, one.part.person, one.part.draft
    applicant = Applicant(person.id, person.name, person.sex, person.birth_date, person.hub_id, person.household_id)
    form = Opened(case.id, case.line_id, case.item_code, applicant, draft.values or {}, draft.origins or {})
    ready = judge_form(form, item, file, region, today)
    one.form, one.facts, one.standings, one.problems = ready.form, ready.facts, ready.standings, ready.problems
    one.assessment = assess(item.manifest.rules, item.manifest.exclusions, one.facts)


def _held(sitting: Sitting, part: Part, current: Mapping[str, Mapping[str, Fact]]) -> Mapping[str, Fact]:
    """Give the facts that may spare a paper: what is held of the one at the table counts in a child's forms too."""
    own = current.get(part.person.id, {})
    if not part.role:
        return own
    host = current.get(sitting.host.id, {})
    same = load_roles()[part.role].of_host
    return {**{ours: host[theirs] for ours, theirs in same.items() if theirs in host}, **own}


def spared_by_host(one: Judged) -> list[Standing]:
    """Give the papers that what is held of the one at the table spares in a form of somebody else."""
    same = load_roles()[one.part.role].of_host if one.part.role else {}
    return [s for s in one.standings if s.state == "waived" and not s.is_noted and s.material.waived_by_fact in same]
