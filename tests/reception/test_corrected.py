"""What the table corrects in one case is proposed to the other open ones."""

from collections.abc import Iterator

import pytest
from admitted import open_lines
from conftest import Act
from sitting import fitting_values, id_number
from sqlmodel import select

from workbench.cases.calendar import seed_calendar
from workbench.cases.models import CaseRow, DraftRow, ProposalRow
from workbench.cases.propose import propose
from workbench.catalogue.form import form_of
from workbench.catalogue.loaded import catalogue
from workbench.host.discover import discover
from workbench.people.check import PersonInput
from workbench.people.corrected import set_follower
from workbench.people.facts import FactInput, record_facts
from workbench.people.models import PersonRow
from workbench.people.register import register_person
from workbench.reception.accept import accept
from workbench.reception.draft import begin
from workbench.reception.materials import mark
from workbench.store.context import Context

INSTALLED = discover()
CATALOGUE = catalogue(INSTALLED)
ADDRESS = "person.residence_address"


@pytest.fixture(autouse=True)
def followed() -> Iterator[None]:
    set_follower(lambda ctx, person_id, facts, case_id: propose(ctx, INSTALLED, person_id, facts, case_id))
    yield
    set_follower(None)


@pytest.fixture
def person_id(act: Act) -> str:
    with act() as ctx:
        seed_calendar(ctx.session)
    with act("hubadmin1") as ctx:
        open_lines(ctx, INSTALLED.ready_lines)
    with act() as ctx:
        person_id = register_person(ctx, PersonInput(name="测试甲", id_no=id_number("99010019600101901"))).id
        record_facts(ctx, person_id, [FactInput(ADDRESS, "示例路1号", "department", "公安局")])
        return person_id


def open_form(ctx: Context, code: str, person_id: str) -> tuple[CaseRow, DraftRow]:
    """Open a form and answer everything it asks."""
    item = CATALOGUE.by_code[code][0]
    case = begin(ctx, item, ctx.session.get_one(PersonRow, person_id))
    draft = ctx.session.get_one(DraftRow, case.id)
    draft.values = fitting_values(form_of(item.manifest)) | dict(draft.values or {})
    for material in item.manifest.materials:
        mark(ctx, case, item.manifest, material.key, "sighted")
    return case, draft


def test_value_overruled_at_accept_is_proposed_to_the_other_open_form(act: Act, person_id: str) -> None:
    with act() as ctx:
        other, _ = open_form(ctx, "RS-003", person_id)
        case, draft = open_form(ctx, "RS-001", person_id)
        draft.values = {**draft.values, "residence_address": "示例路2号"}
        draft.origins = {**draft.origins, "residence_address": draft.origins["residence_address"] | {"reason": "搬家"}}
        ctx.session.flush()
        accept(ctx, CATALOGUE, INSTALLED, {case.id: draft.accept_key})
        (row,) = ctx.session.exec(select(ProposalRow)).all()

        assert (row.case_id, row.value, row.was, row.from_case) == (other.id, "示例路2号", "示例路1号", case.id)


def test_what_is_said_for_the_first_time_is_proposed_to_nobody(act: Act, person_id: str) -> None:
    with act() as ctx:
        open_form(ctx, "RS-003", person_id)
        case, draft = open_form(ctx, "RS-001", person_id)
        ctx.session.flush()
        accept(ctx, CATALOGUE, INSTALLED, {case.id: draft.accept_key})

        assert ctx.session.exec(select(ProposalRow)).all() == []
