"""Judges forms as they stand: what is missing or wrong, how the materials stand, what their rules may know."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select
from sqlmodel import col

from ..cases.models import CaseRow, DraftRow
from ..cases.season import refuse_out_of_season
from ..catalogue.form import Form, form_of
from ..catalogue.items import Catalogue, Item
from ..host.discover import Installed
from ..hubs.open_lines import is_open
from ..hubs.parameters import region_facts
from ..people.documents import peoples_documents
from ..people.facts import peoples_facts
from ..people.means_consent import Adult
from ..people.models import PersonRow
from ..store.context import Context
from ..store.problems import Problem
from ..store.rows import prepare, run
from .check_form import find_missing, find_unexplained
from .consents import find_unsigned, read_adults, spare_given
from .materials import OnFile, Standing, read_notes, scans_among, stand, waiving_facts
from .read_form import find_unreadable
from .rule_facts import rule_facts, rule_names
from .who_sits import find_unauthorised


class Applicant(NamedTuple):
    """Whose matter a form is."""

    id: str
    name: str
    sex: str
    birth_date: date | None
    hub_id: str
    household_id: str | None


@dataclass(frozen=True, slots=True)
class Opened:
    """One form as it stands, with its applicant."""

    case_id: str
    line_id: str
    item_code: str
    person: Applicant
    values: Mapping[str, Any]
    origins: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Ready:
    """A form that was judged: what travels, how its materials stand, what hinders it."""

    item: Item
    person: Applicant
    form: Form
    facts: dict[str, Any]
    standings: list[Standing]
    problems: dict[str, Problem]
    adults: Sequence[Adult] = ()  # who must authorise a means check

    @property
    def missing(self) -> list[Standing]:
        return [standing for standing in self.standings if standing.blocks]


APPLICANT = prepare(
    select(*(col(getattr(PersonRow, name)) for name in Applicant._fields)).where(
        col(PersonRow.id) == bindparam("person")
    )
)


def judge(ctx: Context, catalogue: Catalogue, installed: Installed, case: CaseRow, draft: DraftRow) -> Ready:
    """Judge one form; raises Problem when it can be accepted no more. Five queries."""
    person = Applicant(*run(ctx.session, APPLICANT, person=case.person_id).one())
    opened = Opened(case.id, case.line_id, case.item_code, person, draft.values or {}, draft.origins or {})
    return judge_all(ctx, catalogue, installed, [opened])[0]


def judge_all(ctx: Context, catalogue: Catalogue, installed: Installed, forms: Sequence[Opened]) -> list[Ready]:
    """Judge forms of one hub, in their order; raises Problem. Four queries, however many forms,
    and one more where the adults of a household must authorise a means check."""
    items = [current_item(ctx, catalogue, installed, form.line_id, form.item_code) for form in forms]
    people = {form.person.id for form in forms}
    keys = rule_names().union(*(waiving_facts(item.manifest) for item in items))
    facts, documents = peoples_facts(ctx, people, keys), peoples_documents(ctx, people)
    adults = read_adults(ctx, [(form.person.household_id, item) for form, item in zip(forms, items, strict=True)])
    region = region_facts(ctx.session, ctx.hub.division, ctx.clock.today())
    notes = read_notes(ctx, [form.case_id for form in forms])
    scans = {person_id: scans_among(found) for person_id, found in documents.items()}
    files = [
        OnFile(notes[f.case_id], facts[f.person.id], scans[f.person.id], adults.get(f.person.household_id or "", ()))
        for f in forms
    ]
    return [
        judge_form(form, item, file, region, ctx.clock.today())
        for form, item, file in zip(forms, items, files, strict=True)
    ]


def judge_form(form: Opened, item: Item, file: OnFile, region: Mapping[str, Any], today: date) -> Ready:
    """Judge one form by what was read."""
    questions = form_of(item.manifest)
    known = {key: fact.value for key, fact in file.held.items() if key in rule_names()}
    facts = rule_facts({**known, **region}, form.person, questions, form.values, today)
    problems = find_missing(questions, form.values, facts)
    problems |= find_unexplained(form.values, form.origins)
    problems |= find_unreadable(form.values, questions.fields)
    spare_given(problems, form.values, file.adults)
    problems |= find_unsigned(questions, form.values, file.adults)
    problems |= find_unauthorised(form.values, item.code, today)
    return Ready(item, form.person, questions, facts, stand(item.manifest, file, facts, today), problems, file.adults)


def current_item(ctx: Context, catalogue: Catalogue, installed: Installed, line_id: str, item_code: str) -> Item:
    """Give the item a form was opened for, if it may still be accepted today; raises Problem."""
    if not is_open(ctx.session, ctx.hub, installed, line_id):
        zh = "该条线在本站点已关闭，此表单不能受理；已填写内容已保留，请联系站点管理员。"
        en = "This line has been closed at this hub. What was typed is kept; ask your hub admin."
        raise Problem("line_closed", zh, en)
    item = catalogue.find(item_code, ctx.hub.division, ctx.clock.today())
    if item is None:
        zh = "该事项已停止办理，不能受理；已填写内容已保留，请改选其他事项。"
        en = "This item has been withdrawn and cannot be accepted. What was typed is kept; choose another item."
        raise Problem("item_withdrawn", zh, en)
    refuse_out_of_season(item.manifest, ctx.clock.today())
    return item
