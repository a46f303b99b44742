"""The list of deliveries, the platform board and stray messages: words for everything, constant queries."""

from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from screens import Count, Stood, World, open_world, text_of
from sqlmodel import select

from workbench.delivery.event_words import EVENTS, event_words, said
from workbench.delivery.models import STATES, DeliveryRow, OutcomeRow, PlatformRow
from workbench.identity.models import AuditRow
from workbench.settings import Settings
from workbench.store.engine import Store

GATEWAY = "civil_affairs.case_gateway"


@pytest.fixture
def world(settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    opened = open_world(settings, store, monkeypatch, "delivery", "cases")
    yield opened
    opened.app.extensions["workbench"].store.close()


@pytest.fixture
def stood(world: World, act: Any) -> Stood:
    with act("worker1") as ctx:
        return world.stand(ctx)


def state_of(act: Any, stood: Stood) -> tuple[str, str]:
    with act("worker1") as ctx:
        row = ctx.session.get_one(DeliveryRow, stood.delivery)
        return row.state, row.reason


def test_list_says_where_each_delivery_stands_and_who_acts(world: World, stood: Stood) -> None:
    page = text_of(world.sign_in("worker1").get("/h/wutong/deliveries").text)
    assert "等待报送到民政业务协同网关" in page
    assert "由谁办理： 系统" in page
    english = text_of(world.sign_in("worker1", "en").get("/h/wutong/deliveries").text)
    assert "Waiting to be sent to Civil affairs case gateway" in english


def test_list_filters_by_state_and_platform(world: World, act: Any, stood: Stood) -> None:
    client = world.sign_in("worker1")
    with act("worker1") as ctx:
        ctx.session.get_one(DeliveryRow, stood.delivery).state = "accepted"
    assert client.get("/h/wutong/deliveries?state=open").text.count("data-row>") == 1
    assert client.get("/h/wutong/deliveries?state=with-department").text.count("data-row>") == 1
    assert client.get("/h/wutong/deliveries?state=all").text.count("data-row>") == 2
    assert client.get(f"/h/wutong/deliveries?state=all&platform={GATEWAY}").text.count("data-row>") == 1
    assert client.get("/h/wutong/deliveries?state=refused").text.count("data-row>") == 0


def test_list_pages_through_all_rows_once(
    world: World, act: Any, stood: Stood, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.delivery.views.PAGE", 2)
    with act("worker1") as ctx:
        world.make_case(ctx)
        ids = set(ctx.session.exec(select(DeliveryRow.case_id)).all())
    client, url, rows = world.sign_in("worker1"), "/h/wutong/deliveries?state=all", 0
    while url:
        page = client.get(url).text
        rows += page.count("data-row>")
        found = page.split('rel="next" href="')
        url = found[1].split('"')[0].replace("&amp;", "&") if len(found) > 1 else ""
    assert rows == 4
    assert len(ids) == 2


@pytest.mark.parametrize("state", STATES)
def test_list_draws_every_state(world: World, act: Any, stood: Stood, state: str) -> None:
    with act("worker1") as ctx:
        ctx.session.get_one(DeliveryRow, stood.delivery).state = state
    for locale in ("zh_CN", "en"):
        assert world.sign_in("hubadmin1", locale).get(f"/h/wutong/deliveries?state={state}").status_code == 200


def test_other_hubs_deliveries_are_not_listed(world: World, stood: Stood) -> None:
    assert "data-row>" not in world.sign_in("worker21").get("/h/yinxing/deliveries?state=all").text


def test_admin_holds_releases_and_sends_again(world: World, act: Any, stood: Stood) -> None:
    client, url = world.sign_in("hubadmin1"), f"/h/wutong/deliveries/{stood.delivery}"
    assert client.post(f"{url}/hold", data={"state": "open"}).status_code == 303
    assert state_of(act, stood) == ("parked", "held")
    assert "放行" in client.get("/h/wutong/deliveries").text
    assert client.post(f"{url}/release").status_code == 303
    assert state_of(act, stood) == ("waiting", "")
    assert client.post(f"{url}/resend").status_code == 303
    late = client.post(f"{url}/release")
    assert late.status_code == 409
    assert "这件报送的状态刚刚变了" in late.text


def test_worker_sees_no_admin_buttons_and_may_not_press_them(world: World, act: Any, stood: Stood) -> None:
    assert f"{stood.delivery}/hold" not in world.sign_in("worker1").get("/h/wutong/deliveries").text
    assert f"{stood.delivery}/hold" in world.sign_in("hubadmin1").get("/h/wutong/deliveries").text
    assert world.sign_in("worker1").post(f"/h/wutong/deliveries/{stood.delivery}/hold").status_code == 403
    assert state_of(act, stood)[0] == "waiting"


def test_admin_of_no_hub_here_cannot_touch_it(world: World, stood: Stood) -> None:
    assert world.sign_in("hubadmin1").post(f"/h/yinxing/deliveries/{stood.delivery}/hold").status_code == 404


def test_admin_is_led_to_no_resident(world: World, stood: Stood) -> None:
    assert f"/cases/{stood.case}" not in world.sign_in("hubadmin1").get("/h/wutong/deliveries").text
    assert f"/cases/{stood.case}" in world.sign_in("worker1").get("/h/wutong/deliveries").text


def test_board_lists_every_platform_and_the_sick_one_first_with_advice(world: World, act: Any, stood: Stood) -> None:
    with act("worker1") as ctx:
        now = ctx.clock.now()
        sick = PlatformRow(platform_id=GATEWAY, health="down", since=now, closed_until=now)
        sick.closed_reason, sick.detail = "platform-down", "connection refused"
        ctx.session.add(sick)
    page = unescape(text_of(world.sign_in("worker1", "en").get("/h/wutong/platforms").text))
    assert "The civil affairs gateway is down: accept as usual" in page
    assert "cannot be reached" in page
    assert page.index("Civil affairs case gateway") < page.index("Household means check")
    for platform in world.installed.platforms:
        assert platform.manifest is None or platform.manifest.name_en in page


def test_board_answers_304_until_something_changes(world: World, act: Any, stood: Stood) -> None:
    client, htmx = world.sign_in("worker1"), {"HX-Request": "true"}
    first = client.get("/h/wutong/platforms", headers=htmx)
    assert "<html" not in first.text
    seen = htmx | {"If-None-Match": first.headers["ETag"]}
    assert client.get("/h/wutong/platforms", headers=seen).status_code == 304
    with act("worker1") as ctx:
        ctx.session.add(PlatformRow(platform_id=GATEWAY, health="up"))
    assert client.get("/h/wutong/platforms", headers=seen).status_code == 200


def test_board_and_list_ask_a_constant_number_of_queries(world: World, act: Any, stood: Stood) -> None:
    client = world.sign_in("worker1")
    for url in ("/h/wutong/platforms", "/h/wutong/deliveries?state=all"):
        client.get(url)
        with Count(world) as few:
            client.get(url)
        with act("worker1") as ctx:
            for _ in range(10):
                world.make_case(ctx)
        with Count(world) as many:
            client.get(url)
        assert len(many.statements) == len(few.statements) <= 10


def test_stray_messages_are_told_on_the_board_and_listed_without_what_they_say(
    world: World, act: Any, stood: Stood
) -> None:
    with act("worker1") as ctx:
        ctx.session.add(
            OutcomeRow(
                platform_id=GATEWAY,
                message_id="M-1",
                parcel_key="NOT-OURS",
                status="granted",
                reference="MZ-9",
                text="测试乙准予",
                received_at=ctx.clock.now(),
            )
        )
    client = world.sign_in("worker1")
    assert "对不上我方报送的有： 1" in text_of(client.get("/h/wutong/platforms").text)
    page = client.get("/h/wutong/platforms/strays").text
    assert "NOT-OURS" in page
    assert "测试乙" not in page
    with act("worker1") as ctx:
        assert ctx.session.exec(select(AuditRow).where(AuditRow.action == "delivery.strays")).all()


def test_every_state_of_a_delivery_has_an_event_word() -> None:
    assert set(EVENTS) == set(STATES)
    assert event_words("something new")[0] == "something new"


def test_own_texts_are_told_in_chinese_and_others_stay_as_said() -> None:
    assert said("sent again by Li") == ("再次报送", "Sent again by Li")
    assert said("材料不齐") == ("材料不齐", "材料不齐")
