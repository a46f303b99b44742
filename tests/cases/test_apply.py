"""What departments say moves a case forward and never back: late, repeated and consulted answers are kept."""

from collections.abc import Callable
from typing import Any

import pytest
from screens import World
from sqlmodel import col, select

from workbench.cases.apply import apply_outcomes
from workbench.cases.models import CaseEventRow, CaseRow, SuspensionRow
from workbench.catalogue.loaded import catalogue
from workbench.delivery.models import DeliveryRow, OutcomeRow
from workbench.store.context import SYSTEM

Say = Callable[..., str]


@pytest.fixture
def case_id(world: World, act: Any) -> str:
    with act("worker1") as ctx:
        return world.make_case(ctx).id


@pytest.fixture
def say(world: World, act: Any, case_id: str) -> Say:
    """Let a platform say something; gives the state of the case afterwards."""

    def saying(status: str, platform: str = "civil_affairs.case_gateway", **given: Any) -> str:
        with act("worker1") as ctx:
            query = select(DeliveryRow).where(DeliveryRow.case_id == case_id, DeliveryRow.platform_id == platform)
            delivery = ctx.session.exec(query).one()
            outcome = OutcomeRow(
                platform_id=platform,
                message_id="M1",
                delivery_id=delivery.id,
                status=status,
                received_at=ctx.clock.now(),
                **given,
            )
            as_system = type(ctx)(ctx.session, SYSTEM, ctx.hub, ctx.clock, ctx.keys, ctx.files)
            (case,) = apply_outcomes(as_system, catalogue(world.installed), [(outcome, delivery)])
            return case.state

    return saying


def events(act: Any, case_id: str) -> list[str]:
    with act("worker1") as ctx:
        query = select(CaseEventRow.kind).where(CaseEventRow.case_id == case_id).order_by(col(CaseEventRow.id))
        return list(ctx.session.exec(query))


def test_receipt_gives_the_number_and_begins_the_review(act: Any, say: Say, case_id: str) -> None:
    assert say("accepted", reference="MZ-1") == "reviewing"
    with act("worker1") as ctx:
        assert ctx.session.get_one(CaseRow, case_id).reference == "MZ-1"


def test_decision_concludes_and_a_repeated_one_changes_nothing(act: Any, say: Say, case_id: str) -> None:
    assert say("granted", text="准予") == "concluded"
    assert say("granted", text="准予") == "concluded"
    assert say("refused", text="迟到的相反答复") == "concluded"
    with act("worker1") as ctx:
        case = ctx.session.get_one(CaseRow, case_id)
        assert (case.result, case.result_text, case.step) == ("granted", "准予", "")
    assert events(act, case_id) == ["accept", "grant", "late_answer", "late_answer"]


def test_progress_after_the_decision_does_not_reopen(act: Any, say: Say, case_id: str) -> None:
    say("refused", text="不符合条件")
    assert say("progress", text="审核中") == "concluded"
    assert say("correction", text="缺证明") == "concluded"
    assert events(act, case_id)[-2:] == ["late_answer", "late_answer"]


def test_consulted_platform_does_not_decide(act: Any, say: Say, case_id: str) -> None:
    for status in ("accepted", "granted", "refused", "correction"):
        assert say(status, platform="civil_affairs.means_check", reference="HC-1") == "accepted"
    assert events(act, case_id)[1:] == ["consulted"] * 4
    with act("worker1") as ctx:
        assert ctx.session.get_one(CaseRow, case_id).reference == ""


@pytest.mark.parametrize("status", ["correction", "rejected"])
def test_correction_asked_twice_stops_the_clock_once(act: Any, say: Say, case_id: str, status: str) -> None:
    assert say(status, text="收入证明缺页", field="income_month") == "correction"
    assert say(status, text="收入证明缺页", field="income_month") == "correction"
    with act("worker1") as ctx:
        assert len(ctx.session.exec(select(SuspensionRow).where(SuspensionRow.case_id == case_id)).all()) == 1


def test_decision_while_suspended_concludes(say: Say) -> None:
    assert say("suspended", text="公示") == "suspended"
    assert say("granted", text="准予") == "concluded"
