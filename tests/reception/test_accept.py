"""Accepting: every item of every line, once, whole, and never on an incomplete form."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from admitted import open_lines
from at_once import behind
from conftest import Act
from far_year import At
from scans import picture
from sitting import fitting_values, id_number
from sqlalchemy import event
from sqlmodel import select
from waiting import PATIENCE

from workbench.cases.calendar import seed_calendar
from workbench.cases.models import CaseRow, DraftRow
from workbench.cases.review import end_case
from workbench.cases.season import days_to_season
from workbench.cases.steps import accepting_position
from workbench.catalogue.form import form_of
from workbench.catalogue.freeze import freeze_items
from workbench.catalogue.items import Item
from workbench.catalogue.loaded import catalogue
from workbench.catalogue.models import ItemVersionRow
from workbench.delivery.models import DeliveryRow, PayloadRow
from workbench.host.discover import discover
from workbench.hubs.models import HubRow
from workbench.hubs.open_lines import close_line
from workbench.identity.verify import verify
from workbench.people.check import PersonInput
from workbench.people.models import FactRow, PersonRow
from workbench.people.register import register_person
from workbench.reception.accept import CannotAccept, NotYours, accept
from workbench.reception.draft import begin
from workbench.reception.materials import mark, standings
from workbench.store.clock import Clock
from workbench.store.context import Context
from workbench.store.engine import Store
from workbench.store.problems import Problem

INSTALLED = discover()
CATALOGUE = catalogue(INSTALLED)
#: Every item described in full, and of those known by name, which are all alike, one of each line.
ITEMS = tuple(
    item
    for number, item in enumerate(CATALOGUE.items)
    if item.manifest.depth == "deep" or item.line_id not in {one.line_id for one in CATALOGUE.items[:number]}
)


@pytest.fixture
def person_id(act: Act) -> str:
    with act() as ctx:
        seed_calendar(ctx.session)
    with act("hubadmin1") as ctx:
        open_lines(ctx, INSTALLED.ready_lines)
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


def accept_form(ctx: Context, case: CaseRow, draft: DraftRow) -> None:
    """Accept one form and let its row follow."""
    accept(ctx, CATALOGUE, INSTALLED, {case.id: draft.accept_key})
    ctx.session.expunge(draft)
    ctx.session.refresh(case)


def item_of(code: str) -> Item:
    return CATALOGUE.by_code[code][0]


def in_season_of(item: Item) -> Clock:
    """A clock on the first day from today on that the item may be applied for."""
    return Clock(timedelta(days=days_to_season(item.manifest.windows, Clock().today())))


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.code)
def test_every_item_is_accepted_and_on_its_way(act: Act, person_id: str, item: Item) -> None:
    with act(clock=in_season_of(item)) as ctx:
        case, draft = begin_complete(ctx, item, person_id)
        accept_form(ctx, case, draft)
        case_id = case.id

    following = item.manifest.steps[accepting_position(item.manifest) + 1 :]
    with act() as ctx:
        case = ctx.session.get_one(CaseRow, case_id)
        sent = ctx.session.exec(select(DeliveryRow).where(DeliveryRow.case_id == case_id)).all()
        assert case.state == ("suspended" if following and following[0].pauses else "accepted")
        assert case.case_no is not None
        assert case.case_no.startswith("990100001001-")
        assert {delivery.state for delivery in sent} <= {"waiting"}
        wanted = {
            delivery.platform for step in item.manifest.steps if step.by == "worker" for delivery in step.deliveries
        }
        assert {delivery.platform_id for delivery in sent} == wanted
        assert list(verify(ctx.session, ctx.keys)) == []


def test_accept_twice_gives_one_case_and_one_parcel(act: Act, person_id: str) -> None:
    with act() as ctx:
        case, draft = begin_complete(ctx, item_of("RS-001"), person_id)
        accept_form(ctx, case, draft)
        case_id, key = case.id, draft.accept_key

    with act() as ctx:
        (again,) = accept(ctx, CATALOGUE, INSTALLED, {case_id: key})
        assert (again.case_id, again.is_new) == (case_id, False)
        assert len(ctx.session.exec(select(DeliveryRow).where(DeliveryRow.case_id == case_id)).all()) == 1


def test_accept_refuses_an_incomplete_form_and_writes_nothing(act: Act, person_id: str) -> None:
    with pytest.raises(CannotAccept) as refused, act() as ctx:
        case = begin(ctx, item_of("RS-001"), ctx.session.get_one(PersonRow, person_id))
        draft = ctx.session.get_one(DraftRow, case.id)
        accept_form(ctx, case, draft)

    (hindered,) = refused.value.hindered.values()
    assert "unemployment_date" in hindered.problems
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
        accept_form(ctx, case, draft)

    assert refused.value.code == "line_closed"
    with act() as ctx:
        assert ctx.session.get(DraftRow, case_id) is not None


def test_accepted_values_become_facts_of_the_person(act: Act, person_id: str) -> None:
    with act() as ctx:
        case, draft = begin_complete(ctx, item_of("RS-001"), person_id)
        accept_form(ctx, case, draft)

    with act() as ctx:
        keys = set(ctx.session.exec(select(FactRow.key).where(FactRow.person_id == person_id)))
        assert {"person.residence_address", "person.education"} <= keys


def test_a_second_case_of_the_same_item_is_filled_from_the_first(act: Act, person_id: str) -> None:
    item = item_of("RS-001")
    with act() as ctx:
        case, draft = begin_complete(ctx, item, person_id)
        accept_form(ctx, case, draft)

    with act() as ctx:
        case = begin(ctx, item, ctx.session.get_one(PersonRow, person_id))
        draft = ctx.session.get_one(DraftRow, case.id)
        required = {key for key, field in form_of(item.manifest).fields.items() if field.required}
        unsigned = required - {"truth_promise"}
        assert unsigned <= set(draft.values)


def test_due_day_counts_working_days_with_make_up_days(act: Act, person_id: str) -> None:
    with act() as ctx:
        case, draft = begin_complete(ctx, item_of("RS-001"), person_id)
        accept_form(ctx, case, draft)
        assert case.due_on is not None
        assert case.due_on > ctx.clock.today() + timedelta(days=2)


def test_hubs_of_one_division_do_not_give_the_same_number(act: Act, person_id: str) -> None:
    with act() as ctx:
        ctx.session.get_one(HubRow, "yinxing").division = "990100001001"
    with act("hubadmin1", hub="yinxing") as ctx:
        open_lines(ctx, INSTALLED.ready_lines)

    numbers = set()
    for username in ("worker1", "worker21"):
        with act(username) as ctx:
            case, draft = begin_complete(ctx, item_of("RS-001"), person_id)
            accept_form(ctx, case, draft)
            numbers.add(case.case_no)
    assert len(numbers) == 2


def test_a_sitting_is_accepted_with_as_many_statements_as_one_form(act: Act, person_id: str, store: Store) -> None:
    counts, accepted, clock = [], [], At(Clock().now())  # numbers begin anew every day
    for codes in (("MZ-001",), ("RS-001",), ("RS-003", "MZ-008", "RS-006")):  # the first one's facts fill columns
        with act(clock=clock) as ctx:
            forms = [begin_complete(ctx, item_of(code), person_id) for code in codes]
            keys = {case.id: draft.accept_key for case, draft in forms}
        with act(clock=clock) as ctx, counting(store) as statements:
            accepted = accept(ctx, CATALOGUE, INSTALLED, keys)
        counts.append(len(statements))
        assert [one.case_id for one in accepted] == list(keys)

    assert counts[1] == counts[2] <= 19
    numbers = [int(one.case_no[-5:]) for one in accepted]
    assert numbers == [3, 4, 5]
    with act() as ctx:
        assert list(verify(ctx.session, ctx.keys)) == []
        assert ctx.session.exec(select(DraftRow)).all() == []


@contextmanager
def counting(store: Store) -> Iterator[list[str]]:
    """Note the statements that go to the database."""
    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    yield seen
    event.remove(store.engine, "before_cursor_execute", note)


def test_of_several_forms_all_are_accepted_or_none(act: Act, person_id: str) -> None:
    with act() as ctx:
        whole, draft = begin_complete(ctx, item_of("RS-001"), person_id)
        lacking = begin(ctx, item_of("MZ-001"), ctx.session.get_one(PersonRow, person_id))
        keys = {whole.id: draft.accept_key, lacking.id: ctx.session.get_one(DraftRow, lacking.id).accept_key}

    with pytest.raises(CannotAccept) as refused, act() as ctx:
        accept(ctx, CATALOGUE, INSTALLED, keys)

    assert list(refused.value.hindered) == list(keys)[1:]
    with act() as ctx:
        assert {row.state for row in ctx.session.exec(select(CaseRow))} == {"draft"}
        assert len(ctx.session.exec(select(DraftRow)).all()) == 2


def test_what_hinders_a_form_says_nothing_of_the_person(act: Act, person_id: str) -> None:
    with pytest.raises(CannotAccept) as refused, act() as ctx:
        case = begin(ctx, item_of("RS-001"), ctx.session.get_one(PersonRow, person_id))
        accept(ctx, CATALOGUE, INSTALLED, {case.id: ctx.session.get_one(DraftRow, case.id).accept_key})

    assert str(refused.value) == next(iter(refused.value.hindered))


@pytest.mark.parametrize(("username", "hub"), [("worker2", "wutong"), ("worker21", "yinxing")])
def test_a_form_of_somebody_else_cannot_be_accepted(act: Act, person_id: str, username: str, hub: str) -> None:
    with act() as ctx:
        case, draft = begin_complete(ctx, item_of("RS-001"), person_id)
        keys = {case.id: draft.accept_key}

    with pytest.raises(NotYours), act(username, hub=hub) as ctx:
        accept(ctx, CATALOGUE, INSTALLED, keys)


def test_a_value_that_cannot_be_read_is_not_accepted(act: Act, person_id: str) -> None:
    with pytest.raises(CannotAccept) as refused, act() as ctx:
        case, draft = begin_complete(ctx, item_of("MZ-001"), person_id)
        draft.values = draft.values | {"account_no": "6222020000000000011"}
        accept(ctx, CATALOGUE, INSTALLED, {case.id: draft.accept_key})

    (hindered,) = refused.value.hindered.values()
    assert list(hindered.problems) == ["account_no"]


def test_an_item_is_kept_after_an_accept_that_was_taken_back(act: Act, person_id: str) -> None:
    digest = item_of("RS-001").digest
    with pytest.raises(RuntimeError), act() as ctx:
        freeze_items(ctx, [item_of("RS-001")])
        freeze_items(ctx, [item_of("RS-001")])
        raise RuntimeError
    with act() as ctx:
        freeze_items(ctx, [item_of("RS-001")])
    with act() as ctx:
        freeze_items(ctx, [item_of("RS-001")])
        assert ctx.session.get(ItemVersionRow, digest) is not None


def test_withdrawing_holds_back_what_was_not_sent_yet(act: Act, person_id: str) -> None:
    with act() as ctx:
        case, draft = begin_complete(ctx, item_of("RS-001"), person_id)
        accept_form(ctx, case, draft)
        ctx.session.flush()
        end_case(ctx, case, "withdraw", reason="居民不再需要")
        case_id = case.id

    with act() as ctx:
        [delivery] = ctx.session.exec(select(DeliveryRow).where(DeliveryRow.case_id == case_id)).all()
        assert (delivery.state, delivery.reason) == ("parked", "held")


def test_parcel_on_which_the_dispatcher_is_just_beginning_is_not_held_back(
    act: Act, store: Store, person_id: str
) -> None:
    with act() as ctx:
        case, draft = begin_complete(ctx, item_of("RS-001"), person_id)
        accept_form(ctx, case, draft)
        case_id = case.id

    def withdraw() -> str:
        with act() as ctx:
            end_case(ctx, ctx.session.get_one(CaseRow, case_id), "withdraw", reason="居民不再需要")
            return ctx.session.get_one(CaseRow, case_id).state

    with act() as ctx:
        [delivery] = ctx.session.exec(select(DeliveryRow).where(DeliveryRow.case_id == case_id)).all()
        delivery.state, delivery_id = "sending", delivery.id
        ctx.session.flush()
        (second,) = behind(store, withdraw)
    assert second.result(PATIENCE) == "withdrawn"
    with act() as ctx:
        assert ctx.session.get_one(DeliveryRow, delivery_id).state == "sending"


def test_only_a_scan_is_used_again_and_never_an_application_form(act: Act, person_id: str) -> None:
    item = item_of("MZ-001")
    with act() as ctx:
        case = begin(ctx, item, ctx.session.get_one(PersonRow, person_id))
        by_form = {material.form: material.key for material in item.manifest.materials}
        scan = {"content": picture(), "file_name": "scan.png"}
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
