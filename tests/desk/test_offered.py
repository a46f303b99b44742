"""What waits for a worker besides their own cases: counted in one statement, with the way there."""

from datetime import date, timedelta
from typing import Any

from screens import Count, give_role, text_of
from sqlmodel import select

from workbench.cases.models import CaseRow
from workbench.cases.take import pull_next, take
from workbench.catalogue.loaded import catalogue
from workbench.desk.offered import visit_steps
from workbench.duty.absences import days, enter_absence
from workbench.duty.posts import set_post
from workbench.staff.filters import keep_filter
from workbench.staff.models import WorkerRow

FILTERS = "/h/wutong/filters"


def ids_of(ctx: Any, *names: str) -> list[str]:
    return [ctx.session.exec(select(WorkerRow.id).where(WorkerRow.username == name)).one() for name in names]


def test_home_shows_what_was_handed_to_me_and_only_while_it_is_mine(world: Any, act: Any) -> None:
    with act("worker1") as ctx:
        world.make_case(ctx, "MZ-001", title_zh="交接来的办件")
        world.make_case(ctx, "RS-001", title_zh="别的条线")
        today = ctx.clock.today()
    assert "交接来的办件" not in world.sign_in("worker2").get("/h/wutong/").text
    with act("hubadmin1") as ctx:
        a, b = ids_of(ctx, "worker1", "worker2")
        set_post(ctx, "civil_affairs", a, b)
        enter_absence(ctx, a, "leave", days(today, today + timedelta(days=1)), even_uncovered=True)
    client = world.sign_in("worker2")
    shown = text_of(client.get("/h/wutong/").text)
    assert "交接给我" in shown
    assert "交接来的办件" in shown
    assert "别的条线" not in shown  # nobody covers that line, and the hub admin has it
    assert "个时段无人顶岗" in text_of(world.sign_in("hubadmin1").get("/h/wutong/").text)
    assert "个时段无人顶岗" not in shown
    with Count(world) as counted:
        client.get("/h/wutong/")
    assert len(counted.statements) <= 11, counted.statements  # one more while somebody covers, however much


def test_visits_are_counted_by_the_kind_of_their_step(world: Any) -> None:
    assert visit_steps(catalogue(world.installed)) != ["-"]


def test_next_is_the_nearest_due_that_nobody_has_taken(world: Any, act: Any) -> None:
    with act("worker1") as ctx:
        due = ctx.clock.today() + timedelta(days=1)
        first, second = (world.make_case(ctx, "MZ-001", due_on=due + timedelta(days=n)).id for n in range(2))
        for case_id in (first, second):
            case = ctx.session.get_one(CaseRow, case_id)
            case.state, case.step_by = "reviewing", "reviewer"
        give_role(ctx, "worker2", "reviewer")
    client, other = world.sign_in("reviewer1"), world.sign_in("worker2")
    pulled = [one.post("/h/wutong/review", data={"action": "next"}).headers["Location"] for one in (client, other)]
    assert pulled == [f"/h/wutong/cases/{first}", f"/h/wutong/cases/{second}"]
    again = client.post("/h/wutong/review", data={"action": "next"}).headers["Location"]
    assert again == f"/h/wutong/cases/{first}"  # what one has already comes first
    assert "worker2 已领取" in text_of(client.get("/h/wutong/review").text)
    with act("approver1") as ctx:
        assert pull_next(ctx) is None
        assert not take(ctx, ctx.session.get_one(CaseRow, first))


def test_filter_of_the_queue_is_kept_for_its_worker(world: Any, act: Any) -> None:
    with act("reviewer1") as ctx:
        keep_filter(ctx, "review", "民政", "civil_affairs")  # as it was once kept: the line alone
    client = world.sign_in("reviewer1")
    assert "民政" in client.get("/h/wutong/review").text
    assert "?line=civil_affairs" in client.get("/h/wutong/review").text
    assert "?line=civil_affairs" not in world.sign_in("approver1").get("/h/wutong/review").text
    client.post(FILTERS, data={"action": "drop", "list": "cases.review", "filter_name": "民政"})
    assert "?line=civil_affairs" not in client.get("/h/wutong/review").text


def test_absence_that_is_near_asks_for_the_hand_over(world: Any, act: Any) -> None:
    with act("hubadmin1") as ctx:
        (a,) = ids_of(ctx, "worker1")
        soon: date = ctx.clock.today() + timedelta(days=2)
        enter_absence(ctx, a, "training", days(soon, soon), even_uncovered=True)
    assert "您即将缺勤" in text_of(world.sign_in("worker1").get("/h/wutong/").text)
    assert "您即将缺勤" not in text_of(world.sign_in("worker2").get("/h/wutong/").text)
