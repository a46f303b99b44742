import threading
from datetime import date

import pytest
from sqlmodel import col, func, select

from workbench.people.check import PersonInput
from workbench.people.duplicates import likely_duplicates
from workbench.people.facts import FactInput, conflicts, current_facts, record_facts
from workbench.people.models import FactRow, PersonKeyRow, PersonRow
from workbench.people.register import (
    AlreadyRegistered,
    NoSuchPerson,
    PlaceInput,
    get_person,
    place_person,
    register_person,
    update_person,
)
from workbench.store.problems import Problem, Problems


def codes_of(caught: pytest.ExceptionInfo[Problems]) -> list[str]:
    return [problem.code for problem in caught.value.problems]


def test_person_registered_has_columns_keys_and_facts(act, make_input) -> None:
    with act() as ctx:
        row_id = register_person(ctx, make_input(phone="15400000001", rank="document", source="居民身份证")).id
    with act() as ctx:
        row = get_person(ctx, row_id)
        assert (row.sex, row.birth_date, row.phone) == ("1", date(1980, 1, 1), "15400000001")
        assert (row.id_masked[:3], row.phone_masked) == ("990", "154****0001")
        keys = set(ctx.session.exec(select(PersonKeyRow.key).where(PersonKeyRow.person_id == row.id)))
        assert {"张伟", "伟", "zhangwei", "zw"} <= keys
        facts = current_facts(ctx, row.id)
        assert facts["person.name"].source == "居民身份证" and facts["person.name"].rank == "document"
        assert facts["person.birth_date"].value == "1980-01-01"
        assert (facts["person.phone"].rank, facts["person.phone"].source) == ("word", "本人")


def test_sensitive_facts_are_sealed(act, make_input, store) -> None:
    with act() as ctx:
        person_id = register_person(ctx, make_input()).id
    with store.read() as session:
        rows = {row.key: row for row in session.exec(select(FactRow).where(FactRow.person_id == person_id))}
    assert rows["person.id_no"].value is None and rows["person.id_no"].sealed is not None
    assert rows["person.name"].value == '"张伟"' and rows["person.name"].sealed is None


def test_same_number_twice_names_the_file(act, make_input) -> None:
    with act() as ctx:
        first_id = register_person(ctx, make_input()).id
    with act("worker21") as ctx, pytest.raises(AlreadyRegistered) as caught:
        register_person(ctx, make_input("李四"))
    assert caught.value.person_id == first_id


def test_two_workers_at_once_make_one_file(act, make_input, store) -> None:
    outcomes: list[str] = []
    barrier = threading.Barrier(2)

    def register(username: str) -> None:
        barrier.wait()
        try:
            with act(username) as ctx:
                outcomes.append(register_person(ctx, make_input()).id)
        except AlreadyRegistered as refusal:
            outcomes.append(refusal.person_id)

    threads = [threading.Thread(target=register, args=(name,)) for name in ("worker1", "worker2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 2 and len(set(outcomes)) == 1
    with store.read() as session:
        assert session.exec(select(func.count()).select_from(PersonRow)).one() == 1


def test_work_goes_on_after_a_taken_number(act, make_input, make_number) -> None:
    with act() as ctx:
        register_person(ctx, make_input())
        with pytest.raises(AlreadyRegistered):
            register_person(ctx, make_input())
        other_id = register_person(ctx, make_input("李四", id_no=make_number(sequence=902))).id
    with act() as ctx:
        assert get_person(ctx, other_id).name == "李四"


def test_person_without_number_needs_a_reason(act, make_input) -> None:
    with act() as ctx:
        with pytest.raises(Problems) as caught:
            register_person(ctx, make_input(id_no=""))
        assert codes_of(caught) == ["id_empty"]
        first = register_person(ctx, make_input(id_no="", no_id_reason="新生儿未上户口"))
        second = register_person(ctx, make_input("李四", id_no="", no_id_reason="证件遗失"))
        assert first.id_index is second.id_index is None
        assert current_facts(ctx, first.id)["person.no_id_reason"].value == "新生儿未上户口"


def test_every_problem_of_a_form_is_told_at_once(act, make_input) -> None:
    with act() as ctx, pytest.raises(Problems) as caught:
        register_person(ctx, make_input("张?", id_no="123", phone="1", sex="7", birth_date=date(2999, 1, 1)))
    assert codes_of(caught) == ["name_characters", "phone", "id_length", "sex", "birth_future"]
    with act() as ctx:
        assert ctx.session.exec(select(func.count()).select_from(PersonRow)).one() == 0


def test_declared_birth_date_may_differ_with_a_reason(act, make_input) -> None:
    declared = date(1979, 12, 1)
    with act() as ctx:
        with pytest.raises(Problems) as caught:
            register_person(ctx, make_input(birth_date=declared))
        assert codes_of(caught) == ["birth_differs"]
        row = register_person(
            ctx, make_input(birth_date=declared, difference_reason="户口登记有误", rank="document", source="居民身份证")
        )
        assert row.birth_date == date(1980, 1, 1)
        found = conflicts(ctx, row.id)["person.birth_date"]
        assert [(fact.rank, fact.value) for fact in found] == [("document", "1980-01-01"), ("word", "1979-12-01")]


def test_passport_is_unique_by_its_type(act, make_input) -> None:
    with act() as ctx:
        register_person(ctx, make_input("John Smith", id_type="414", id_no="E1234567"))
        register_person(ctx, make_input("陈大文", id_type="516", id_no="E1234567"))
        with pytest.raises(AlreadyRegistered):
            register_person(ctx, make_input("John Smith", id_type="414", id_no="e1234567"))
        with pytest.raises(Problems) as caught:
            register_person(ctx, make_input("John Smith", id_type="414", id_no="E1"))
        assert codes_of(caught) == ["id_short"]


def test_duplicates_are_told_with_their_reason(act, make_input, make_number) -> None:
    other = make_number(sequence=903)
    with act() as ctx:
        one = register_person(ctx, make_input(phone="15400000001"))
        register_person(ctx, make_input("王五", id_no=make_number("19900101")))
        assert likely_duplicates(ctx, make_input("张大伟"))[0].reason == "same_id"
        assert [hit.reason for hit in likely_duplicates(ctx, make_input(id_no=other))] == ["same_name_and_birth_date"]
        by_phone = likely_duplicates(ctx, PersonInput(name="赵六", phone="154 0000 0001"))
        assert [(hit.person.id, hit.reason) for hit in by_phone] == [(one.id, "same_phone")]
        assert likely_duplicates(ctx, PersonInput(name="赵六", phone="1", id_no="1")) == []
    with act("worker21") as ctx:
        assert likely_duplicates(ctx, make_input(id_no=other, phone="15400000001")) == []
        assert [hit.reason for hit in likely_duplicates(ctx, make_input())] == ["same_id"]


def test_update_keeps_the_old_values_as_facts(act, make_input) -> None:
    with act() as ctx:
        person_id = register_person(ctx, make_input(phone="15400000001")).id
    with act() as ctx:
        changed = update_person(ctx, person_id, make_input("张炜", id_no="", phone="15400000002"), version=1)
        assert (changed.name, changed.phone_masked, changed.version) == ("张炜", "154****0002", 2)
        assert changed.id_no is not None
        keys = set(ctx.session.exec(select(PersonKeyRow.key).where(PersonKeyRow.person_id == person_id)))
        assert "张炜" in keys and "张伟" not in keys
        names = select(FactRow.id).where(FactRow.person_id == person_id, col(FactRow.key) == "person.name")
        assert len(ctx.session.exec(names).all()) == 2


def test_update_after_somebody_else_is_refused(act, make_input) -> None:
    with act() as ctx:
        person = register_person(ctx, make_input())
        update_person(ctx, person.id, make_input("张炜"), version=1)
        with pytest.raises(Problem) as caught:
            update_person(ctx, person.id, make_input("张为"), version=1)
        assert caught.value.code == "changed_meanwhile"


def test_update_to_a_taken_number_is_refused(act, make_input, make_number) -> None:
    with act() as ctx:
        register_person(ctx, make_input())
        other = register_person(ctx, make_input("李四", id_no=make_number(sequence=902)))
        with pytest.raises(AlreadyRegistered):
            update_person(ctx, other.id, make_input("李四"), version=1)


def test_person_of_another_hub_is_not_given(act, make_input) -> None:
    with act() as ctx:
        person_id = register_person(ctx, make_input()).id
    with act("worker21") as ctx:
        with pytest.raises(NoSuchPerson):
            get_person(ctx, person_id)
        with pytest.raises(NoSuchPerson):
            update_person(ctx, person_id, make_input(), version=1)
        assert get_person(ctx, person_id, citywide=True).id == person_id


def test_place_is_changed_alone(act, make_input) -> None:
    with act() as ctx:
        person = register_person(ctx, make_input())
        row = place_person(ctx, person.id, PlaceInput(community_id="990100001002", status="moved"))
        assert (row.community_id, row.status, row.grid_id, row.version) == ("990100001002", "moved", "", 2)


def test_new_phone_in_the_facts_reaches_the_column(act, make_input) -> None:
    with act() as ctx:
        person = register_person(ctx, make_input(phone="15400000001"))
        record_facts(ctx, person.id, [FactInput("person.phone", "15400000009")], purpose="MZ-001", case_id="C1")
        assert get_person(ctx, person.id).phone_masked == "154****0009"


def test_control_characters_never_reach_the_database(act, make_input) -> None:
    with act() as ctx:
        given = make_input("张\x00伟", id_type="414", id_no="E12\x0034567\x00", difference_reason="\x00")
        row = register_person(ctx, given)
        assert (row.name, row.id_no, row.id_masked) == ("张伟", "E1234567", "E******7")
