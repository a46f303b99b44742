"""Break-glass: seen at once with a reason, told to the hub it is about, over by itself, ended by its admin."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from screens import NUMBER, World, give_role, open_world
from sqlmodel import select

from workbench.cases.models import CaseRow
from workbench.identity.emergency_models import EmergencyRow
from workbench.identity.models import AuditRow
from workbench.staff.models import GrantRow, WorkerRow
from workbench.store.clock import Clock
from workbench.store.context import Context
from workbench.store.engine import Store

Act = Callable[..., AbstractContextManager[Context]]
PAGE, REASON = "/h/yinxing/emergency", "居民晕倒，联系家属"


@pytest.fixture
def world(settings: Any, store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    opened = open_world(settings, store, monkeypatch, "people", "catalogue", "delivery", "cases", "desk", "admin")
    yield opened
    opened.app.extensions["workbench"].store.close()


@pytest.fixture
def case(world: World, act: Act) -> tuple[str, str, str]:
    """An accepted case of another hub than worker21's: its id, its number, its resident."""
    with act("worker1") as ctx:
        row = world.make_case(ctx, "MZ-001")
        return row.id, str(row.case_no), row.person_id


def acts(store: Store, person_id: str) -> list[tuple[str, str, str]]:
    with store.read() as session:
        rows = session.exec(select(AuditRow).where(AuditRow.person_id == person_id).order_by(AuditRow.id)).all()
        return [(row.action, row.hub_id, row.purpose) for row in rows if row.action.startswith("emergency")]


def test_a_case_of_another_hub_is_seen_told_and_over_by_itself(
    world: World, store: Store, act: Act, case: tuple[str, str, str]
) -> None:
    case_id, number, person_id = case
    asker, admin = world.sign_in("worker21"), world.sign_in("hubadmin1", "en")
    assert asker.get(f"/h/yinxing/people/{person_id}").status_code == 404
    opened = asker.post(PAGE, data={"number": number, "reason": REASON})
    assert opened.status_code == 303
    shown = asker.get(opened.location).text
    assert "测试甲" in shown
    assert NUMBER not in shown
    assert asker.get(f"/h/yinxing/people/{person_id}").status_code == 200
    assert asker.get(f"/h/yinxing/cases/{case_id}").status_code == 404  # to be read only, on its own page

    assert acts(store, person_id) == [
        ("emergency.open", "yinxing", REASON), ("emergency.open", "wutong", REASON),
        ("emergency.look", "yinxing", REASON), ("emergency.look", "wutong", REASON),
    ]  # fmt: skip
    assert "1 look in an emergency" in admin.get("/h/wutong/").text
    listed = admin.get("/h/wutong/admin/emergencies").text
    assert REASON in listed
    assert "测试甲" not in listed
    with store.read() as session:
        emergency_id = session.exec(select(EmergencyRow.id)).one()
    admin.post(f"/h/wutong/admin/emergencies/{emergency_id}/seen")
    assert "look in an emergency" not in admin.get("/h/wutong/").text

    with act() as ctx:
        row = ctx.session.get_one(EmergencyRow, emergency_id)
        assert row.seen_at is not None
        assert row.ends_at - row.begun_at == timedelta(minutes=60)
        row.ends_at = Clock().now()
    assert asker.get(opened.location).status_code == 404
    assert asker.get(f"/h/yinxing/people/{person_id}").status_code == 404


def test_an_admin_of_the_hub_ends_it_and_nobody_else_does(
    world: World, store: Store, case: tuple[str, str, str]
) -> None:
    asker = world.sign_in("worker21")
    opened, again = (asker.post(PAGE, data={"number": NUMBER, "reason": REASON}) for _press in range(2))
    assert opened.location.endswith(f"/people/{case[2]}")
    assert again.location == opened.location
    assert asker.get(opened.location).status_code == 200
    with store.read() as session:
        emergency_id = session.exec(select(EmergencyRow.id)).one()

    other = world.sign_in("worker2")
    assert other.post(f"/h/wutong/admin/emergencies/{emergency_id}/end").status_code == 403
    assert other.post(f"/h/wutong/emergency/{emergency_id}/end").status_code == 303  # their hub's, not theirs
    world.sign_in("hubadmin1").post(f"/h/wutong/admin/emergencies/{emergency_id}/end")
    assert asker.get(opened.location).status_code == 404
    assert [one[0] for one in acts(store, case[2])][-2:] == ["emergency.end", "emergency.end"]


def test_a_case_of_another_line_of_the_own_hub_is_seen_too(
    world: World, store: Store, act: Act, case: tuple[str, str, str]
) -> None:
    with act("hubadmin1") as ctx:
        who = ctx.session.exec(select(WorkerRow.id).where(WorkerRow.username == "worker2")).one()
        ctx.session.delete(ctx.session.exec(select(GrantRow).where(GrantRow.worker_id == who)).one())
        give_role(ctx, "worker2", "worker", "social_security")
    asker = world.sign_in("worker2")
    assert asker.get(f"/h/wutong/cases/{case[0]}").status_code == 403
    opened = asker.post("/h/wutong/emergency", data={"number": case[1], "reason": REASON})
    assert asker.get(opened.location).status_code == 200
    assert [one[:2] for one in acts(store, case[2])] == [("emergency.open", "wutong"), ("emergency.look", "wutong")]


@pytest.mark.parametrize(
    ("number", "reason"), [("", REASON), ("990101000000000000", REASON), (NUMBER, "看"), (NUMBER, "")]
)
def test_without_a_reason_or_a_number_nothing_opens_and_nothing_typed_is_lost(
    world: World, store: Store, case: tuple[str, str, str], number: str, reason: str
) -> None:
    answer = world.sign_in("worker21").post(PAGE, data={"number": number, "reason": reason})
    assert answer.status_code == 422
    assert number in answer.text
    with store.read() as session:
        assert session.exec(select(EmergencyRow)).first() is None


def test_whoever_may_see_it_anyway_is_led_there_without_an_emergency(
    world: World, store: Store, case: tuple[str, str, str]
) -> None:
    answer = world.sign_in("worker2").post("/h/wutong/emergency", data={"number": case[1], "reason": REASON})
    assert answer.location.endswith(f"/cases/{case[0]}")
    with store.read() as session:
        assert session.exec(select(EmergencyRow)).first() is None
        assert session.get(CaseRow, case[0]) is not None
