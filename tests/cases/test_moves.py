"""A case moves only where transitions.toml lets it, by whom it says, with the version that was seen."""

from typing import Any

import pytest
from screens import World
from sqlmodel import col, select

from workbench.cases.models import STATES, CaseEventRow, CaseRow, StepRow, SuspensionRow
from workbench.cases.moves import CLOSED_STATES, OPEN_STATES, force_move, load_moves, make_move, moves_open_to
from workbench.cases.review import ask_correction, decide_step, end_case, resume_case, suspend_case
from workbench.cases.words import KINDS
from workbench.cases.words import STATES as STATE_WORDS
from workbench.catalogue.freeze import frozen_item
from workbench.catalogue.loaded import catalogue
from workbench.delivery.models import DeliveryRow
from workbench.store.problems import Problem

#: What passing the first step of MZ-001 asks for.
VISIT = {"visited_on": "2026-01-05", "visitors": "王一、李二"}


def code_of(act: Any) -> str:
    with pytest.raises(Problem) as raised:
        act()
    return raised.value.code


def test_every_state_and_move_is_known_and_has_words() -> None:
    assert set(STATES) == {"draft", *OPEN_STATES, *CLOSED_STATES}
    assert set(STATE_WORDS) == set(STATES)
    for move in load_moves().values():
        assert {*move.from_, move.to} <= set(STATES)
        assert move.action in KINDS


def test_move_from_a_wrong_state_is_refused_and_says_where_it_stands(world: World, act: Any) -> None:
    with act("worker1") as ctx:
        case = world.make_case(ctx, state="concluded")
        with pytest.raises(Problem) as raised:
            make_move(ctx, case, "withdraw", reason="居民要求")
    assert raised.value.code == "wrong_state"
    assert "已办结" in raised.value.zh
    assert "Concluded" in raised.value.en


def test_move_needs_the_right_and_the_reason(world: World, act: Any) -> None:
    with act("worker1") as ctx:
        case = world.make_case(ctx)
        case_id = case.id
        assert code_of(lambda: make_move(ctx, case, "return", reason="材料不符")) == "may_not"
        assert code_of(lambda: make_move(ctx, case, "withdraw", reason="  ")) == "reason_missing"
        assert [move.action for move in moves_open_to(ctx, case)] == ["withdraw"]
    with act("reviewer1") as ctx:
        found = ctx.session.get_one(CaseRow, case_id)
        names = {move.action for move in moves_open_to(ctx, found)}
        assert names == {"pass_step", "ask_correction", "suspend", "return"}


def test_second_writer_with_an_old_version_is_refused(world: World, act: Any) -> None:
    with act("worker1") as ctx:
        case_id = world.make_case(ctx).id
    with act("reviewer1") as ctx:
        case = ctx.session.get_one(CaseRow, case_id)
        seen = case.version
        suspend_case(ctx, case, reason="公示", seen_version=seen)
        assert code_of(lambda: resume_case(ctx, case, reason="公示期满", seen_version=seen)) == "stale"
        resume_case(ctx, case, reason="公示期满", seen_version=case.version)
        assert case.state == "reviewing"


def test_correction_stops_the_clock(world: World, act: Any) -> None:
    with act("worker1") as ctx:
        case_id = world.make_case(ctx).id
    with act("reviewer1") as ctx:
        case = ctx.session.get_one(CaseRow, case_id)
        ask_correction(ctx, case, reason="收入证明缺页", field="income_month", seen_version=case.version)
        row = ctx.session.exec(select(SuspensionRow).where(SuspensionRow.case_id == case_id)).one()
        assert (case.state, row.kind, row.to_day) == ("correction", "correction", None)


def test_withdrawn_case_is_over(world: World, act: Any) -> None:
    with act("worker1") as ctx:
        case = world.make_case(ctx)
        end_case(ctx, case, "withdraw", reason="居民要求", seen_version=case.version)
        assert case.state == "withdrawn"
        assert case.concluded_at is not None
        assert code_of(lambda: force_move(ctx, case, "grant")) == "wrong_state"


def step_states(session: Any, case_id: str) -> list[tuple[str, str]]:
    rows = session.exec(select(StepRow).where(StepRow.case_id == case_id).order_by(col(StepRow.position)))
    return [(row.by, row.state) for row in rows]


def test_accepting_lays_the_steps_and_opens_the_reviewers(world: World, act: Any) -> None:
    with act("worker1") as ctx:
        case = world.make_case(ctx)
        assert step_states(ctx.session, case.id)[:4] == [
            ("applicant", "done"),
            ("worker", "done"),
            ("reviewer", "open"),
            ("reviewer", "waiting"),
        ]
        assert case.step_by == "reviewer"


def test_steps_pass_by_role_and_four_eyes_and_send_the_opinion(world: World, act: Any) -> None:
    with act("worker1") as ctx:
        case_id = world.make_case(ctx).id

    def decide(username: str) -> None:
        with act(username) as ctx:
            case = ctx.session.get_one(CaseRow, case_id)
            item = frozen_item(ctx.session, catalogue(world.installed), case.item_digest)
            assert item is not None
            decide_step(
                ctx, world.installed, case, item, agree=True, reason="情况属实", found=VISIT, seen_version=case.version
            )

    assert code_of(lambda: decide("worker1")) == "not_your_step"
    decide("reviewer1")
    decide("approver1")  # an approver may take a reviewer's step
    assert code_of(lambda: decide("reviewer1")) == "not_your_step"
    assert code_of(lambda: decide("approver1")) == "four_eyes"
    with act("worker1") as ctx:
        sent = ctx.session.exec(select(DeliveryRow.operation).where(DeliveryRow.case_id == case_id)).all()
        assert sorted(sent) == ["apply", "apply"]


def test_opinion_travels_with_its_reason(world: World, act: Any) -> None:
    with act("worker1") as ctx:
        case_id = world.make_case(ctx).id
    for username, agree in (("reviewer1", True), ("reviewer1", True), ("approver1", False)):
        with act(username) as ctx:
            case = ctx.session.get_one(CaseRow, case_id)
            item = frozen_item(ctx.session, catalogue(world.installed), case.item_digest)
            assert item is not None
            decide_step(
                ctx, world.installed, case, item, agree=agree, reason="超过标准", found=VISIT, seen_version=case.version
            )
    with act("worker1") as ctx:
        query = select(DeliveryRow).where(DeliveryRow.case_id == case_id, DeliveryRow.operation == "opinion")
        opinion = ctx.session.exec(query).one()
        assert opinion.extra == {"opinion": "disagree", "opinion_text": "超过标准"}
        assert ctx.session.get_one(CaseRow, case_id).step_by == "department"
        events = select(CaseEventRow.kind).where(CaseEventRow.case_id == case_id).order_by(col(CaseEventRow.id))
        kinds = ctx.session.exec(events).all()
        assert list(kinds) == ["accept", "pass_step", "pass_step", "pass_step"]
