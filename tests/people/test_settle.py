"""Sources that say different things: shown side by side, settled by a person with a reason, nothing lost."""

from datetime import date

import pytest
from conftest import Act

from workbench.people.change import change_person
from workbench.people.facts import FactInput, conflicts, current_facts, read_history, record_facts
from workbench.people.models import PersonRow
from workbench.people.register import NoSuchPerson, register_person
from workbench.people.settle import open_conflicts, settle
from workbench.store.problems import Problem, Problems

PHONE = "person.phone"
ADDRESS = "person.residence_address"


@pytest.fixture
def person_id(act: Act, make_input) -> str:
    """The police and the resident give different phones."""
    with act() as ctx:
        person_id = register_person(ctx, make_input(phone="19900000001")).id
        record_facts(ctx, person_id, [FactInput(PHONE, "19900000002", "department", "公安局", date(2024, 1, 1))])
        return person_id


def choose(act: Act, person_id: str, value: str, reason: str = "当面拨打核实") -> None:
    with act() as ctx:
        (conflict,) = (one for one in open_conflicts(ctx, person_id) if one.key == PHONE)
        place = [fact.value for fact in conflict.values].index(value)
        settle(ctx, person_id, PHONE, place, reason, seen=conflict.seen)


def test_settled_value_counts_and_the_others_stay(act: Act, person_id: str) -> None:
    choose(act, person_id, "19900000001")
    with act() as ctx:
        assert current_facts(ctx, person_id, [PHONE])[PHONE].value == "19900000001"
        assert ctx.session.get_one(PersonRow, person_id).phone == "19900000001"
        assert conflicts(ctx, person_id, [PHONE]) == {}
        assert [fact.value for fact in read_history(ctx, person_id, [PHONE])[PHONE]] == [
            "19900000001", "19900000002", "19900000001",
        ]  # fmt: skip


def test_source_that_repeats_itself_opens_nothing_and_a_new_value_does(act: Act, person_id: str) -> None:
    choose(act, person_id, "19900000001")
    with act() as ctx:
        record_facts(ctx, person_id, [FactInput(PHONE, "19900000002", "department", "公安局", date(2026, 1, 1))])
        assert current_facts(ctx, person_id, [PHONE])[PHONE].value == "19900000001"
        assert open_conflicts(ctx, person_id) == []
        record_facts(ctx, person_id, [FactInput(PHONE, "19900000003", "department", "公安局", date(2026, 1, 2))])
        assert current_facts(ctx, person_id, [PHONE])[PHONE].value == "19900000003"
        assert [fact.value for fact in open_conflicts(ctx, person_id)[0].values] == ["19900000003", "19900000001"]
    choose(act, person_id, "19900000003")
    with act() as ctx:
        assert open_conflicts(ctx, person_id) == []


def test_settling_needs_a_choice_a_reason_and_nobody_faster(act: Act, person_id: str) -> None:
    codes = []
    for choice, reason, seen in ((-1, "核实", 2), (5, "核实", 2), (0, " ", 2), (0, "核实", 1)):
        with pytest.raises(Problem) as refused, act() as ctx:
            settle(ctx, person_id, PHONE, choice, reason, seen=seen)
        codes.append(refused.value.code)
    assert codes == ["not_chosen", "not_chosen", "reason_missing", "changed_meanwhile"]
    with pytest.raises(NoSuchPerson), act("worker21") as ctx:
        settle(ctx, person_id, PHONE, 0, "核实", seen=2)


def test_two_workers_correcting_the_same_fact_never_write_over_each_other_unseen(act: Act, person_id: str) -> None:
    with act() as ctx:
        record_facts(ctx, person_id, [FactInput(ADDRESS, "示例路1号")])
    with act("worker1") as ctx:
        change_person(ctx, person_id, {ADDRESS: "示例路2号", f"{ADDRESS}__seen": "1"})
    with pytest.raises(Problems) as refused, act("worker2") as ctx:
        change_person(ctx, person_id, {ADDRESS: "示例路3号", f"{ADDRESS}__seen": "1"})
    assert [problem.code for problem in refused.value.problems] == ["changed_meanwhile"]
    with act("worker2") as ctx:
        assert current_facts(ctx, person_id, [ADDRESS])[ADDRESS].value == "示例路2号"
        assert change_person(ctx, person_id, {ADDRESS: "示例路3号", f"{ADDRESS}__seen": "2"}) == [ADDRESS]
