"""Two workers about the same people at one moment: nothing either wrote is lost, and rules hold for both together."""

import pytest
from at_once import behind
from sqlalchemy import text
from sqlmodel import select
from waiting import PATIENCE

from workbench.people.facts import FactInput, current_facts, record_facts
from workbench.people.household_events import join, open_household, state_relations
from workbench.people.household_record import Deed
from workbench.people.models import MemberRow, PersonRow
from workbench.people.register import PlaceInput, get_person, place_person, register_person, update_person
from workbench.people.settle import lock_person
from workbench.store.problems import Problem

HEAD, WIFE, OTHER = "02", "12", "97"


@pytest.fixture
def people(act, make_input, make_number) -> list[str]:
    with act() as ctx:
        numbers = [make_number(sequence=number) for number in (901, 902, 903)]
        return [register_person(ctx, make_input(id_no=number)).id for number in numbers]


def test_of_two_who_change_one_file_the_second_is_told(act, store, people, make_input, make_number) -> None:
    number = make_number(sequence=901)

    def change(ctx, name: str) -> None:
        update_person(ctx, people[0], make_input(name, id_no=number), version=1)

    def second() -> None:
        with act("worker2") as ctx:
            get_person(ctx, people[0])  # seen as it was before the first had ended
            change(ctx, "李二")

    with act() as ctx:
        assert get_person(ctx, people[0]).version == 1
        change(ctx, "李一")
        (under_way,) = behind(store, second)
    assert "changed_meanwhile" in str(under_way.exception(PATIENCE))
    with act() as ctx:
        assert (get_person(ctx, people[0]).name, get_person(ctx, people[0]).version) == ("李一", 2)


def test_columns_follow_what_both_of_two_said(act, store, people) -> None:
    def second() -> None:
        with act("worker2") as ctx:
            get_person(ctx, people[0])
            record_facts(ctx, people[0], [FactInput("person.name", "李二")])

    with act() as ctx:
        record_facts(ctx, people[0], [FactInput("person.name", "李一", "department", "公安")])
        (under_way,) = behind(store, second)
    under_way.result(PATIENCE)
    with act() as ctx:
        assert current_facts(ctx, people[0])["person.name"].value == get_person(ctx, people[0]).name == "李一"


def test_place_and_change_of_one_file_both_count(act, store, people) -> None:
    def second() -> None:
        with act("worker2") as ctx:
            get_person(ctx, people[0])
            place_person(ctx, people[0], PlaceInput(status="moved"))

    with act() as ctx:
        place_person(ctx, people[0], PlaceInput(grid_id="g1"))
        (under_way,) = behind(store, second)
    under_way.result(PATIENCE)
    with act() as ctx:
        row = get_person(ctx, people[0])
        assert (row.grid_id, row.status, row.version) == ("g1", "moved", 3)


def test_household_has_one_head_also_when_two_name_one(act, store, people) -> None:
    with act() as ctx:
        home = open_household(ctx, people[0], "示范街道梧桐路12号", {people[1]: WIFE}, Deed()).household_id
        join(ctx, home, {people[2]: OTHER}, Deed())

    def second() -> None:
        with act("worker2") as ctx:
            state_relations(ctx, home, {people[2]: HEAD, people[0]: OTHER}, Deed())

    with act() as ctx:
        state_relations(ctx, home, {people[1]: HEAD, people[0]: OTHER}, Deed())
        (under_way,) = behind(store, second)
    with pytest.raises(Problem, match="one_head"):
        under_way.result(PATIENCE)
    with act() as ctx:
        relations = dict(ctx.session.exec(select(MemberRow.person_id, MemberRow.relation)).all())
    assert relations == {people[0]: OTHER, people[1]: HEAD, people[2]: OTHER}


@pytest.mark.only_postgresql
def test_file_that_is_being_changed_can_be_referred_to(act, people) -> None:
    """Two that each wrote about a person and then wanted the file for themselves would wait for each other."""
    with act() as changing:
        lock_person(changing, people[0])
        with act("worker2") as adding:
            adding.session.execute(text("SET LOCAL lock_timeout = '5s'"))
            record_facts(adding, people[0], [FactInput("residence.address", "示例街道二号")])
    with act() as ctx:
        assert ctx.session.get_one(PersonRow, people[0]).status == "active"
