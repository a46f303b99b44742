"""What goes wrong at a table every day: two workers at one fact, nobody's number, two people with one phone."""

import pytest
from sqlmodel import select

from workbench.people.change import change_person, shown_details
from workbench.people.check import PersonInput
from workbench.people.duplicates import likely_duplicates
from workbench.people.facts import FactInput, current_facts, read_history, record_facts, withdraw_facts
from workbench.people.find import find_people
from workbench.people.models import FactRow
from workbench.people.register import register_person
from workbench.store.problems import Problems

ADDRESS = "person.residence_address"


def test_two_workers_correcting_the_same_fact_never_write_over_each_other(act, make_input) -> None:
    with act() as ctx:
        person = register_person(ctx, make_input()).id
        record_facts(ctx, person, [FactInput(ADDRESS, "示范路1号")])
        seen = {one.key: str(one.seen) for one in shown_details(ctx, person)}[ADDRESS]
    with act("worker1") as ctx:
        assert change_person(ctx, person, {ADDRESS: "示范路2号", f"{ADDRESS}__seen": seen}) == [ADDRESS]
    with act("worker2") as ctx, pytest.raises(Problems) as refused:
        change_person(ctx, person, {ADDRESS: "示范路3号", f"{ADDRESS}__seen": seen})
    assert [one.code for one in refused.value.problems] == ["changed_meanwhile"]
    with act() as ctx:
        assert [fact.value for fact in read_history(ctx, person)[ADDRESS]] == ["示范路2号", "示范路1号"]


def test_resident_without_a_number_is_registered_with_the_reason_and_found_by_name(act, make_input) -> None:
    with act() as ctx:
        with pytest.raises(Problems) as refused:
            register_person(ctx, make_input(id_no=""))
        assert [one.code for one in refused.value.problems] == ["id_empty"]
        given = make_input(id_no="", no_id_reason="证件遗失，补办中", birth_date="1980-01-01")
        person = register_person(ctx, given)
        assert (person.id_no, person.id_index, person.id_masked) == (None, None, "")
        assert [hit.id for hit in find_people(ctx, "zw")] == [person.id]
        assert current_facts(ctx, person.id)["person.no_id_reason"].value == "证件遗失，补办中"


def test_two_people_sharing_a_phone_stay_two_and_are_both_found(act, make_input, make_number) -> None:
    phone = "19900000001"
    with act() as ctx:
        mother = register_person(ctx, make_input("李芳", id_no=make_number(sequence=902), phone=phone)).id
        child = make_input("张小明", id_no=make_number("20150101"), phone=phone)
        assert [(one.person.id, one.reason) for one in likely_duplicates(ctx, child)] == [(mother, "same_phone")]
        other = register_person(ctx, child).id
        assert {hit.id for hit in find_people(ctx, phone)} == {mother, other}


@pytest.mark.parametrize(
    "text", ["1", "3.20525E+17", "张伟", "99010019800101", "000000000000000000", "99010019801301901X"]
)
def test_what_is_no_number_is_refused_and_never_guessed(act, make_input, text: str) -> None:
    with act() as ctx, pytest.raises(Problems) as refused:
        register_person(ctx, make_input(id_no=text))
    assert {one.field for one in refused.value.problems} == {"id_no"}


def test_name_and_number_in_each_others_place_are_refused(act, make_number) -> None:
    with act() as ctx, pytest.raises(Problems) as refused:
        register_person(ctx, PersonInput(name=make_number(), id_no="张伟"))
    assert {one.field for one in refused.value.problems} == {"name", "id_no"}


def test_fact_taken_back_counts_no_more_and_stays_on_file(act, make_input) -> None:
    with act() as ctx:
        person = register_person(ctx, make_input()).id
        record_facts(ctx, person, [FactInput(ADDRESS, "示范路1号")])
        before = read_history(ctx, person)
        record_facts(
            ctx,
            person,
            [FactInput(ADDRESS, "示范路2号", "department", "公安局"), FactInput("person.phone", "19900000001")],
        )
        rows = ctx.session.exec(select(FactRow).where(FactRow.person_id == person)).all()
        wrong = [row.id for row in rows if row.source == "公安局" or row.key == "person.phone"]
        withdraw_facts(ctx, person, wrong, "来源有误")
        withdraw_facts(ctx, person, wrong, "再来一次")
        assert read_history(ctx, person) == before
        assert [hit.phone_masked for hit in find_people(ctx, "张伟")] == [""]
        kept = ctx.session.exec(select(FactRow).where(FactRow.person_id == person)).all()
        assert len(kept) == len(rows) + len(wrong)
