"""Two at one hub at one moment: who covers is settled once, and nobody is left out."""

from datetime import timedelta
from typing import Any

import pytest
from at_once import behind
from sqlalchemy import text
from sqlmodel import select
from waiting import PATIENCE

from workbench.duty.absences import Uncovered, days, enter_absence
from workbench.duty.cover import replan
from workbench.duty.handover import hand_over
from workbench.duty.models import RosterRuleRow, ShiftRow, SwapRow
from workbench.duty.months import set_rule
from workbench.duty.swaps import decide_swap
from workbench.hubs.lock import lock_hub
from workbench.staff.cover_models import AbsenceRow, CoverRow, HandoverRow
from workbench.staff.models import GrantRow
from workbench.store.context import Context
from workbench.store.problems import Problem


def go_away(act: Any, username: str, worker_id: str) -> None:
    with act(username) as ctx:
        day = ctx.clock.today() + timedelta(days=3)
        enter_absence(ctx, worker_id, "leave", days(day, day))


def test_two_who_cover_each_other_cannot_both_go_away(act: Any, store: Any, posts: Any) -> None:
    with act("worker1") as ctx:
        day = ctx.clock.today() + timedelta(days=3)
        enter_absence(ctx, posts["worker1"], "leave", days(day, day))
        (second,) = behind(store, lambda: go_away(act, "worker2", posts["worker2"]))
    with pytest.raises(Uncovered):
        second.result(PATIENCE)


def test_one_absence_entered_by_two_stands_once(act: Any, store: Any, posts: Any) -> None:
    with act("worker1") as ctx:
        day = ctx.clock.today() + timedelta(days=3)
        enter_absence(ctx, posts["worker1"], "leave", days(day, day))
        (second,) = behind(store, lambda: go_away(act, "hubadmin1", posts["worker1"]))
    with pytest.raises(Problem, match="overlaps"):
        second.result(PATIENCE)


def test_cover_is_written_once_by_two_who_plan_at_once(act: Any, store: Any, posts: Any) -> None:
    with act("worker1") as ctx:  # entered, and nobody has planned it yet
        start = days(ctx.clock.today() + timedelta(days=3), ctx.clock.today() + timedelta(days=3))
        about = {"hub_id": "wutong", "worker_id": posts["worker1"], "kind": "leave", "entered_by": "x"}
        span = {"starts_at": start.starts_at, "ends_at": start.ends_at, "entered_at": ctx.clock.now()}
        ctx.session.add(AbsenceRow(id="0" * 26, entered_name="x", **about, **span))

    def plan() -> None:
        with act("worker2") as ctx:
            replan(ctx)

    with act("worker1") as ctx:
        replan(ctx)
        (second,) = behind(store, plan)
    second.result(PATIENCE)
    with act() as ctx:
        lines = [row.line_id for row in ctx.session.exec(select(CoverRow).where(CoverRow.to_id != ""))]
    assert len(lines) == len(set(lines)) > 0


def test_two_swaps_approved_at_once_leave_nobody_two_shifts_on_a_day(act: Any, store: Any, posts: Any) -> None:
    with act("hubadmin1") as ctx:
        day = ctx.clock.today() + timedelta(days=3)
        for kind, giver in (("early", "worker1"), ("late", "reviewer1")):
            about = {"hub_id": "wutong", "day": day, "kind": kind}
            ctx.session.add(ShiftRow(**about, worker_id=posts[giver]))
            about |= {"from_id": posts[giver], "to_id": posts["worker2"], "state": "accepted", "reason": ""}
            ctx.session.add(SwapRow(id=kind.ljust(26, "0"), **about, asked_at=ctx.clock.now()))

    def approve(ctx: Context, kind: str) -> None:
        decide_swap(ctx, ctx.session.get_one(SwapRow, kind.ljust(26, "0"), with_for_update=True), approve=True)

    def second() -> None:
        with act("hubadmin1") as ctx:
            approve(ctx, "late")

    with act("hubadmin1") as ctx:
        approve(ctx, "early")
        (under_way,) = behind(store, second)
    with pytest.raises(Problem, match="two_shifts"):
        under_way.result(PATIENCE)
    with act() as ctx:
        taken = ctx.session.exec(select(ShiftRow.kind).where(ShiftRow.worker_id == posts["worker2"])).all()
    assert taken == ["early"]


def test_rule_that_two_say_first_at_once_is_the_later_ones(act: Any, store: Any) -> None:
    def say(least: int) -> None:
        with act("hubadmin1") as ctx:
            set_rule(ctx, RosterRuleRow(hub_id="wutong", least_work=least))

    with act("hubadmin1") as ctx:
        set_rule(ctx, RosterRuleRow(hub_id="wutong", least_work=3))
        (second,) = behind(store, lambda: say(4))
    second.result(PATIENCE)
    with act() as ctx:
        assert ctx.session.exec(select(RosterRuleRow.least_work)).all() == [4]


def test_same_note_for_whoever_covers_stands_once(act: Any, posts: Any) -> None:
    with act("worker1") as ctx:
        day = ctx.clock.today() + timedelta(days=3)
        absence = enter_absence(ctx, posts["worker1"], "leave", days(day, day))
        for lines in (["civil_affairs"], ["civil_affairs", "social_security"]):
            hand_over(ctx, absence, "note", lines, "钥匙在前台 ")
        hand_over(ctx, absence, "paper", ["civil_affairs"], "钥匙在前台")
        written = ctx.session.exec(select(HandoverRow.kind, HandoverRow.line_id)).all()
    assert sorted(written) == [("note", "civil_affairs"), ("note", "social_security"), ("paper", "civil_affairs")]


@pytest.mark.only_postgresql
def test_hub_that_is_locked_can_be_referred_to(act: Any, posts: Any) -> None:
    with act("worker1") as planning:
        lock_hub(planning)
        with act("hubadmin1") as giving:
            giving.session.execute(text("SET LOCAL lock_timeout = '5s'"))
            about = {"worker_id": posts["worker2"], "hub_id": "wutong", "role": "reviewer", "granted_by": "x"}
            giving.session.add(GrantRow(**about, valid_from=giving.clock.now()))
