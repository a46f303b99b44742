"""The shapes of items (domain A4) that run through cases alone, with days counted by hand."""

from datetime import date, datetime, time
from typing import Any

import pytest
from screens import World, give_role, make_person, text_of
from sqlmodel import select

from workbench.api.manifest import MonthlyBatch, Window
from workbench.cases.anywhere import hand_over_by
from workbench.cases.apply import apply_outcomes
from workbench.cases.models import CaseRow, PaperHopRow, SuspensionRow
from workbench.cases.review import decide_step
from workbench.cases.season import batch_of, in_season, next_opening
from workbench.catalogue.freeze import frozen_item
from workbench.catalogue.loaded import catalogue
from workbench.delivery.models import DeliveryRow, OutcomeRow
from workbench.people.models import PersonRow
from workbench.store.clock import SHANGHAI, Clock
from workbench.store.context import SYSTEM
from workbench.store.problems import Problem, Problems


def on(day: date) -> Clock:
    """A clock that stands at a day."""
    return Clock(datetime.combine(day, time(10), SHANGHAI) - datetime.now(SHANGHAI))


VISIT = {"visited_on": "2026-02-05", "visitors": "王一、李二"}
POSTED = {"posted_at": "梧桐社区公示栏", "objections": "无"}


def hear(world: World, act: Any, case_id: str, day: date, status: str, **said: Any) -> str:
    with act("worker1", clock=on(day)) as ctx:
        delivery = ctx.session.exec(
            select(DeliveryRow).where(DeliveryRow.case_id == case_id).order_by(DeliveryRow.id)
        ).first()
        assert delivery is not None
        outcome = OutcomeRow(
            platform_id=delivery.platform_id, message_id=f"{day}{status}", delivery_id=delivery.id, status=status,
            received_at=ctx.clock.now(), **said,
        )  # fmt: skip
        system = type(ctx)(ctx.session, SYSTEM, ctx.hub, ctx.clock, ctx.keys, ctx.files)
        return apply_outcomes(system, catalogue(world.installed), [(outcome, delivery)])[0].state


def decide(world: World, act: Any, who: str, case_id: str, day: date, *, hub: str = "", **said: Any) -> None:
    with act(who, hub=hub, clock=on(day)) as ctx:
        case = ctx.session.get_one(CaseRow, case_id)
        item = frozen_item(ctx.session, catalogue(world.installed), case.item_digest)
        assert item is not None
        decide_step(ctx, world.installed, case, item, agree=said.pop("agree", True), reason="情况属实", **said)


def test_means_test_asks_for_two_visitors_and_a_posting_that_hung_its_days(world: World, act: Any) -> None:
    with act("worker1", clock=on(date(2026, 2, 2))) as ctx:
        case_id = world.make_case(ctx, "MZ-001").id
    day = date(2026, 2, 5)
    with pytest.raises(Problems):
        decide(world, act, "reviewer1", case_id, day, found={"visited_on": "2026-02-05", "visitors": "王一"})
    decide(world, act, "reviewer1", case_id, day, found=VISIT)
    assert "入户人员 王一、李二" in text_of(world.sign_in("reviewer1").get(f"/h/wutong/cases/{case_id}").text)
    decide(world, act, "reviewer1", case_id, date(2026, 2, 12))
    # Posted on Thu 12 Feb for 5 working days: 13 (1), Sat 14 made up (2), 15-23 off, 24-26 (5).
    with pytest.raises(Problem, match="publicity_runs"):
        decide(world, act, "approver1", case_id, date(2026, 2, 26), found=POSTED)
    decide(world, act, "approver1", case_id, date(2026, 2, 27), found=POSTED)
    assert hear(world, act, case_id, date(2026, 3, 4), "granted", text="准予") == "concluded"


def test_against_a_matter_one_may_decide_before_the_posting_is_over(world: World, act: Any) -> None:
    with act("worker1", clock=on(date(2026, 2, 2))) as ctx:
        case_id = world.make_case(ctx, "MZ-001").id
    decide(world, act, "reviewer1", case_id, date(2026, 2, 5), found=VISIT)
    decide(world, act, "reviewer1", case_id, date(2026, 2, 5))
    decide(world, act, "approver1", case_id, date(2026, 2, 6), agree=False)


def test_assessment_by_a_third_party_stops_the_clock(world: World, act: Any) -> None:
    with act("worker1", clock=on(date(2026, 9, 21))) as ctx:
        case = world.make_case(ctx, "CL-001")
        assert (case.state, case.step) == ("suspended", "assess")
        case_id = case.id
    assert hear(world, act, case_id, date(2026, 10, 12), "progress", step="publicity") == "reviewing"
    with act("worker1") as ctx:
        case = ctx.session.get_one(CaseRow, case_id)
        # 20 days from Mon 12 Oct on: 13-16 (4), 19-23 (9), 26-30 (14), 2-6 Nov (19), Mon 9 (20).
        assert (case.step, case.due_on) == ("publicity", date(2026, 11, 9))
        stop = ctx.session.exec(select(SuspensionRow).where(SuspensionRow.case_id == case_id)).one()
        assert (stop.kind, stop.from_day, stop.to_day) == ("assessment", date(2026, 9, 21), date(2026, 10, 12))


def test_cross_line_check_is_for_the_other_lines_people(world: World, act: Any) -> None:
    with act("worker1", clock=on(date(2026, 11, 2))) as ctx:
        case_id = world.make_case(ctx, "MZ-011").id
    decide(world, act, "reviewer1", case_id, date(2026, 11, 3))
    with act("worker21", hub="wutong") as ctx:
        give_role(ctx, "worker21", "reviewer", "disability_federation")
    reviewer = world.sign_in("worker21")
    assert case_id in reviewer.get("/h/wutong/review").text
    page = reviewer.get(f"/h/wutong/cases/{case_id}").text
    assert 'value="agree"' in page
    with act("worker1") as ctx:
        version = ctx.session.get_one(CaseRow, case_id).version
    form = {"action": "agree", "reason": "残疾信息属实", "version": version}
    assert reviewer.post(f"/h/wutong/cases/{case_id}", data=form).status_code == 303
    with act("worker1") as ctx:
        case = ctx.session.get_one(CaseRow, case_id)
        assert (case.step, case.step_by, case.step_line) == ("approve", "department", "")
    assert world.sign_in("worker21").get(f"/h/wutong/cases/{case_id}").status_code == 403


@pytest.mark.parametrize(
    ("day", "is_open", "opens"),
    [("2026-01-01", True, ""), ("2026-03-31", True, ""), ("2026-04-01", False, "2027-01-01")],
)
def test_season_is_open_or_says_when(day: str, is_open: bool, opens: str) -> None:
    windows = (Window(opens="01-01", closes="03-31"),)
    assert in_season(windows, date.fromisoformat(day)) is is_open
    if opens:
        assert next_opening(windows, date.fromisoformat(day)) == date.fromisoformat(opens)


def test_season_may_span_the_new_year() -> None:
    windows = (Window(opens="11-01", closes="02-28"),)
    assert [in_season(windows, date(2026, month, 15)) for month in (10, 11, 1, 3)] == [False, True, True, False]


@pytest.mark.parametrize(
    ("accepted", "apply_by", "report_by", "decide_by"),
    [
        ("2026-11-25", "2026-11-25", "2026-12-02", "2026-12-08"),
        ("2026-11-26", "2026-12-25", "2027-01-02", "2027-01-08"),
    ],
)
def test_batch_of_a_month(accepted: str, apply_by: str, report_by: str, decide_by: str) -> None:
    found = batch_of(MonthlyBatch(apply_by=25, report_by=2, decide_by=8), date.fromisoformat(accepted))
    assert [day.isoformat() for day in (found.apply_by, found.report_by, found.decide_by)] == [
        apply_by,
        report_by,
        decide_by,
    ]


def test_batch_is_reported_at_once_after_its_cut_off(world: World, act: Any) -> None:
    clock = world.app.extensions["workbench"].clock
    clock.offset = on(date(2026, 11, 20)).offset
    with act("sysadmin") as ctx:
        from workbench.hubs.open_lines import open_line

        open_line(ctx, world.installed, "disability_federation")
    with act("worker1", clock=clock) as ctx:
        ids = [world.make_case(ctx, "CL-015").id for _ in range(2)]
        assert ctx.session.exec(select(DeliveryRow).where(DeliveryRow.case_id == ids[0])).all() == []
    page = world.sign_in("reviewer1").get("/h/wutong/batches").text
    assert "2026-11-25" in page
    assert "截止日后可以上报" in page
    clock.offset = on(date(2026, 11, 26)).offset
    world.clients.clear()
    reviewer = world.sign_in("reviewer1")
    assert reviewer.post("/h/wutong/batches", data={"case": ids, "reason": ""}).status_code == 422
    assert reviewer.post("/h/wutong/batches", data={"case": ids, "reason": "材料齐全，同意上报"}).status_code == 303
    with act("worker1") as ctx:
        sent = ctx.session.exec(select(DeliveryRow.case_id).where(DeliveryRow.operation == "apply")).all()
        assert sorted(sent) == sorted(ids)
    assert "没有待上报的批次" in reviewer.get("/h/wutong/batches").text


def test_accepted_anywhere_is_decided_at_home_with_the_trail_of_its_papers(world: World, act: Any) -> None:
    with act("worker21") as ctx:
        home = ctx.session.get_one(PersonRow, make_person(ctx))
        assert home.hub_id == "yinxing"
        person_id = home.id
    with act("worker1") as ctx:
        case = world.make_case(ctx, "MZ-011", person_id)
        case_id = case.id
        assert (case.hub_id, case.home_hub_id) == ("wutong", "yinxing")
        assert ctx.session.get_one(PaperHopRow, case_id).to_hub == "yinxing"
    with act("reviewer1", hub="yinxing") as ctx:
        give_role(ctx, "reviewer1", "reviewer")
    here, there = world.sign_in("reviewer1"), world.sign_in("reviewer1")
    assert case_id not in here.get("/h/wutong/review").text
    assert case_id in there.get("/h/yinxing/review").text
    sender, receiver = world.sign_in("worker1"), world.sign_in("worker21")
    field = f"said-{case_id}"
    assert receiver.post(f"/h/yinxing/papers/{case_id}", data={"action": "receive"}).status_code == 409
    assert sender.post(f"/h/wutong/papers/{case_id}", data={"action": "send", field: ""}).status_code == 422
    assert sender.post(f"/h/wutong/papers/{case_id}", data={"action": "send", field: "EMS 123"}).status_code == 303
    assert "EMS 123" in receiver.get("/h/yinxing/papers").text
    assert receiver.post(f"/h/yinxing/papers/{case_id}", data={"action": "receive", field: ""}).status_code == 303
    assert "没有流转中的材料" in receiver.get("/h/yinxing/papers").text
    timeline = sender.get(f"/h/wutong/cases/{case_id}").text
    for words in ("转居民所在地站点办理", "纸质材料已移交", "纸质材料已签收"):
        assert words in timeline


@pytest.mark.parametrize(
    ("accepted", "by"),
    [("09:00", "2026-11-26 12:00"), ("14:00", "2026-11-26 17:30"), ("17:40", "2026-11-27 12:00")],
)
def test_papers_are_handed_over_by_the_half_day(accepted: str, by: str) -> None:
    found = hand_over_by(datetime.combine(date(2026, 11, 26), time.fromisoformat(accepted)))
    assert f"{found:%Y-%m-%d %H:%M}" == by
