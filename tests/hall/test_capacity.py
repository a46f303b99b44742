"""Places for appointments follow who is at the tables; what was kept before somebody went is shown to the hub admin."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from duty_world import id_of
from screens import Count, World, give_role, make_person, open_world, text_of
from sqlmodel import select

from workbench.duty.absences import days, end_absence, enter_absence
from workbench.duty.left_behind import left_behind
from workbench.duty.models import RosterMonthRow, RosterRuleRow, ShiftRow
from workbench.duty.swaps import answer_swap, ask_swap, decide_swap
from workbench.hall.capacity import Short, short_times
from workbench.hall.models import AppointmentRow
from workbench.hall.slots import book, slots_of
from workbench.people.models import PersonRow
from workbench.settings import Settings
from workbench.staff.cover_models import AbsenceRow
from workbench.staff.workers import deactivate_worker
from workbench.store.clock import SHANGHAI
from workbench.store.context import Context
from workbench.store.engine import Store
from workbench.store.ids import new_id
from workbench.store.problems import Problem

EARLY = ("worker1", "worker2", "reviewer1", "approver1")
#: A Monday; the day after is a working day.
NOW, TOMORROW = datetime(2026, 11, 23, 10, tzinfo=SHANGHAI), date(2026, 11, 24)


@pytest.fixture
def site(settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    rooms = ("people", "delivery", "cases", "reception", "agenda", "duty", "hall", "desk", "admin")
    opened = open_world(settings, store, monkeypatch, *rooms)
    opened.app.extensions["workbench"].clock.offset = NOW - datetime.now(UTC)
    yield opened
    opened.app.extensions["workbench"].store.close()


@pytest.fixture
def on(site: World, act: Any) -> Any:
    """Act with the clock of the application."""
    return lambda who, hub="": act(who, hub, clock=site.app.extensions["workbench"].clock)


@pytest.fixture
def tomorrow(site: World, on: Any) -> date:
    """Four are on the early shift and one on the late one of a working day; one keeps the desk over lunch."""
    with on("hubadmin1") as ctx:
        day = TOMORROW
        for name in ("reviewer1", "approver1"):
            give_role(ctx, name, "worker")
        ctx.session.add(RosterRuleRow(hub_id="wutong", two_shifts=True, has_lunch=True))
        now = ctx.clock.now()
        about = {"made_at": now, "made_by": "hubadmin1", "published_at": now}
        ctx.session.add(RosterMonthRow(hub_id="wutong", month=day.replace(day=1), **about))
        ctx.session.flush()
        shifts = [("early", name) for name in EARLY] + [("late", "hubadmin1"), ("lunch", "worker1")]
        give_role(ctx, "hubadmin1", "worker")
        for kind, name in shifts:
            ctx.session.add(ShiftRow(hub_id="wutong", day=day, kind=kind, worker_id=id_of(ctx, name)))
    return day


def keep(ctx: Context, day: date, slot: str, count: int) -> None:
    """Keep a time for so many, whatever there is room for."""
    about = {"hub_id": "wutong", "day": day, "slot": slot, "by_id": "w", "by_name": "w", "at": ctx.clock.now()}
    ctx.session.add_all(AppointmentRow(id=new_id(), person_id=make_person(ctx), **about) for _ in range(count))


def test_places_are_half_of_those_at_the_tables_by_roster_lunch_and_absence(
    site: World, on: Any, tomorrow: date
) -> None:
    with on("worker1") as ctx:
        places = {slot.at: slot.places for slot in slots_of(ctx, tomorrow)}
        assert [places[at] for at in ("09:00", "11:30", "12:00", "13:00", "13:30", "15:00", "20:30")] == [
            2, 2, 1, 1, 2, 1, 1
        ]  # fmt: skip
        assert {slot.places for slot in slots_of(ctx, tomorrow + timedelta(days=1))} == {0}  # nobody on the roster
    with on("hubadmin1") as ctx:
        enter_absence(ctx, id_of(ctx, "hubadmin1"), "leave", days(tomorrow, tomorrow), even_uncovered=True)
    with on("worker1") as ctx:
        person = ctx.session.get_one(PersonRow, make_person(ctx))
        assert {slot.at: slot.places for slot in slots_of(ctx, tomorrow)}["15:00"] == 0
        with pytest.raises(Problem, match="slot_taken"):
            book(ctx, person, tomorrow, "15:00", "")
        book(ctx, person, tomorrow, "09:00", "低保")
        keep(ctx, tomorrow, "09:00", 1)
        assert {slot.at: slot.left for slot in slots_of(ctx, tomorrow)}["09:00"] == 0
    page = text_of(site.sign_in("worker1").get(f"/h/wutong/hall/appointments?day={tomorrow}").text)
    assert "15:00 无人在岗" in page
    assert "在岗人数不足" not in page


def test_leave_or_swap_that_leaves_too_few_is_shown_to_the_admin_until_it_is_settled(
    site: World, on: Any, tomorrow: date
) -> None:
    admin = site.sign_in("hubadmin1")
    with on("worker1") as ctx:
        keep(ctx, tomorrow, "09:00", 2)
    assert "在岗人数不足" not in text_of(admin.get("/h/wutong/").text)
    with on("hubadmin1") as ctx:
        ids = {name: id_of(ctx, name) for name in ("worker1", "reviewer1", "sysadmin")}
        enter_absence(ctx, ids["worker1"], "leave", days(tomorrow, tomorrow), even_uncovered=True)
        found = short_times(ctx)
    assert found == [Short(tomorrow, "09:00", 2, 1, ("approver1", "reviewer1", "worker2"))]
    assert "1 个已约时段在岗人数不足" in text_of(admin.get("/h/wutong/").text)
    told = admin.get("/h/wutong/hall/short").text
    assert "approver1、reviewer1、worker2" in text_of(told)
    assert "测试甲" not in told  # whoever administers sees no residents
    worker = text_of(site.sign_in("worker1").get(f"/h/wutong/hall/appointments?day={tomorrow}").text)
    assert "部分时段在岗人数不足" in worker

    with on("hubadmin1") as ctx:
        absence = ctx.session.exec(select(AbsenceRow)).one()
        end_absence(ctx, absence)
        assert short_times(ctx) == []
    # A swap gives an early shift to somebody who receives nobody: three are left, and one place.
    with on("reviewer1") as ctx:
        swap = ask_swap(ctx, tomorrow, "early", ids["sysadmin"])
    with on("sysadmin", "wutong") as ctx:
        answer_swap(ctx, ctx.session.merge(swap), accept=True)
    with on("hubadmin1") as ctx:
        assert short_times(ctx) == []
        decide_swap(ctx, ctx.session.merge(swap), approve=True)
        assert [(one.slot, one.kept, one.places) for one in short_times(ctx)] == [("09:00", 2, 1)]


def test_admins_home_asks_as_often_however_many_times_are_short(site: World, on: Any, tomorrow: date) -> None:
    client, counts = site.sign_in("hubadmin1"), []
    for slots in (("09:00",), ("10:00", "10:30", "15:00")):
        with on("worker1") as ctx:
            for slot in slots:
                keep(ctx, tomorrow, slot, 3)
        client.get("/h/wutong/")
        with Count(site) as counted:
            page = client.get("/h/wutong/").text
        counts.append(len(counted.statements))
    assert "4 个已约时段在岗人数不足" in text_of(page)
    assert counts[0] == counts[1]


def test_open_cases_of_somebody_who_left_wait_for_the_hub_admin(site: World, on: Any) -> None:
    with on("worker2") as ctx:
        site.make_case(ctx, "MZ-001")
        gone = ctx.actor.id
    with on("hubadmin1") as ctx:
        assert left_behind(ctx) == []
        deactivate_worker(ctx, gone)
        assert [(one.name, one.cases) for one in left_behind(ctx)] == [("worker2", 1)]
    admin = site.sign_in("hubadmin1")
    page = admin.get("/h/wutong/").text
    assert "离岗人员名下还有 1 件未办结" in text_of(page)
    assert f"/h/wutong/work?owner={gone}" in page
    assert "worker2" in text_of(admin.get(f"/h/wutong/work?owner={gone}").text)
