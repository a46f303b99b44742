"""Leave from Monday to Wednesday: B has work and rights from Monday 00:00, on Thursday both are back, told once."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from duty_world import id_of
from screens import World
from sqlmodel import col, select

from workbench.cases.held import cover_of, refuse_untaken, running_covers
from workbench.cases.models import CaseEventRow, CaseRow
from workbench.duty.absences import Uncovered, days, end_absence, enter_absence, get_absence, name_third
from workbench.duty.cover import gaps_ahead, replan
from workbench.duty.edges import hubs_with_edges, tell_edges
from workbench.duty.handover import (
    answer_call,
    call,
    calls_to,
    give_back,
    hand_over,
    handovers,
    take_over,
    what_happened,
)
from workbench.duty.plan import BEHIND, midnight
from workbench.duty.posts import set_post
from workbench.identity import sessions
from workbench.identity.may import may
from workbench.identity.models import AuditRow
from workbench.staff.cover_models import CoverMarkRow, CoverRow
from workbench.staff.models import GrantRow, WorkerRow
from workbench.staff.workers import deactivate_worker
from workbench.store.clock import SHANGHAI, Clock
from workbench.store.context import Context
from workbench.store.problems import Problem

Act = Callable[..., AbstractContextManager[Context]]
SUNDAY, MONDAY, WEDNESDAY = date(2026, 11, 29), date(2026, 11, 30), date(2026, 12, 2)
SECOND = timedelta(seconds=1)
LINE = "civil_affairs"


def at(day: date, *clock: int) -> Clock:
    """A clock that shows a time at the hub."""
    return Clock(datetime.combine(day, time(*clock), SHANGHAI) - datetime.now(SHANGHAI))


def enter(act: Act, who: str = "worker1", first: date = MONDAY, last: date = WEDNESDAY, **more: Any) -> str:
    with act("hubadmin1", clock=at(SUNDAY, 10)) as ctx:
        return enter_absence(ctx, id_of(ctx, who), "leave", days(first, last), **more).id


def make_case(world: World, act: Act, code: str = "MZ-001") -> str:
    with act("worker1", clock=at(SUNDAY, 9)) as ctx:
        return world.make_case(ctx, code).id


def holder(act: Act, case_id: str, clock: Clock) -> str:
    """Who holds a case at a moment: its owner, or whoever covers."""
    with act("worker1", clock=clock) as ctx:
        case = ctx.session.get_one(CaseRow, case_id)
        cover = cover_of(ctx, case)
        found = ctx.session.get(WorkerRow, cover.to_id if cover else case.owner_id)
        return found.username if found else ""


def test_work_is_with_b_from_monday_midnight_and_back_on_thursday(world: World, act: Act, posts: Any) -> None:
    case_id = make_case(world, act)
    enter(act)
    moments = (at(SUNDAY, 23, 59), at(MONDAY), at(WEDNESDAY, 23, 59), at(WEDNESDAY + timedelta(days=1)))
    assert [holder(act, case_id, clock) for clock in moments] == ["worker1", "worker2", "worker2", "worker1"]


def test_rights_move_for_those_dates_only(world: World, act: Act, posts: Any, store: Any) -> None:
    with act("hubadmin1") as ctx:  # worker2 has only the line on which they are A
        row = ctx.session.exec(select(GrantRow).where(GrantRow.worker_id == posts["worker2"])).one()
        row.line_id = "family_planning"
        token = sessions.start(ctx.session, posts["worker2"], at(SUNDAY, 10).now())
    enter(act)

    def may_accept(clock: Clock, line: str) -> bool:
        long = timedelta(days=9)
        found = sessions.find(store, token, clock.now(), hub_id="wutong", idle=long, longest=long)
        assert found is not None
        return may(found.worker_at("wutong"), "accept", line)

    moments = (at(SUNDAY, 23, 59), at(MONDAY), at(WEDNESDAY, 23, 59), at(WEDNESDAY + timedelta(days=1)))
    assert [may_accept(clock, LINE) for clock in moments] == [False, True, True, False]
    assert not any(may_accept(clock, "disability_federation") for clock in moments)
    with act("hubadmin1") as ctx:
        given = ctx.session.exec(select(AuditRow).where(AuditRow.action == "role.give")).all()
        assert [(row.actor_id, row.detail["kind"]) for row in given] == [("system", "cover")] * 2


def test_trail_is_written_once_however_often_and_late(world: World, act: Act, posts: Any, store: Any) -> None:
    case_id = make_case(world, act)
    enter(act)
    with act("hubadmin1", clock=at(SUNDAY, 23, 59)) as ctx:
        assert hubs_with_edges(ctx.session, ctx.clock.now()) == []
    monday, friday = at(MONDAY), at(date(2026, 12, 4), 9)
    with act("hubadmin1", clock=monday) as ctx:
        assert tell_edges(ctx) == 2  # two lines with their post A
        assert tell_edges(ctx) == 0
    with act("hubadmin1", clock=friday) as ctx:  # nobody worked on Thursday midnight; it is told late
        assert hubs_with_edges(ctx.session, ctx.clock.now()) == ["wutong"]
        assert tell_edges(ctx) == 2
        marks = ctx.session.exec(select(CoverMarkRow).order_by(CoverMarkRow.edge, CoverMarkRow.cover_id)).all()
        assert sorted((mark.edge, mark.cases) for mark in marks) == [("end", 0), ("end", 1), ("start", 0), ("start", 1)]
        events = select(CaseEventRow).where(CaseEventRow.case_id == case_id, col(CaseEventRow.kind).like("cover%"))
        told = ctx.session.exec(events.order_by(col(CaseEventRow.id))).all()
        assert [(row.kind, row.detail["when"], row.detail["cover"]) for row in told] == [
            ("cover_begins", "2026-11-30 00:00", "worker2"), ("cover_ends", "2026-12-03 00:00", "worker2")
        ]  # fmt: skip


def test_key_refuses_a_second_mark(act: Act, posts: Any, store: Any) -> None:
    enter(act)
    with act("hubadmin1", clock=at(MONDAY)) as ctx:
        tell_edges(ctx)
    with pytest.raises(Exception, match=r"(?i)unique|duplicate"), act("hubadmin1") as ctx:
        known = ctx.session.exec(select(CoverMarkRow)).first()
        assert known is not None
        ctx.session.expunge(known)
        again = CoverMarkRow(cover_id=known.cover_id, edge=known.edge, at=known.at, written_at=known.at, cases=0)
        ctx.session.add(again)
        ctx.session.flush()


def test_both_away_is_refused_with_the_gap_and_told_to_the_hub_admin_before(world: World, act: Act, posts: Any) -> None:
    enter(act, "worker2", MONDAY + timedelta(days=1), WEDNESDAY)
    with pytest.raises(Uncovered) as refusal:
        enter(act)
    assert refusal.value.field == "last_day"
    assert {gap.line_id for gap in refusal.value.gaps} == {LINE, "social_security", "family_planning"}
    with act("hubadmin1", clock=at(SUNDAY, 10)) as ctx:
        assert gaps_ahead(ctx) == []  # nothing of the refused one is left
    enter(act, even_uncovered=True)
    with act("hubadmin1", clock=at(SUNDAY, 10)) as ctx:
        assert {(gap.line_id, gap.to_id) for gap in gaps_ahead(ctx)} >= {(LINE, "")}


def test_third_closes_the_gap_for_a_day(world: World, act: Act, posts: Any) -> None:
    case_id = make_case(world, act)
    enter(act, "worker2", MONDAY + timedelta(days=1), MONDAY + timedelta(days=1))
    absence_id = enter(act, even_uncovered=True)
    tuesday = at(MONDAY + timedelta(days=1), 9)
    assert holder(act, case_id, tuesday) == ""
    with act("hubadmin1", clock=at(SUNDAY, 11)) as ctx:
        absence = get_absence(ctx, absence_id)
        assert absence is not None
        name_third(ctx, absence, posts["approver1"], MONDAY + timedelta(days=1))
    clocks = (at(MONDAY, 9), tuesday, at(WEDNESDAY, 9))
    assert [holder(act, case_id, clock) for clock in clocks] == ["worker2", "approver1", "worker2"]
    with act("approver1", clock=tuesday) as ctx:
        query = select(GrantRow).where(GrantRow.worker_id == posts["approver1"], GrantRow.kind == "cover")
        rights = {(row.role, row.line_id) for row in ctx.session.exec(query.where(GrantRow.line_id == LINE))}
        assert rights == {("worker", LINE)}


def test_only_a_hub_admin_names_a_third_and_enters_for_others(act: Act, posts: Any) -> None:
    with act("worker2", clock=at(SUNDAY, 10)) as ctx, pytest.raises(Problem, match="may_not"):
        enter_absence(ctx, posts["worker1"], "leave", days(MONDAY, WEDNESDAY))
    with act("worker1", clock=at(SUNDAY, 10)) as ctx:
        row = enter_absence(ctx, posts["worker1"], "leave", days(MONDAY, WEDNESDAY))
        with pytest.raises(Problem, match="may_not"):
            name_third(ctx, row, posts["approver1"], MONDAY)


def test_coming_back_early_ends_work_and_rights_at_once(world: World, act: Act, posts: Any) -> None:
    case_id = make_case(world, act)
    absence_id = enter(act)
    early = at(MONDAY + timedelta(days=1), 12)
    with act("hubadmin1", clock=early) as ctx:
        row = get_absence(ctx, absence_id)
        assert row is not None
        end_absence(ctx, row)
    assert holder(act, case_id, at(MONDAY, 12)) == "worker2"  # the past stays as it was
    assert holder(act, case_id, at(MONDAY + timedelta(days=1), 12, 1)) == "worker1"


def test_absence_taken_back_before_it_begins_leaves_nothing(act: Act, posts: Any) -> None:
    absence_id = enter(act)
    with act("hubadmin1", clock=at(SUNDAY, 11)) as ctx:
        row = get_absence(ctx, absence_id)
        assert row is not None
        end_absence(ctx, row)
        end_absence(ctx, row)
        assert ctx.session.exec(select(CoverRow)).all() == []
    with act("hubadmin1", clock=at(MONDAY)) as ctx:
        assert tell_edges(ctx) == 0
    enter(act)  # the same days can be entered again


def test_new_post_and_closed_account_move_cover_at_once(world: World, act: Act, posts: Any) -> None:
    case_id = make_case(world, act)
    enter(act)
    noon = at(MONDAY, 12)
    with act("hubadmin1", clock=noon) as ctx:
        set_post(ctx, LINE, posts["worker1"], posts["reviewer1"])
    assert holder(act, case_id, at(MONDAY, 11)) == "worker2"
    assert holder(act, case_id, at(MONDAY, 12, 1)) == "reviewer1"
    with act("hubadmin1", clock=at(MONDAY, 13)) as ctx:
        deactivate_worker(ctx, posts["reviewer1"])
        assert LINE in {gap.line_id for gap in replan(ctx)}
    assert holder(act, case_id, at(MONDAY, 13, 1)) == ""


def test_unread_notes_and_uncounted_papers_block_whoever_covers(world: World, act: Act, posts: Any) -> None:
    case_id = make_case(world, act)
    absence_id = enter(act)
    with act("worker1", clock=at(SUNDAY, 12)) as ctx:
        absence = get_absence(ctx, absence_id)
        assert absence is not None
        hand_over(ctx, absence, "note", [LINE], "周二等低保复核电话")
        hand_over(ctx, absence, "paper", [LINE], "户口簿原件一本")
    with act("worker2", clock=at(MONDAY, 9)) as ctx:
        case = ctx.session.get_one(CaseRow, case_id)
        with pytest.raises(Problem, match="handover_unread"):
            refuse_untaken(ctx, case)
        cover = ctx.session.exec(select(CoverRow).where(CoverRow.line_id == LINE)).one()
        paper = next(row for row in handovers(ctx, absence_id, LINE) if row.kind == "paper")
        with pytest.raises(Problem, match="not_counted"):
            take_over(ctx, cover, {}, {})
        with pytest.raises(Problem, match="remark_missing"):
            take_over(ctx, cover, {paper.id: "missing"}, {})
        take_over(ctx, cover, {paper.id: "received"}, {})
        refuse_untaken(ctx, case)
    with act("approver1", clock=at(MONDAY, 9)) as ctx:  # nobody else is held up
        refuse_untaken(ctx, ctx.session.get_one(CaseRow, case_id))


def test_cover_that_only_records_calls_and_the_owner_has_it_on_return(world: World, act: Act, posts: Any) -> None:
    with act("hubadmin1", clock=at(SUNDAY, 8)) as ctx:
        set_post(ctx, LINE, posts["worker1"], posts["worker2"], may_settle=False)
    case_id = make_case(world, act)
    absence_id = enter(act)
    with act("worker2", clock=at(MONDAY, 9)) as ctx:
        case = ctx.session.get_one(CaseRow, case_id)
        with pytest.raises(Problem, match="record_only"):
            refuse_untaken(ctx, case)
        call(ctx, case, ctx.session.exec(select(CoverRow).where(CoverRow.line_id == LINE)).one(), "居民来问进度")
    with act("worker1", clock=at(date(2026, 12, 3), 9)) as ctx:
        absence = get_absence(ctx, absence_id)
        assert absence is not None
        assert "call" in [one.kind for one in what_happened(ctx, absence)]
        [(waiting, case)] = calls_to(ctx, posts["worker1"])
        answer_call(ctx, waiting, case, "已回电")
        assert calls_to(ctx, posts["worker1"]) == []
        give_back(ctx, absence)
        assert absence.read_at is not None


def test_running_covers_are_those_of_this_moment(act: Act, posts: Any) -> None:
    enter(act)
    with act("worker2", clock=at(MONDAY, 9)) as ctx:
        covers = running_covers(ctx)
        assert [(one.line_id, one.from_name, one.to_name, one.is_taken) for one in covers] == [
            (LINE, "worker1", "worker2", True), ("social_security", "worker1", "worker2", True)
        ]  # fmt: skip
    with act("worker2", clock=at(SUNDAY, 9)) as ctx:
        assert running_covers(ctx) == []


def test_review_and_approval_stay_with_colleagues_and_nobody_left_is_told_before(act: Act, posts: Any) -> None:
    enter(act, "reviewer1")  # the approver can review: nothing is missing
    with act("hubadmin1", clock=at(SUNDAY, 10)) as ctx:
        assert ctx.session.exec(select(CoverRow)).all() == []
    with pytest.raises(Uncovered) as refusal:
        enter(act, "approver1")  # nobody else approves
    assert [(gap.line_id, gap.starts_at) for gap in refusal.value.gaps] == [
        (BEHIND, midnight(MONDAY)), (BEHIND, midnight(MONDAY))
    ]  # fmt: skip
    tuesday = MONDAY + timedelta(days=1)
    enter(act, "approver1", tuesday, tuesday, even_uncovered=True)
    with act("hubadmin1", clock=at(SUNDAY, 11)) as ctx:
        gaps = {(gap.from_id, gap.starts_at, gap.ends_at) for gap in gaps_ahead(ctx)}
        assert gaps == {
            (posts[who], midnight(tuesday), midnight(tuesday + timedelta(days=1))) for who in ("reviewer1", "approver1")
        }


def test_third_behind_the_table_has_the_role_for_the_day(act: Act, posts: Any) -> None:
    absence_id = enter(act, "approver1", even_uncovered=True)
    tuesday = MONDAY + timedelta(days=1)
    with act("hubadmin1", clock=at(SUNDAY, 11)) as ctx:
        absence = get_absence(ctx, absence_id)
        assert absence is not None
        name_third(ctx, absence, posts["worker2"], tuesday)
        assert {(one.line_id, one.starts_at) for one in gaps_ahead(ctx)} == {
            (BEHIND, midnight(MONDAY)), (BEHIND, midnight(WEDNESDAY))
        }  # fmt: skip
        given = select(GrantRow).where(GrantRow.role == "approver", GrantRow.kind == "cover", GrantRow.line_id == "")
        rows = ctx.session.exec(given).all()
        assert [(row.worker_id, row.valid_from, row.valid_to) for row in rows] == [
            (posts["worker2"], midnight(tuesday), midnight(WEDNESDAY))
        ]  # fmt: skip
        replan(ctx)  # what was given for the cover does not count as a colleague with the role
        assert len(gaps_ahead(ctx)) == 2
        name_third(ctx, absence, "", tuesday)
        assert len(gaps_ahead(ctx)) == 1
