from datetime import date, timedelta

import pytest
from sqlalchemy import event
from time_machine import travel

from workbench.people.facts import FactInput, conflicts, current_facts, read_history, record_facts
from workbench.people.register import register_person

DAY = date(2026, 11, 1)


@pytest.fixture
def person_id(act, make_input) -> str:
    with act() as ctx:
        return register_person(ctx, make_input()).id


def level(value: str, rank: str, source: str = "", as_of: date | None = DAY) -> FactInput:
    return FactInput("disability.level", value, rank, source or rank, as_of)


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ([level("1", "word"), level("2", "document"), level("3", "department")], "3"),
        ([level("3", "department"), level("2", "document"), level("1", "word")], "3"),
        ([level("3", "department", as_of=date(2020, 1, 1)), level("1", "word")], "3"),
        ([level("1", "document"), level("2", "document", as_of=DAY + timedelta(days=1))], "2"),
        ([level("2", "document", as_of=DAY + timedelta(days=1)), level("1", "document")], "2"),
        ([level("1", "word"), level("2", "word")], "2"),
        ([level("1", "word"), level("2", "word", as_of=None)], "2"),
    ],
)
def test_value_that_counts_follows_the_rule(act, person_id, given: list[FactInput], value: str) -> None:
    with act() as ctx:
        record_facts(ctx, person_id, given)
        assert current_facts(ctx, person_id, ["disability.level"])["disability.level"].value == value


def test_later_record_wins_within_rank_and_day(act, person_id) -> None:
    for moment, value in (("2026-11-20T02:00:00Z", "1"), ("2026-11-20T01:00:00Z", "2")):
        with travel(moment), act() as ctx:
            record_facts(ctx, person_id, [level(value, "word")])
    with act() as ctx:
        assert current_facts(ctx, person_id, ["disability.level"])["disability.level"].value == "1"


@pytest.mark.parametrize("value", [True, False, 0, 105000, 1.5, "文字", [{"name": "张"}], {"a": 1}, None])
def test_value_of_any_kind_comes_back_sealed_or_not(act, person_id, value: object) -> None:
    with act() as ctx:
        record_facts(ctx, person_id, [FactInput("dibao.active", value), FactInput("bank.account_no", value)])
        found = current_facts(ctx, person_id, ["dibao.active", "bank.account_no"])
        assert found["dibao.active"].value == found["bank.account_no"].value == value


def test_date_comes_back_as_its_text(act, person_id) -> None:
    with act() as ctx:
        record_facts(ctx, person_id, [FactInput("employment.start_date", DAY)])
        assert current_facts(ctx, person_id)["employment.start_date"].value == "2026-11-01"


def test_sources_that_differ_are_shown_side_by_side(act, person_id) -> None:
    with act() as ctx:
        record_facts(ctx, person_id, [level("2", "word"), level("3", "department", "残联"), level("2", "document")])
        record_facts(ctx, person_id, [FactInput("dibao.active", True), FactInput("dibao.active", True, "department")])
        found = conflicts(ctx, person_id)
    assert set(found) == {"disability.level"}
    assert [(fact.rank, fact.value) for fact in found["disability.level"]] == [
        ("department", "3"),
        ("document", "2"),
        ("word", "2"),
    ]


def test_source_that_changed_its_mind_is_no_conflict(act, person_id) -> None:
    with act() as ctx:
        record_facts(ctx, person_id, [level("2", "department", as_of=date(2020, 1, 1)), level("3", "department")])
        assert conflicts(ctx, person_id, ["disability.level"]) == {}
        assert len(read_history(ctx, person_id, ["disability.level"])["disability.level"]) == 2


def test_facts_are_read_in_one_statement(act, person_id, store) -> None:
    with act() as ctx:
        statements: list[str] = []
        event.listen(store.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
        current_facts(ctx, person_id)
        assert len(statements) == 1


def test_no_facts_write_nothing(act, person_id) -> None:
    with act() as ctx:
        record_facts(ctx, person_id, [])
        assert current_facts(ctx, person_id, []) == {}


def test_facts_of_others_are_not_mixed_in(act, person_id, make_input, make_number) -> None:
    with act() as ctx:
        other = register_person(ctx, make_input("李四", id_no=make_number(sequence=902)))
        record_facts(ctx, other.id, [level("1", "word")])
        assert "disability.level" not in current_facts(ctx, person_id)
