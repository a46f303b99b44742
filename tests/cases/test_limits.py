"""The clocks of a case against days counted by hand, with holidays, make-up days and stops in between."""

from datetime import date, datetime, time
from typing import Any

import pytest
from screens import World
from sqlmodel import col, select

from workbench.cases.extend import ask_extension, decide_extension
from workbench.cases.limits import clocks_of, kept_item, read_record
from workbench.cases.models import CalendarNoticeRow, CaseEventRow, CaseRow, SuspensionRow
from workbench.cases.notice import import_notice, next_notice, read_notice, recount_after
from workbench.cases.review import ask_correction, end_case, reopen, resume_case, suspend_case
from workbench.cases.suspend import resume_due
from workbench.cases.urge import answer_urging, urge, waiting_urgings
from workbench.store.clock import SHANGHAI, Clock
from workbench.store.problems import Problem


def on(day: date, hour: int = 10) -> Clock:
    """A clock that stands at a day."""
    return Clock(datetime.combine(day, time(hour), SHANGHAI) - datetime.now(SHANGHAI))


def accept_on(world: World, act: Any, day: date, code: str = "MZ-001") -> str:
    with act("worker1", clock=on(day)) as ctx:
        return world.make_case(ctx, code).id


def due(act: Any, case_id: str) -> date | None:
    with act("worker1") as ctx:
        return ctx.session.get_one(CaseRow, case_id).due_on


def stop(act: Any, case_id: str, day: date, until: date | None = None) -> None:
    with act("reviewer1", clock=on(day)) as ctx:
        suspend_case(ctx, ctx.session.get_one(CaseRow, case_id), reason="等待鉴定", until=until)


def go_on(act: Any, case_id: str, day: date) -> None:
    with act("reviewer1", clock=on(day)) as ctx:
        resume_case(ctx, ctx.session.get_one(CaseRow, case_id), reason="鉴定完成")


def test_twenty_days_over_the_spring_festival(world: World, act: Any) -> None:
    # Mon 2 Feb 2026 + 20: 3-6 (4), 9-13 (9), Sat 14 made up (10), 15-23 off, 24-27 (14), Sat 28 made up (15),
    # 2-6 Mar (20).
    assert due(act, accept_on(world, act, date(2026, 2, 2))) == date(2026, 3, 6)


def test_suspension_across_a_make_up_saturday_is_not_counted(world: World, act: Any) -> None:
    case_id = accept_on(world, act, date(2026, 2, 2))
    stop(act, case_id, date(2026, 2, 12))
    go_on(act, case_id, date(2026, 2, 25))
    # Stopped after the 12th (8 days used), runs again after the 25th: 26, 27, Sat 28 made up (11), 2-6 Mar (16),
    # 9-12 Mar (20). Friday 13, the make-up Saturday 14 and the 24th, 25th were not counted.
    assert due(act, case_id) == date(2026, 3, 12)


def test_suspension_with_an_end_starts_again_by_itself_after_its_last_day(world: World, act: Any) -> None:
    case_id = accept_on(world, act, date(2026, 2, 2))
    stop(act, case_id, date(2026, 2, 12), until=date(2026, 2, 25))
    with act("worker1", clock=on(date(2026, 2, 25))) as ctx:
        assert resume_due(ctx) == 0
    with act("worker1", clock=on(date(2026, 3, 2))) as ctx:  # the process was away for some days
        assert resume_due(ctx) == 1
        assert resume_due(ctx) == 0
        case = ctx.session.get_one(CaseRow, case_id)
        assert (case.state, case.due_on) == ("reviewing", date(2026, 3, 12))
        events = select(CaseEventRow.kind).where(CaseEventRow.case_id == case_id).order_by(col(CaseEventRow.id))
        kinds = ctx.session.exec(events).all()
        assert list(kinds)[-2:] == ["resume_by_itself", "due_moved"]


def test_end_of_a_suspension_has_to_lie_ahead(world: World, act: Any) -> None:
    case_id = accept_on(world, act, date(2026, 2, 2))
    with pytest.raises(Problem, match="until_past"):
        stop(act, case_id, date(2026, 2, 12), until=date(2026, 2, 12))


def test_calendar_imported_later_moves_open_cases_and_says_so(world: World, act: Any) -> None:
    case_id = accept_on(world, act, date(2027, 9, 20))
    # Without a notice only weekends are off: 21-24 (4), 27 Sep-1 Oct (9), 4-8 (14), 11-15 (19), Mon 18 (20).
    assert due(act, case_id) == date(2027, 10, 18)
    notice = "2027-10-01 至 2027-10-07 放假 国庆节\n2027-09-26 上班 国庆节\n2027-10-09 上班 国庆节"
    with act("sysadmin", clock=on(date(2027, 9, 22))) as ctx:
        row = import_notice(ctx, 2027, "国办发明电〔2026〕9号", read_notice(notice, 2027))
        assert recount_after(ctx, row) == 1
        assert row.done_at is not None
        assert next_notice(ctx) is None
    # 21-24 (4), Sun 26 made up (5), 27-30 (9), 1-7 off, Fri 8 (10), Sat 9 made up (11), 11-15 (16), 18-21 (20).
    assert due(act, case_id) == date(2027, 10, 21)
    with act("worker1") as ctx:
        event = ctx.session.exec(select(CaseEventRow).where(CaseEventRow.kind == "due_moved")).one()
        assert (event.detail["cause"], event.detail["was"], event.detail["now"]) == (
            "calendar",
            "2027-10-18",
            "2027-10-21",
        )


def test_counting_anew_goes_on_where_it_stopped(world: World, act: Any) -> None:
    ids = [accept_on(world, act, date(2027, 9, 20)) for _ in range(3)]
    notice = read_notice("2027-10-01 至 2027-10-07 放假 国庆节", 2027)
    with act("sysadmin", clock=on(date(2027, 9, 22))) as ctx:
        row = import_notice(ctx, 2027, "通知", notice)
        assert recount_after(ctx, row, limit=2) == 2
        assert row.done_at is None
    with act("sysadmin", clock=on(date(2027, 9, 22))) as ctx:
        row = ctx.session.exec(select(CalendarNoticeRow)).one()
        assert recount_after(ctx, row, limit=2) == 1
        assert (row.done_at is not None, row.moved) == (True, 3)
    assert {due(act, one) for one in ids} == {date(2027, 10, 25)}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("2027-10-01 放假", 1),
        ("2027-10-01 放假 国庆节\n2028-01-01 放假 元旦", 2),
        ("2027-02-30 放假 春节", 1),
        ("2027-10-08 上班 国庆节", 1),
        ("2027-10-09 放假 国庆节\n2027-10-09 上班 国庆节", 2),
    ],
)
def test_notice_that_cannot_be_read_names_its_line(text: str, line: int) -> None:
    with pytest.raises(Problem) as raised:
        read_notice(text, 2027)
    assert raised.value.field == "days"
    assert raised.value.zh.startswith(f"第 {line} 行")


def test_extension_needs_another_person_and_moves_the_day(world: World, act: Any) -> None:
    case_id = accept_on(world, act, date(2026, 11, 2))
    assert due(act, case_id) == date(2026, 11, 30)
    with act("approver1", clock=on(date(2026, 11, 20))) as ctx:
        case = ctx.session.get_one(CaseRow, case_id)
        ask_extension(ctx, case, days=5, reason="外调材料未回")
        with pytest.raises(Problem, match="four_eyes"):
            decide_extension(ctx, case, approve=True, words="同意")
    with act("reviewer1") as ctx, pytest.raises(Problem, match="may_not"):
        decide_extension(ctx, ctx.session.get_one(CaseRow, case_id), approve=True, words="同意")
    assert due(act, case_id) == date(2026, 11, 30)


def test_approved_days_are_told_with_who_asked_and_who_approved(world: World, act: Any) -> None:
    case_id = accept_on(world, act, date(2026, 11, 2))
    with act("reviewer1", clock=on(date(2026, 11, 20))) as ctx:
        ask_extension(ctx, ctx.session.get_one(CaseRow, case_id), days=5, reason="外调材料未回")
    with act("approver1", clock=on(date(2026, 11, 23))) as ctx:
        decide_extension(ctx, ctx.session.get_one(CaseRow, case_id), approve=True, words="同意")
    assert due(act, case_id) == date(2026, 12, 7)
    page = world.sign_in("worker1").get(f"/h/wutong/cases/{case_id}/clocks").text
    for words in ("外调材料未回", "reviewer1 申请", "approver1 批准", "2026-12-07"):
        assert words in page


def test_clocks_page_lists_every_day_that_was_passed_over(world: World, act: Any) -> None:
    case_id = accept_on(world, act, date(2026, 2, 2))
    stop(act, case_id, date(2026, 2, 26))
    go_on(act, case_id, date(2026, 2, 28))
    page = world.sign_in("worker1").get(f"/h/wutong/cases/{case_id}/clocks").text
    for words in ("承诺时限", "法定时限", "法定节假日：春节", "周末", "调休上班日", "等待鉴定", "reviewer1"):
        assert words in page, words


def test_correction_has_a_deadline_of_its_own_and_rounds_are_counted(world: World, act: Any) -> None:
    case_id = accept_on(world, act, date(2026, 11, 2))
    with act("reviewer1", clock=on(date(2026, 11, 4))) as ctx:
        ask_correction(ctx, ctx.session.get_one(CaseRow, case_id), reason="缺收入证明", days=5)
    with act("worker1", clock=on(date(2026, 11, 12))) as ctx:
        case = ctx.session.get_one(CaseRow, case_id)
        item = kept_item(ctx, case)
        assert item is not None
        clocks = {clock.kind: clock for clock in clocks_of(ctx, read_record(ctx, case, item))}
        assert (clocks["correction"].due, clocks["correction"].level) == (date(2026, 11, 11), "overdue")
        assert clocks["promised"].stands_still
        end_case(ctx, case, "close_unanswered", reason="逾期未补正")
        assert case.state == "returned"
        row = ctx.session.exec(select(SuspensionRow).where(SuspensionRow.case_id == case_id)).one()
        assert row.to_day == date(2026, 11, 12)
    assert "第 2 轮" in world.sign_in("worker1").get(f"/h/wutong/cases/{case_id}/clocks").text


def test_reopened_case_does_not_count_the_time_it_was_closed(world: World, act: Any) -> None:
    case_id = accept_on(world, act, date(2026, 11, 2))
    with act("reviewer1", clock=on(date(2026, 11, 6))) as ctx:
        end_case(ctx, ctx.session.get_one(CaseRow, case_id), "return", reason="材料不符")
    with act("approver1", clock=on(date(2026, 11, 20))) as ctx:
        case = ctx.session.get_one(CaseRow, case_id)
        item = kept_item(ctx, case)
        assert item is not None
        reopen(ctx, case, item, reason="复核后应予办理")
        # 4 days used by the 6th, 16 left after the 20th: 23-27 (5), 30 Nov-4 Dec (10), 7-11 (15), 14 (16).
        assert (case.state, case.due_on, bool(case.step)) == ("reviewing", date(2026, 12, 14), True)


def test_share_of_the_limit_leaves_out_the_time_that_stood_still(world: World, act: Any) -> None:
    case_id = accept_on(world, act, date(2026, 11, 2))
    stop(act, case_id, date(2026, 11, 3))
    go_on(act, case_id, date(2026, 11, 17))  # 10 working days stood still; due 14 Dec
    assert due(act, case_id) == date(2026, 12, 14)
    with act("worker1", clock=on(date(2026, 11, 30))) as ctx:
        case = ctx.session.get_one(CaseRow, case_id)
        item = kept_item(ctx, case)
        assert item is not None
        promised = next(c for c in clocks_of(ctx, read_record(ctx, case, item)) if c.kind == "promised")
        # 10 of 20 days are used: yellow. Over all 30 days in between it would be two thirds.
        assert (promised.level, promised.left, case.limit_days) == ("yellow", 10, 20)


def test_urging_stands_until_somebody_else_answers(world: World, act: Any) -> None:
    case_id = accept_on(world, act, date(2026, 11, 2))
    with act("hubadmin1") as ctx:
        row = urge(ctx, ctx.session.get_one(CaseRow, case_id), "supervise", "请于今日审核")
        ctx.session.flush()
        urging_id = row.id or 0
    page = world.sign_in("worker1").get("/h/wutong/urgings").text
    assert "请于今日审核" in page
    with act("hubadmin1") as ctx, pytest.raises(Problem, match="own_urging"):
        answer_urging(ctx, ctx.session.get_one(CaseRow, case_id), urging_id, "已办")
    with act("reviewer1") as ctx:
        answer_urging(ctx, ctx.session.get_one(CaseRow, case_id), urging_id, "已审核")
        assert waiting_urgings(ctx) == []
    with act("worker1") as ctx, pytest.raises(Problem, match="may_not"):
        urge(ctx, ctx.session.get_one(CaseRow, case_id), "supervise", "请办理")


def test_page_asks_decides_urges_and_answers(world: World, act: Any) -> None:
    with act("worker1") as ctx:
        case_id = world.make_case(ctx).id
    url = f"/h/wutong/cases/{case_id}/clocks"

    def post(who: str, **form: str) -> int:
        with act("worker1") as ctx:
            version = str(ctx.session.get_one(CaseRow, case_id).version)
        return world.sign_in(who).post(url, data={"version": version, **form}).status_code

    assert post("reviewer1", action="ask_extension", days="0", extension_reason="外调") == 422
    assert post("reviewer1", action="ask_extension", days="5", extension_reason="外调") == 303
    assert post("approver1", action="approve_extension", decision="") == 422
    assert post("approver1", action="approve_extension", decision="同意") == 303
    assert post("worker2", action="urge", urging="") == 422
    assert post("worker2", action="urge", urging="请尽快") == 303
    assert post("reviewer1", action="answer", urging_id="1", **{"answer-1": "已办"}) == 303
    assert (
        world.sign_in("reviewer1").post(url, data={"version": "1", "action": "urge", "urging": "x"}).status_code == 409
    )
