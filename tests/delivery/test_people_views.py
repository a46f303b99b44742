"""Pages of those who look after deliveries: digest, differences, messages of nobody, several at once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from screens import Count, Stood, World, open_world, text_of
from sqlmodel import select

from workbench.delivery.models import DeliveryRow, DifferenceRow, OutcomeRow, ReconciliationRow
from workbench.settings import Settings
from workbench.store.engine import Store

GATEWAY = "civil_affairs.case_gateway"
NOW = datetime.now(UTC)


@pytest.fixture
def world(settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    opened = open_world(settings, store, monkeypatch, "delivery", "cases")
    yield opened
    opened.app.extensions["workbench"].store.close()


@pytest.fixture
def stood(world: World, act: Any) -> Stood:
    with act("worker1") as ctx:
        return world.stand(ctx)


def change(act: Any, delivery_id: str, **values: Any) -> None:
    with act("worker1") as ctx:
        row = ctx.session.get_one(DeliveryRow, delivery_id)
        for name, value in values.items():
            setattr(row, name, value)


def state_of(act: Any, delivery_id: str) -> tuple[str, str]:
    with act("worker1") as ctx:
        row = ctx.session.get_one(DeliveryRow, delivery_id)
        return row.state, row.reason


def add_difference(act: Any, stood: Stood, kind: str = "not-there") -> int:
    with act("hubadmin1") as ctx:
        case_no = ctx.session.get_one(DeliveryRow, stood.delivery).case_no
        about = {"platform_id": GATEWAY, "hub_id": ctx.hub.id, "delivery_id": stood.delivery, "case_no": case_no}
        row = DifferenceRow(kind=kind, ours="MZ1", theirs="MZ2", found_at=NOW, **about)
        ctx.session.add(row)
        run = {"began_at": NOW, "ended_at": NOW, "asked": 4, "same": 3, "missing": 1, "restored_after": NOW}
        ctx.session.add(ReconciliationRow(platform_id=GATEWAY, **run))
        ctx.session.flush()
        return row.id or 0


def test_digest_of_a_calm_day_says_so(world: World) -> None:
    page = text_of(world.sign_in("worker21").get("/h/yinxing/deliveries/digest").text)
    assert "没有需要处理的事" in page


def test_digest_names_what_stands_still_what_is_late_and_who_acts(world: World, act: Any, stood: Stood) -> None:
    change(act, stood.delivery, state="needs-people", reason="credentials", created_at=NOW - timedelta(days=2))
    add_difference(act, stood)
    for locale, words in (
        ("zh_CN", ("系统管理员", "等待过久", "账目不一致")),
        ("en", ("the system admin", "too long")),
    ):
        client = world.sign_in("hubadmin1", locale)
        with Count(world) as count:
            page = text_of(client.get("/h/wutong/deliveries/digest").text)
        assert all(word in page for word in words), page
        assert len(count.statements) <= 14


def test_board_marks_what_waits_too_long(world: World, act: Any, stood: Stood) -> None:
    assert "等待过久" not in world.sign_in("worker1").get("/h/wutong/platforms").text
    change(act, stood.delivery, created_at=NOW - timedelta(minutes=31))
    assert "等待过久" in world.sign_in("worker1").get("/h/wutong/platforms").text


def test_lost_parcel_is_sent_again_by_an_admin_only(world: World, act: Any, stood: Stood) -> None:
    change(act, stood.delivery, state="accepted", reference="MZ1")
    number = add_difference(act, stood)
    url = f"/h/wutong/deliveries/differences/{number}/send"
    assert "对方曾以MZ1收下" in text_of(world.sign_in("worker1").get("/h/wutong/deliveries/differences").text)
    assert world.sign_in("worker1").post(url).status_code == 403

    assert world.sign_in("hubadmin1").post(url).status_code == 303
    assert world.sign_in("hubadmin1").post(url).status_code == 303  # pressed twice

    assert state_of(act, stood.delivery) == ("waiting", "")


def test_all_that_is_lost_is_sent_again_at_once(world: World, act: Any, stood: Stood) -> None:
    change(act, stood.delivery, state="accepted", reference="MZ1")
    add_difference(act, stood)
    client = world.sign_in("hubadmin1", "en")
    page = client.get("/h/wutong/deliveries/differences").text
    assert "as if a backup had been put back" in page
    assert client.post("/h/wutong/deliveries/differences/all", data={"platform": GATEWAY}).status_code == 303
    assert state_of(act, stood.delivery) == ("waiting", "")


def test_difference_is_left_only_with_a_reason(world: World, act: Any, stood: Stood) -> None:
    number = add_difference(act, stood, "number")
    client, url = world.sign_in("hubadmin1"), f"/h/wutong/deliveries/differences/{number}/leave"
    assert client.post(url).status_code == 422
    assert client.post(url, data={"why": "对方补录"}).status_code == 303


def test_message_of_nobody_is_attached_or_put_away(world: World, act: Any, stood: Stood) -> None:
    with act("worker1") as ctx:
        case_no = ctx.session.get_one(DeliveryRow, stood.delivery).case_no
        common = {"platform_id": GATEWAY, "status": "accepted", "received_at": NOW, "proof": b"<ok/>"}
        rows = [OutcomeRow(message_id=name, reference=name, **common) for name in ("m1", "m2")]
        ctx.session.add_all(rows)
        ctx.session.flush()
        first, second = rows[0].id, rows[1].id
    client, url = world.sign_in("hubadmin1"), "/h/wutong/platforms/strays"
    wrong = client.post(f"{url}/{first}/attach", data={"case_no": "1", "outcome": str(first)})
    assert wrong.status_code == 422
    assert 'value="1"' in wrong.text
    assert client.post(f"{url}/{first}/attach", data={"case_no": case_no}).status_code == 303
    assert client.post(f"{url}/{second}/aside", data={"why": "对方测试"}).status_code == 303
    assert state_of(act, stood.delivery)[0] == "accepted"
    assert "没有" in text_of(client.get(url).text)


def test_several_are_held_released_and_sent_in_order(world: World, act: Any, stood: Stood) -> None:
    with act("worker1") as ctx:
        ids = list(ctx.session.exec(select(DeliveryRow.id).order_by(DeliveryRow.id)))
    client, url = world.sign_in("hubadmin1"), "/h/wutong/deliveries/many"
    assert client.post(url, data={"verb": "hold"}).status_code == 422
    for verb, expected in (("hold", ("parked", "held")), ("release", ("waiting", "")), ("resend", ("waiting", ""))):
        answer = client.post(url, data={"verb": verb, "id": ids, "state": "all"})
        assert "count=2" in answer.location
        assert state_of(act, ids[0]) == expected
    assert "已按受理先后处理2件" in client.get(answer.location).text


def test_stopped_ones_of_a_platform_are_sent_together(world: World, act: Any, stood: Stood) -> None:
    change(act, stood.delivery, state="needs-people", reason="broken-promise")
    client = world.sign_in("hubadmin1")
    page = client.get(f"/h/wutong/deliveries?state=needs-people&platform={GATEWAY}").text
    assert "再次报送此处停下的全部" in page
    client.post("/h/wutong/deliveries/many", data={"verb": "all", "platform": GATEWAY})
    assert state_of(act, stood.delivery) == ("waiting", "")


def test_delivery_goes_by_another_platform_of_its_line_only(world: World, act: Any, stood: Stood) -> None:
    client, url = world.sign_in("hubadmin1"), "/h/wutong/deliveries/many"
    for to, left in (("social_security.integrated", "left=1"), ("civil_affairs.two_allowances", "left=0")):
        answer = client.post(url, data={"verb": "reroute", "id": [stood.delivery], "to": to})
        assert left in answer.location, answer.location
    with act("worker1") as ctx:
        row = ctx.session.get_one(DeliveryRow, stood.delivery)
        assert (row.platform_id, row.state) == ("civil_affairs.two_allowances", "waiting")
        assert row.lane.startswith("civil_affairs.two_allowances:")


def test_delivery_that_may_have_arrived_is_not_rerouted(world: World, act: Any, stood: Stood) -> None:
    change(act, stood.delivery, in_doubt=True)
    data = {"verb": "reroute", "id": [stood.delivery], "to": "civil_affairs.two_allowances"}
    assert "left=1" in world.sign_in("hubadmin1").post("/h/wutong/deliveries/many", data=data).location
