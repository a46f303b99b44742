"""The home page: by due day, for the role, with a constant number of queries."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from screens import Count, text_of
from sqlmodel import select

from workbench.catalogue.loaded import catalogue
from workbench.delivery.models import DeliveryRow, PlatformRow
from workbench.people.models import PersonRow
from workbench.reception.draft import begin

#: Session, hub, platforms, parked forms, calendar, what waits, counts, open cases, corrections, stopped, decisions.
HOME_QUERIES = 12


@pytest.mark.parametrize("who", ["worker1", "reviewer1", "approver1", "hubadmin1", "sysadmin"])
@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_home_opens_for_every_role(world, who, locale) -> None:
    answer = world.sign_in(who, locale).get("/h/wutong/")
    assert answer.status_code == 200
    assert answer.text.count("<h1") == 1


@pytest.mark.parametrize("who", ["worker1", "reviewer1", "approver1", "hubadmin1", "sysadmin"])
def test_home_leads_nobody_to_a_closed_door(world, act, who) -> None:
    with act() as ctx:
        world.make_case(ctx, "MZ-001")
    client = world.sign_in(who)
    ways = set(re.findall(r'href="(/h/[^"#]*)', client.get("/h/wutong/").text))
    assert ways
    assert {way: code for way in sorted(ways) if (code := client.get(unescape(way)).status_code) >= 400} == {}


def test_home_of_another_hub_is_not_there(world) -> None:
    assert world.sign_in("worker21").get("/h/wutong/").status_code == 404


def test_home_shows_my_cases_by_due_day_with_words(world, act) -> None:
    with act() as ctx:
        today = ctx.clock.today()
        world.make_case(ctx, "MZ-001", due_on=today + timedelta(days=90), title_en="Later one")
        world.make_case(ctx, "MZ-004", due_on=date(2026, 1, 5), title_en="Overdue one")
    page = text_of(world.sign_in("worker1", "en").get("/h/wutong/").text)
    assert page.index("Overdue one") < page.index("Later one")
    assert "Overdue ·" in page


def test_home_of_a_colleague_does_not_show_my_cases(world, act) -> None:
    with act() as ctx:
        world.make_case(ctx, "MZ-001", title_en="Mine alone")
    assert "Mine alone" not in world.sign_in("worker2", "en").get("/h/wutong/").text


def test_home_pages_through_open_cases(world, act) -> None:
    with act() as ctx:
        for number in range(22):
            world.make_case(ctx, "MZ-001", title_en=f"Case {number:02d}", due_on=date(2026, 12, 1) + timedelta(number))
    client = world.sign_in("worker1", "en")
    first = client.get("/h/wutong/").text
    assert ("Case 19" in first, "Case 20" in first) == (True, False)
    onwards = first.partition('rel="next" href="')[2].partition('"')[0]
    second = client.get(onwards.replace("&amp;", "&")).text
    assert ("Case 19" in second, "Case 20" in second, "Case 21" in second) == (False, True, True)


@pytest.mark.parametrize("cases", [1, 3])
def test_home_asks_as_often_for_one_case_as_for_three(world, act, cases) -> None:
    with act() as ctx:
        for code in ("MZ-001", "MZ-004", "MZ-015")[:cases]:
            case = world.make_case(ctx, code)
            case.state = "correction"
    client = world.sign_in("worker1")
    client.get("/h/wutong/")
    world.app.extensions.pop("workbench.platform_health")
    with Count(world) as count:
        assert client.get("/h/wutong/").status_code == 200
    assert len(count.statements) == HOME_QUERIES, count.statements


def test_frame_asks_twice_at_most(world) -> None:
    client = world.sign_in("worker1")
    client.get("/h/wutong/search")
    world.app.extensions.pop("workbench.platform_health")
    with Count(world) as count:
        client.get("/h/wutong/search")
    assert len(count.statements) == 3, count.statements  # session with its hub, and the frame's two


def test_polled_lists_come_only_when_changed(world, act) -> None:
    client = world.sign_in("worker1")
    page = client.get("/h/wutong/").text
    seen = page.partition('name="seen" value="')[2].partition('"')[0]
    hx = {"HX-Request": "true"}
    assert client.get(f"/h/wutong/?seen={seen}", headers=hx).status_code == 204
    assert client.get("/h/wutong/", headers=hx | {"If-None-Match": f'W/"{seen}"'}).status_code == 304
    with act() as ctx:
        world.make_case(ctx, title_en="New one")
    fresh = client.get(f"/h/wutong/?seen={seen}", headers=hx)
    assert fresh.status_code == 200
    assert "<html" not in fresh.text


def test_needs_people_shows_what_the_worker_can_settle(world, act) -> None:
    with act() as ctx:
        case = world.make_case(ctx, "MZ-001")
        row = ctx.session.exec(select(DeliveryRow).where(DeliveryRow.case_id == case.id)).first()
        row.state, row.reason = "needs-people", "outcome-unknown"
        number, delivery_id = case.case_no, row.id
    page = world.sign_in("worker1", "en").get("/h/wutong/").text
    assert f"/deliveries/{delivery_id}/unknown" in page
    assert number in page


def test_banner_names_the_platform_that_is_down_and_what_to_do(world, act) -> None:
    with act() as ctx:
        row = PlatformRow(platform_id="civil_affairs.case_gateway", health="down", since=ctx.clock.now())
        ctx.session.add(row)
    page = text_of(world.sign_in("worker1", "en").get("/h/wutong/").text)
    assert "Civil affairs case gateway has not answered since" in page
    assert "accept as usual" in page


def test_parked_forms_are_tabs_of_their_worker_only(world, act, register) -> None:
    with act() as ctx:
        person_id = register(ctx)
        item = catalogue(world.installed).find("MZ-004", ctx.hub.division, ctx.clock.today())
        begin(ctx, item, ctx.session.get(PersonRow, person_id))
    assert 'data-key="Alt+1"' in world.sign_in("worker1").get("/h/wutong/search").text
    assert 'data-key="Alt+1"' not in world.sign_in("worker2").get("/h/wutong/search").text


def test_navigation_holds_only_what_the_role_may_open(world) -> None:
    mine = world.sign_in("worker1").get("/h/wutong/").text
    admins = world.sign_in("hubadmin1").get("/h/wutong/").text
    assert ("/people/new" in mine, "/people/new" in admins) == (True, False)
    assert 'name="q"' not in admins


def test_reviewer_sees_what_waits_for_review(world, act) -> None:
    with act() as ctx:
        world.make_case(ctx, "MZ-001", title_en="Waits for review")
    page = text_of(world.sign_in("reviewer1", "en").get("/h/wutong/").text)
    assert "To review" in page
    assert "Waits for review" in page
