"""The pages of posts, cover and roster: what they show, refuse and keep."""

from datetime import timedelta
from typing import Any

from duty_world import id_of
from screens import Count, World, text_of
from sqlmodel import select

from workbench.cases.models import CaseRow
from workbench.duty.absences import days, enter_absence
from workbench.duty.models import RosterRuleRow, ShiftRow, SwapRow
from workbench.duty.months import make_month, publish_month, set_rule
from workbench.hubs.open_lines import open_line
from workbench.staff.cover_models import AbsenceRow, CoverRow, HandoverRow
from workbench.staff.models import PostRow

HUB = "/h/wutong"


def enter(site: World, who: str, worker_id: str, first: Any, last: Any, **more: Any) -> Any:
    form = {"worker": worker_id, "kind": "leave", "first_day": first.isoformat(), "last_day": last.isoformat(), **more}
    return site.sign_in(who).post(f"{HUB}/absences", data=form)


def first_row(site: World, table: Any) -> Any:
    with site.store.read() as session:
        return session.exec(select(table)).first()


def test_pages_open_for_everybody_of_the_hub(site: World) -> None:
    for who, locale in (("worker1", "zh_CN"), ("reviewer1", "en"), ("hubadmin1", "en")):
        for path in ("absences", "roster"):
            answer = site.sign_in(who, locale).get(f"{HUB}/{path}")
            assert answer.status_code == 200
            assert answer.text.count("<h1") == 1


def test_leave_is_entered_covered_handed_over_and_taken_back(site: World, act: Any, posts: Any) -> None:
    with act("worker1") as ctx:
        case_id, today = site.make_case(ctx, "MZ-001").id, ctx.clock.today()
    entered = enter(site, "worker1", posts["worker1"], today, today + timedelta(days=1))
    assert entered.status_code == 303
    there = entered.headers["Location"].partition("?")[0]
    note = {"action": "written", "kind": "paper", "line": "civil_affairs", "text": "户口簿原件"}
    assert site.sign_in("worker1").post(there, data=note).status_code == 303

    b = site.sign_in("worker2")
    assert "由 worker2 顶岗" in text_of(b.get(f"{HUB}/cases/{case_id}").text)
    with site.store.read() as session:
        case = session.exec(select(CoverRow).where(CoverRow.line_id == "civil_affairs")).one()
        paper = session.exec(select(HandoverRow)).one()
        version = session.get_one(CaseRow, case_id).version
    stop = {"action": "withdraw", "reason": "居民不再申请", "version": str(version)}
    blocked = b.post(f"{HUB}/cases/{case_id}", data=stop)
    assert blocked.status_code == 409
    assert "请先在“交接”页确认" in text_of(blocked.text)

    hand_over = b.get(f"{HUB}/covers/{case.id}").text
    assert "户口簿原件" in hand_over
    refused = b.post(f"{HUB}/covers/{case.id}", data={f"paper-{paper.id}": "missing"})
    assert refused.status_code == 422
    assert "未收到的请写明情况" in refused.text
    assert b.post(f"{HUB}/covers/{case.id}", data={f"paper-{paper.id}": "received"}).status_code == 303
    assert b.post(f"{HUB}/cases/{case_id}", data=stop).status_code == 303

    assert b.post(f"{HUB}/cases/{case_id}/call", data={"text": "居民要加急"}).status_code == 303
    assert site.sign_in("worker1").post(f"{there}/end").status_code == 303
    shown = text_of(site.sign_in("worker1").get(there).text)
    assert "期间发生的事" in shown
    assert "居民要加急" in shown
    assert "居民要加急" in text_of(site.sign_in("worker1").get(f"{HUB}/calls").text)
    assert site.sign_in("worker1").post(there, data={"action": "back"}).status_code == 303
    assert "由 worker2 顶岗" not in text_of(b.get(f"{HUB}/cases/{case_id}").text)


def test_gap_is_shown_beside_the_field_with_what_to_do_and_nothing_typed_is_lost(
    site: World, act: Any, posts: Any
) -> None:
    with act("worker1") as ctx:
        monday = ctx.clock.today() + timedelta(days=30)
    assert enter(site, "hubadmin1", posts["worker2"], monday, monday).status_code == 303
    refused = enter(site, "hubadmin1", posts["worker1"], monday, monday + timedelta(days=1))
    assert refused.status_code == 422
    assert "由站点管理员指定第三人" in refused.text
    assert f'value="{monday.isoformat()}"' in refused.text
    assert "仍先登记" in refused.text
    still = enter(site, "hubadmin1", posts["worker1"], monday, monday, third=posts["approver1"])
    assert "仍先登记" in still.text  # the line of whom worker1 was to cover
    there = f"{HUB}/absences/{first_row(site, AbsenceRow).id}"
    third = {"action": "third", "third": posts["approver1"], "day": monday.isoformat()}
    assert site.sign_in("worker1").post(there, data=third).status_code == 422
    assert site.sign_in("hubadmin1").post(there, data=third).status_code == 303
    named = enter(site, "hubadmin1", posts["worker1"], monday, monday, third=posts["approver1"])
    assert named.status_code == 303
    also = enter(
        site, "worker1", posts["worker1"], monday + timedelta(days=2), monday + timedelta(days=1), even_uncovered="true"
    )
    assert "最后一天早于第一天" in also.text


def test_nobody_reads_the_hand_over_of_others(site: World, act: Any, posts: Any) -> None:
    with act("worker1") as ctx:
        today = ctx.clock.today()
    there = enter(site, "worker1", posts["worker1"], today, today).headers["Location"]
    cover = first_row(site, CoverRow)
    assert site.sign_in("reviewer1").get(there).status_code == 404
    assert site.sign_in("hubadmin1").get(there).status_code == 200
    assert site.sign_in("reviewer1").get(f"{HUB}/covers/{cover.id}").status_code == 404
    assert site.sign_in("worker21").get(there.replace("wutong", "yinxing")).status_code == 404
    assert site.sign_in("worker2").post(f"{HUB}/absences/{first_row(site, AbsenceRow).id}/end").status_code == 404


def test_desk_sign_is_open_to_the_hall_and_shows_who_covers(site: World, act: Any, posts: Any) -> None:
    with act("hubadmin1") as ctx:
        for line in ("civil_affairs", "social_security", "family_planning"):
            open_line(ctx, site.installed, line)
        today = ctx.clock.today()
    hall = site.app.test_client()
    calm = text_of(hall.get("/desk-sign/wutong").text)
    assert "worker1" in calm
    enter(site, "worker1", posts["worker1"], today, today)
    answer = hall.get("/desk-sign/wutong")
    assert "返岗" in text_of(answer.text)
    same = {"HX-Request": "true", "X-Poll": "1", "If-None-Match": answer.headers["ETag"]}
    assert hall.get("/desk-sign/wutong", headers=same).status_code == 304
    assert hall.get("/desk-sign/nowhere").status_code == 404


def test_roster_is_made_published_and_swapped(site: World, act: Any, posts: Any) -> None:
    with act("worker1") as ctx:
        month = (ctx.clock.today().replace(day=1) + timedelta(days=32)).replace(day=1)
    text, admin = f"{month:%Y-%m}", site.sign_in("hubadmin1")
    assert "还没有班表" in admin.get(f"{HUB}/roster?month={text}").text
    rule = {"action": "rule", "month": text, "least_work": "1", "least_off": "1", "seven_days": "true"}
    assert admin.post(f"{HUB}/roster", data=rule | {"least_work": "0"}).status_code == 422
    assert admin.post(f"{HUB}/roster", data=rule).status_code == 303
    assert admin.post(f"{HUB}/roster", data={"action": "make", "month": text}).status_code == 303
    assert "还没有班表" in site.sign_in("worker1").get(f"{HUB}/roster?month={text}").text  # not published
    assert admin.post(f"{HUB}/roster", data={"action": "publish", "month": text}).status_code == 303

    with site.store.read() as session:
        shifts = session.exec(select(ShiftRow).order_by(ShiftRow.day)).all()
    mine = next(one for one in shifts if one.worker_id == posts["worker1"])
    busy = {(one.worker_id, one.day) for one in shifts}
    free = next(name for name in ("worker2", "reviewer1", "approver1") if (posts[name], mine.day) not in busy)
    worker = site.sign_in("worker1")
    assert "worker1" in worker.get(f"{HUB}/roster?month={text}").text
    asked = {"shift": f"{mine.day.isoformat()} {mine.kind}", "to": posts[free], "month": text}
    assert worker.post(f"{HUB}/roster/swaps", data=asked).status_code == 303
    swap = first_row(site, SwapRow)
    page = f"{HUB}/roster/swaps/{swap.id}"
    assert admin.post(page, data={"action": "approve"}).status_code == 409  # not accepted yet
    assert worker.post(page, data={"action": "accept"}).status_code == 409  # not theirs to accept
    assert site.sign_in(free).post(page, data={"action": "accept"}).status_code == 303
    assert site.sign_in(free).post(page, data={"action": "approve"}).status_code == 409
    assert admin.post(page, data={"action": "refuse"}).status_code == 422
    assert admin.post(page, data={"action": "approve"}).status_code == 303
    with site.store.read() as session:
        query = select(ShiftRow.worker_id).where(ShiftRow.day == mine.day, ShiftRow.kind == mine.kind)
        assert session.exec(query).all() == [posts[free]]


def test_roster_keeps_clear_of_absences_and_counts_on(act: Any, posts: Any) -> None:
    with act("hubadmin1") as ctx:
        month = (ctx.clock.today().replace(day=1) + timedelta(days=32)).replace(day=1)
        set_rule(ctx, RosterRuleRow(hub_id="wutong", least_work=1, least_off=1))
        enter_absence(ctx, id_of(ctx, "worker1"), "training", days(month, month + timedelta(days=6)))
        make_month(ctx, month)
        made = ctx.session.exec(select(ShiftRow).where(ShiftRow.worker_id == posts["worker1"])).all()
        assert made
        assert min(one.day for one in made) > month + timedelta(days=6)
        publish_month(ctx, month)
        publish_month(ctx, month)


def test_absences_ask_as_often_for_one_as_for_three(site: World, act: Any, posts: Any) -> None:
    client, asked = site.sign_in("hubadmin1"), []
    for number in range(3):
        with act("hubadmin1") as ctx:
            day = ctx.clock.today() + timedelta(days=5 + number)
            enter_absence(ctx, posts["worker1"], "leave", days(day, day))
        client.get(f"{HUB}/absences")
        with Count(site) as counted:
            client.get(f"{HUB}/absences")
        asked.append(len(counted.statements))
    assert asked[0] == asked[2] <= 12, counted.statements


def test_suggested_posts_are_set_and_shown(site: World, act: Any) -> None:
    with act("hubadmin1") as ctx:
        for line in ("civil_affairs", "social_security"):
            open_line(ctx, site.installed, line)
        ids = {name: id_of(ctx, name) for name in ("worker1", "worker2")}
    admin = site.sign_in("hubadmin1")
    shown = admin.get(f"{HUB}/admin/posts?suggest=1").text
    assert shown.count(" selected") >= 4
    form = {"a-civil_affairs": ids["worker1"], "b-civil_affairs": ids["worker1"]}
    assert admin.post(f"{HUB}/admin/posts", data=form).status_code == 422
    form |= {"b-civil_affairs": ids["worker2"], "settles-civil_affairs": "true"}
    assert admin.post(f"{HUB}/admin/posts", data=form).status_code == 303
    with site.store.read() as session:
        row = session.exec(select(PostRow)).one()
        assert (row.a_worker_id, row.b_worker_id, row.may_settle) == (ids["worker1"], ids["worker2"], True)
    assert site.sign_in("worker1").get(f"{HUB}/admin/posts").status_code == 403
