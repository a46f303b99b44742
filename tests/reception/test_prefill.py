"""Prefill from the household and from last time: births, deaths and moves are followed, no cell is typed twice."""

from datetime import date, timedelta

import pytest
from conftest import Act
from sitting import id_number

from workbench.catalogue.form import form_of
from workbench.catalogue.loaded import catalogue
from workbench.host.discover import discover
from workbench.people.check import PersonInput
from workbench.people.facts import FactInput, record_facts
from workbench.people.households import add_member, create_household, remove_member
from workbench.people.models import PersonRow
from workbench.people.register import PlaceInput, place_person, register_person
from workbench.reception.check_form import find_unexplained
from workbench.reception.prefill import Prefilled, prefill
from workbench.store.clock import Clock
from workbench.store.context import Context

DIBAO = catalogue(discover()).by_code["MZ-001"][0]
FORM = form_of(DIBAO.manifest)


@pytest.fixture
def family(act: Act) -> dict[str, str]:
    people = (("张伟", "19800101901", ""), ("李芳", "19820101902", "10"), ("张小明", "20150101901", "20"))
    with act() as ctx:
        ids = {
            name: register_person(ctx, PersonInput(name=name, id_no=id_number(f"990100{n}"))).id
            for name, n, _ in people
        }
        home = create_household(ctx, ids["张伟"])
        for name, _, relation in people[1:]:
            add_member(ctx, home.id, ids[name], relation)
        return ids | {"home": home.id}


def fill_for(ctx: Context, person_id: str) -> Prefilled:
    ctx.session.flush()
    return prefill(ctx, ctx.session.get_one(PersonRow, person_id), "MZ-001", FORM)


def names(filled: Prefilled) -> list[str]:
    return [row["member_name"] for row in filled.values["household_members"]]


def test_members_and_spouse_come_from_the_household(act: Act, family: dict[str, str]) -> None:
    with act() as ctx:
        filled = fill_for(ctx, family["张伟"])

    assert names(filled) == ["李芳", "张小明"]
    assert filled.values["household_members"][0]["member_relation"] == "10"
    assert filled.origins["household_members"]["source"] == "户籍（同户成员）"


def test_cells_come_from_the_members_own_files_when_they_are_newer(act: Act, family: dict[str, str]) -> None:
    told = [{"member_name": "李芳", "member_id_no": None, "member_income": 320000, "member_employment": "70"}]
    with act() as ctx:
        record_facts(ctx, family["张伟"], [FactInput("household.members", told, as_of=ctx.clock.today())])
        facts = [FactInput("disability.category", "4"), FactInput("disability.level", "2")]
        facts.append(FactInput("person.employment_status", "27", as_of=ctx.clock.today()))
        record_facts(ctx, family["李芳"], facts)
        row = fill_for(ctx, family["张伟"]).values["household_members"][0]

    assert (row["member_income"], row["member_employment"], row["member_disability"]) == (320000, "27", "42")


def test_birth_adds_a_row_and_death_and_move_take_one_away(act: Act, family: dict[str, str]) -> None:
    with act() as ctx:
        told = [{"member_name": name, "member_income": 0} for name in ("李芳", "张小明", "外婆")]
        record_facts(ctx, family["张伟"], [FactInput("household.members", told)])
        newborn = register_person(ctx, PersonInput(name="张小花", no_id_reason="新生儿"))
        add_member(ctx, family["home"], newborn.id, "30")
        remove_member(ctx, family["home"], family["张小明"])
        place_person(ctx, family["李芳"], PlaceInput(status="dead"))
        filled = fill_for(ctx, family["张伟"])

    assert names(filled) == ["张小花", "外婆"]  # who lives along without being registered stays


def test_adults_who_must_consent_are_named_and_nobody_has_signed(act: Act, family: dict[str, str]) -> None:
    before = Clock().today()
    with act() as ctx:
        record_facts(
            ctx, family["张伟"], [FactInput("consent.members", [{"member_name": "李芳", "signature": "paper"}])]
        )
        filled = fill_for(ctx, family["张伟"])

    signing = filled.values["authorize_members"]
    assert [(row["member_name"], row["signature"]) for row in signing] == [("张伟", None), ("李芳", None)]
    assert "authorize_scope" not in filled.values
    assert date.fromisoformat(filled.values["sign_time"][:10]) in (before, Clock().today())


def test_empty_cells_filled_in_need_no_reason_and_changed_ones_do(act: Act, family: dict[str, str]) -> None:
    with act(clock=Clock(timedelta(days=1))) as ctx:
        filled = fill_for(ctx, family["张伟"])
    held = filled.values["household_members"]

    more = {"household_members": [row | {"member_income": 1} for row in held]}
    other = {"household_members": [row | {"member_name": "别人"} for row in held]}
    fewer = {"household_members": held[:1]}

    assert find_unexplained(more, filled.origins) == {}
    assert set(find_unexplained(other, filled.origins)) == {"household_members"}
    assert set(find_unexplained(fewer, filled.origins)) == {"household_members"}
