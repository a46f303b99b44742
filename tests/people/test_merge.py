"""One person, two files: merged with everything that refers to them, and taken apart again to the byte."""

from collections.abc import Callable
from typing import Any

import pytest
from conftest import Act
from scans import pdf
from sqlalchemy import func, text
from sqlmodel import SQLModel, select

from workbench.cases.models import CaseRow
from workbench.people.belongings import references
from workbench.people.documents import documents_of, keep_document
from workbench.people.facts import FactInput, current_facts, read_history, record_facts
from workbench.people.find import find_people
from workbench.people.households import add_member, create_household, members_of
from workbench.people.merge import merge_people, merges_of
from workbench.people.models import FactRow, PersonRow
from workbench.people.part import part_people
from workbench.people.register import register_person
from workbench.reception.models import ReceptionRow
from workbench.store.context import Context
from workbench.store.problems import Problem

#: What keeps the story of the merge itself.
KEPT_APART = {"audit", "audit_head", "audit_stream", "person_merge"}
Pair = tuple[str, str]


@pytest.fixture
def pair(act: Act, make_input: Callable[..., Any], make_number: Callable[..., str]) -> Pair:
    """The same woman twice: with her number, and without it under another character for her name."""
    with act() as ctx:
        kept = register_person(ctx, make_input("李娜", id_no=make_number(), phone="19900000001")).id
        gone = register_person(ctx, make_input("李娜娜", id_no="", no_id_reason="证件遗失", birth_date="1980-01-01")).id
        home = create_household(ctx, kept, "示范路1号").id
        add_member(ctx, home, register_person(ctx, make_input("王强", id_no=make_number(sequence=903))).id, "10")
        create_household(ctx, gone, "示范路2号")
        facts = [FactInput("person.phone", "19900000002", "department", "公安局"), FactInput("bank.account_no", "62")]
        record_facts(ctx, gone, facts)
        keep_document(ctx, gone, "id_card", pdf(), file_name="a.pdf")
        for person_id in (kept, gone):
            _begin_case(ctx, person_id)
        return kept, gone


def _begin_case(ctx: Context, person_id: str) -> None:
    now = ctx.clock.now()
    ctx.session.add(
        ReceptionRow(
            id=f"R{person_id[1:]}", hub_id="wutong", worker_id=ctx.actor.id, person_id=person_id, started_at=now
        )
    )
    words = {
        "line_id": "l",
        "item_code": "MZ-001",
        "item_version": "1",
        "item_digest": "",
        "title_zh": "低保",
        "title_en": "",
    }
    at = {"created_at": now, "updated_at": now}
    ctx.session.add(
        CaseRow(
            id=f"C{person_id[1:]}",
            hub_id="wutong",
            person_id=person_id,
            reception_id=f"R{person_id[1:]}",
            owner_id=ctx.actor.id,
            **words,
            **at,
        )
    )


def dump(ctx: Context) -> dict[str, list[Any]]:
    """Give every table as the database holds it."""
    ctx.session.flush()
    rows = {}
    for table in SQLModel.metadata.sorted_tables:
        if table.name not in KEPT_APART:
            found = ctx.session.connection().execute(text(f'SELECT * FROM "{table.name}"'))
            rows[table.name] = sorted(tuple(map(_plain, row)) for row in found)
    return rows


def _plain(value: Any) -> str:
    return repr(bytes(value) if isinstance(value, memoryview) else value)


def test_merge_then_part_restores_both_files_byte_for_byte(act: Act, pair: Pair) -> None:
    with act() as ctx:
        before = dump(ctx)
    with act() as ctx:
        merge_id = merge_people(ctx, *pair, "同一身份证").id
        assert dump(ctx) != before
    with act() as ctx:
        part_people(ctx, merge_id, "两个人")
    with act() as ctx:
        assert dump(ctx) == before


def test_two_in_one_household_are_restored_too(act: Act, pair: Pair) -> None:
    kept, gone = pair
    with act() as ctx:
        ctx.session.get_one(PersonRow, gone).household_id = None
        home = ctx.session.get_one(PersonRow, kept).household_id or ""
        ctx.session.flush()
        add_member(ctx, home, gone, "10")
        before = dump(ctx)
    with act() as ctx:
        merge_id = merge_people(ctx, kept, gone, "同一人").id
    with act() as ctx:
        assert [one.name for one in members_of(ctx, home)] == ["李娜娜", "王强"]  # the later word counts
        part_people(ctx, merge_id, "两个人")
    with act() as ctx:
        assert dump(ctx) == before


def test_number_only_the_other_file_had_goes_over_and_back(act: Act, pair: Pair) -> None:
    number, nameless = pair
    with act() as ctx:
        before = dump(ctx)
    with act() as ctx:
        merge_id = merge_people(ctx, nameless, number, "同一人").id
        assert ctx.session.get_one(PersonRow, nameless).id_no
    with act() as ctx:
        part_people(ctx, merge_id, "两个人")
    with act() as ctx:
        assert dump(ctx) == before


def test_merged_file_holds_everything_of_both(act: Act, pair: Pair) -> None:
    kept, gone = pair
    with act() as ctx:
        merge_people(ctx, kept, gone, "同一身份证")
    with act() as ctx:
        assert current_facts(ctx, kept, ["person.phone"])["person.phone"].value == "19900000002"
        assert ctx.session.get_one(PersonRow, kept).phone == "19900000002"
        assert {fact.value for fact in read_history(ctx, kept)["person.name"]} == {"李娜", "李娜娜"}
        assert [document.file_name for document in documents_of(ctx, kept)] == ["a.pdf"]
        assert {hit.id for query in ("李娜", "李娜娜", "linana", "lnn") for hit in find_people(ctx, query)} == {kept}
        for table, column in references():
            left = select(func.count()).select_from(table).where(column == gone)
            assert ctx.session.exec(left).one() == 0, table.name


def test_every_table_that_knows_a_person_is_known_here() -> None:
    found = {table.name for table, _ in references()}
    assert {"cases", "fact", "document", "household_member", "reception", "proposal"} <= found


def test_what_was_added_after_the_merge_stays_with_the_kept_file(act: Act, pair: Pair) -> None:
    kept, gone = pair
    with act() as ctx:
        merge_id = merge_people(ctx, kept, gone, "同一人").id
    with act() as ctx:
        record_facts(ctx, kept, [FactInput("person.phone", "19900000003", "department", "公安局")])
    with act() as ctx:
        part_people(ctx, merge_id, "两个人")
    with act() as ctx:
        assert ctx.session.get_one(PersonRow, kept).phone == "19900000003"
        assert "bank.account_no" not in current_facts(ctx, kept)
        assert current_facts(ctx, gone, ["person.phone"])["person.phone"].value == "19900000002"
        assert ctx.session.get_one(PersonRow, gone).status == "active"
        assert [hit.id for hit in find_people(ctx, "lnn")] == [gone]


def test_merge_twice_is_one_merge_and_part_twice_is_safe(act: Act, pair: Pair) -> None:
    with act() as ctx:
        first = merge_people(ctx, *pair, "同一人").id
        assert merge_people(ctx, *pair, "同一人").id == first
        assert [merge.id for merge in merges_of(ctx, pair[0])] == [first]
    with act() as ctx:
        part_people(ctx, first, "两个人")
        part_people(ctx, first, "两个人")
        assert merges_of(ctx, pair[0]) == []


def test_chain_is_taken_apart_from_its_end(act: Act, pair: Pair, make_input: Callable[..., Any]) -> None:
    kept, gone = pair
    with act() as ctx:
        third = register_person(ctx, make_input("李娜", id_no="", no_id_reason="遗失", birth_date="1980-01-01")).id
        before = dump(ctx)
    with act() as ctx:
        first = merge_people(ctx, kept, gone, "同一人").id
    with act() as ctx:
        second = merge_people(ctx, third, kept, "同一人").id
        with pytest.raises(Problem) as refused:
            part_people(ctx, first, "两个人")
        assert refused.value.code == "merged_again"
    with act() as ctx:
        part_people(ctx, second, "两个人")
        part_people(ctx, first, "两个人")
    with act() as ctx:
        assert dump(ctx) == before


@pytest.mark.parametrize("case", ["same", "numbers", "no reason", "other hub"])
def test_merge_is_refused(
    act: Act, pair: Pair, make_input: Callable[..., Any], make_number: Callable[..., str], case: str
) -> None:
    kept, gone = pair
    with act() as ctx:
        other = register_person(ctx, make_input("李娜", id_no=make_number(sequence=905))).id
    asked = {"same": (kept, kept, "同一人"), "numbers": (kept, other, "同一人"), "no reason": (kept, gone, " ")}
    with pytest.raises(Problem) as refused, act("worker21" if case == "other hub" else "worker1") as ctx:
        merge_people(ctx, *asked.get(case, (kept, gone, "同一人")))
    codes = {
        "same": "same_file",
        "numbers": "different_numbers",
        "no reason": "reason_missing",
        "other hub": "no_such_person",
    }
    assert refused.value.code == codes[case]
    with act() as ctx:
        assert ctx.session.exec(select(func.count()).where(FactRow.person_id == gone)).one() > 0
