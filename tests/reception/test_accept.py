"""Accepting: every item of every line, once, whole, and never on an incomplete form."""

from datetime import timedelta

import pytest
from conftest import Act
from sitting import fitting_values, id_number
from sqlmodel import select

from workbench.cases.calendar import seed_calendar
from workbench.cases.models import CaseRow, DraftRow
from workbench.cases.review import end_case
from workbench.catalogue.form import form_of
from workbench.catalogue.items import Item
from workbench.catalogue.loaded import catalogue
from workbench.delivery.models import DeliveryRow, PayloadRow
from workbench.host.discover import discover
from workbench.hubs.models import HubRow
from workbench.hubs.open_lines import close_line, open_line
from workbench.identity.audit import verify
from workbench.people.check import PersonInput
from workbench.people.models import FactRow, PersonRow
from workbench.people.register import register_person
from workbench.reception.accept import CannotAccept, accept
from workbench.reception.draft import begin
from workbench.reception.materials import mark, standings
from workbench.store.context import Context
from workbench.store.problems import Problem

INSTALLED = discover()
CATALOGUE = catalogue(INSTALLED)
ITEMS = CATALOGUE.items


@pytest.fixture
def person_id(act: Act) -> str:
    with act() as ctx:
        seed_calendar(ctx.session)
    with act("hubadmin1") as ctx:
        for line in INSTALLED.ready_lines:
            open_line(ctx, INSTALLED, line.id)
    with act() as ctx:
        given = PersonInput(
            name="测试甲",
            id_type="111",
            id_no=id_number("99010019600101901"),
            phone="19999900001",
        )
        return register_person(ctx, given).id


def begin_complete(ctx: Context, item: Item, person_id: str) -> tuple[CaseRow, DraftRow]:
    """Open a form and answer everything it asks."""
    case = begin(ctx, item, ctx.session.get_one(PersonRow, person_id))
    draft = ctx.session.get_one(DraftRow, case.id)
    draft.values = fitting_values(form_of(item.manifest)) | dict(draft.values or {})
    for material in item.manifest.materials:
        mark(ctx, case, item.manifest, material.key, "sighted")
    ctx.session.flush()
    return case, draft


def item_of(code: str) -> Item:
    return CATALOGUE.by_code[code][0]


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.code)
def test_every_item_is_accepted_and_on_its_way(act: Act, person_id: str, item: Item) -> None:
    with act() as ctx:
        case, draft = begin_complete(ctx, item, person_id)
        accept(ctx, CATALOGUE, INSTALLED, case, draft, draft.accept_key)
        case_id = case.id

    with act() as ctx:
        case = ctx.session.get_one(CaseRow, case_id)
        sent = ctx.session.exec(select(DeliveryRow).where(DeliveryRow.case_id == case_id)).all()
        assert case.state == "accepted"
        assert case.case_no is not None
        assert case.case_no.startswith("990100001001-")
        assert {delivery.state for delivery in sent} == {"waiting"}
        wanted = {
            delivery.platform for step in item.manifest.steps if step.by == "worker" for delivery in step.deliveries
        }
        assert {delivery.platform_id for delivery in sent} == wanted
        assert list(verify(ctx.session, ctx.keys)) == []


def test_accept_twice_gives_one_case_and_one_parcel(act: Act, person_id: str) -> None:
    with act() as ctx:
        case, draft = begin_complete(ctx, item_of("RS-001"), person_id)
        accept(ctx, CATALOGUE, INSTALLED, case, draft, draft.accept_key)
        case_id, key = case.id, draft.accept_key

    with act() as ctx:
        again = accept(ctx, CATALOGUE, INSTALLED, ctx.session.get_one(CaseRow, case_id), None, key)
        assert again.id == case_id
        assert len(ctx.session.exec(select(DeliveryRow).where(DeliveryRow.case_id == case_id)).all()) == 1


def test_accept_refuses_an_incomplete_form_and_writes_nothing(act: Act, person_id: str) -> None:
    with pytest.raises(CannotAccept) as refused, act() as ctx:
        case = begin(ctx, item_of("RS-001"), ctx.session.get_one(PersonRow, person_id))
        draft = ctx.session.get_one(DraftRow, case.id)
        accept(ctx, CATALOGUE, INSTALLED, case, draft, draft.accept_key)

    assert "unemployment_date" in refused.value.problems
    with act() as ctx:
        assert ctx.session.exec(select(DeliveryRow)).all() == []
        assert ctx.session.exec(select(PayloadRow)).all() == []


def test_accept_refuses_when_the_line_was_closed_meanwhile(act: Act, person_id: str) -> None:
    with act() as ctx:
        case, _ = begin_complete(ctx, item_of("RS-001"), person_id)
        case_id = case.id
    with act("hubadmin1") as ctx:
        close_line(ctx, "social_security")

    with pytest.raises(Problem) as refused, act() as ctx:
        case, draft = ctx.session.get_one(CaseRow, case_id), ctx.session.get_one(DraftRow, case_id)
        accept(ctx, CATALOGUE, INSTALLED, case, draft, draft.accept_key)

    assert refused.value.code == "line_closed"
    with act() as ctx:
        assert ctx.session.get(DraftRow, case_id) is not None


def test_accepted_values_become_facts_of_the_person(act: Act, person_id: str) -> None:
    with act() as ctx:
        case, draft = begin_complete(ctx, item_of("RS-001"), person_id)
        accept(ctx, CATALOGUE, INSTALLED, case, draft, draft.accept_key)

    with act() as ctx:
        keys = set(ctx.session.exec(select(FactRow.key).where(FactRow.person_id == person_id)))
        assert {"person.residence_address", "person.education"} <= keys


def test_a_second_case_of_the_same_item_is_filled_from_the_first(act: Act, person_id: str) -> None:
    item = item_of("RS-001")
    with act() as ctx:
        case, draft = begin_complete(ctx, item, person_id)
        accept(ctx, CATALOGUE, INSTALLED, case, draft, draft.accept_key)

    with act() as ctx:
        case = begin(ctx, item, ctx.session.get_one(PersonRow, person_id))
        draft = ctx.session.get_one(DraftRow, case.id)
        required = {key for key, field in form_of(item.manifest).fields.items() if field.required}
        unsigned = required - {"truth_promise"}
        assert unsigned <= set(draft.values)


def test_due_day_counts_working_days_with_make_up_days(act: Act, person_id: str) -> None:
    with act() as ctx:
        case, draft = begin_complete(ctx, item_of("RS-001"), person_id)
        accept(ctx, CATALOGUE, INSTALLED, case, draft, draft.accept_key)
        assert case.due_on is not None
        assert case.due_on > ctx.clock.today() + timedelta(days=2)


def test_hubs_of_one_division_do_not_give_the_same_number(act: Act, person_id: str) -> None:
    with act() as ctx:
        ctx.session.get_one(HubRow, "yinxing").division = "990100001001"
    with act("hubadmin1", hub="yinxing") as ctx:
        for line in INSTALLED.ready_lines:
            open_line(ctx, INSTALLED, line.id)

    numbers = set()
    for username in ("worker1", "worker21"):
        with act(username) as ctx:
            case, draft = begin_complete(ctx, item_of("RS-001"), person_id)
            accept(ctx, CATALOGUE, INSTALLED, case, draft, draft.accept_key)
            numbers.add(case.case_no)
    assert len(numbers) == 2


def test_withdrawing_holds_back_what_was_not_sent_yet(act: Act, person_id: str) -> None:
    with act() as ctx:
        case, draft = begin_complete(ctx, item_of("RS-001"), person_id)
        accept(ctx, CATALOGUE, INSTALLED, case, draft, draft.accept_key)
        ctx.session.flush()
        end_case(ctx, case, "withdraw", reason="居民不再需要")
        case_id = case.id

    with act() as ctx:
        [delivery] = ctx.session.exec(select(DeliveryRow).where(DeliveryRow.case_id == case_id)).all()
        assert (delivery.state, delivery.reason) == ("parked", "held")


def test_only_a_scan_is_used_again_and_never_an_application_form(act: Act, person_id: str) -> None:
    item = item_of("MZ-001")
    with act() as ctx:
        case = begin(ctx, item, ctx.session.get_one(PersonRow, person_id))
        by_form = {material.form: material.key for material in item.manifest.materials}
        scan = {"content": b"\x89PNG\r\n\x1a\n" + b"0" * 40, "file_name": "scan.png"}
        mark(ctx, case, item.manifest, by_form["form"], "scanned", **scan)
        mark(ctx, case, item.manifest, by_form["copy"], "scanned", **scan)
        mark(ctx, case, item.manifest, by_form["original"], "sighted")
        case.state = "voided"

    with act() as ctx:
        again = begin(ctx, item, ctx.session.get_one(PersonRow, person_id))
        states = {one.material.key: one.state for one in standings(ctx, again, item.manifest, {})}
        assert states[by_form["form"]] == "missing"
        assert states[by_form["copy"]] == "have"
        assert states[by_form["original"]] == "missing"
