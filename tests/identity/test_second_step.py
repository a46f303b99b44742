"""A password alone opens nothing to an admin; what an admin gave as a password ends by itself."""

from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest
from conftest import Act
from screens import World, text_of
from sqlmodel import select

from workbench.identity.passwords import hash_password
from workbench.staff.models import WorkerRow
from workbench.staff.workers import GIVEN_LASTS, set_password

PASSWORD = "four horses on a table"


def give_password(act: Act, username: str, **changed: object) -> None:
    with act(username) as ctx:
        row = ctx.session.exec(select(WorkerRow).where(WorkerRow.username == username)).one()
        row.password_hash = hash_password(PASSWORD)
        for name, value in changed.items():
            setattr(row, name, value)


def demand_of(world: World, who: str) -> None:
    shop = world.app.extensions["workbench"]
    world.app.extensions["workbench"] = replace(shop, settings=replace(shop.settings, second_step=who))


@pytest.mark.parametrize("username", ["hubadmin1", "sysadmin"])
def test_an_admin_sets_a_second_step_up_before_anything_opens(world: World, act: Act, username: str) -> None:
    give_password(act, username)
    client = world.app.test_client()
    entered = client.post("/sign-in", data={"username": username, "password": PASSWORD})
    assert entered.status_code == 303
    for path in ("/", "/h/wutong/admin/workers", "/account", "/h/wutong/admin/rights"):
        assert client.get(path).headers["Location"].endswith("/account/second-step")
    assert client.post("/account/password", data={}).headers["Location"].endswith("/account/second-step")
    assert client.get("/sign-in").status_code == 200
    assert "开始前还有一步" in text_of(client.get("/account/second-step").text)

    shown = client.post("/account/code/new").text
    secret = shown.split("summary__row")[1].split("<dd>")[1].split("</dd>")[0].strip().replace(" ", "")
    wrong = client.post("/account/code", data={"code": "000000"})
    assert wrong.status_code == 422
    assert client.get("/account").headers["Location"].endswith("/account/second-step")
    now = world.app.extensions["workbench"].clock.now()
    assert client.post("/account/code", data={"code": pyotp.TOTP(secret).at(now)}).status_code == 303
    assert client.get("/account").status_code == 200

    again = world.app.test_client().post("/sign-in", data={"username": username, "password": PASSWORD})
    assert again.headers["Location"].endswith("/sign-in/code")


@pytest.mark.parametrize(
    ("username", "demanded", "spared", "is_asked"),
    [
        ("worker1", "admins", False, False),
        ("worker1", "everybody", False, True),
        ("hubadmin1", "admins", True, False),
        ("hubadmin1", "everybody", True, True),
        ("hubadmin1", "nobody", False, False),
    ],
)
def test_it_is_demanded_of_those_the_setting_names(
    world: World, act: Act, username: str, demanded: str, spared: bool, is_asked: bool
) -> None:
    give_password(act, username, spares_second_step=spared)
    demand_of(world, demanded)
    client = world.app.test_client()
    client.post("/sign-in", data={"username": username, "password": PASSWORD})
    assert client.get("/account").status_code == (303 if is_asked else 200)


def test_a_password_an_admin_gave_ends_by_itself(world: World, act: Act) -> None:
    with act("hubadmin1") as ctx:
        row = ctx.session.exec(select(WorkerRow).where(WorkerRow.username == "worker1")).one()
        set_password(ctx, row.id, hash_password(PASSWORD))
        assert row.password_ends_at > ctx.clock.now() + GIVEN_LASTS - timedelta(minutes=1)
    client = world.app.test_client()
    assert client.post("/sign-in", data={"username": "worker1", "password": PASSWORD}).status_code == 303
    give_password(act, "worker1", password_ends_at=world.app.extensions["workbench"].clock.now())
    late = world.app.test_client().post("/sign-in", data={"username": "worker1", "password": PASSWORD})
    assert (late.status_code, "初始密码已过期" in text_of(late.text)) == (422, True)
    new = {"old_password": PASSWORD, "new_password": "seven quiet rivers in winter"}
    assert client.post("/account/password", data=new).status_code == 303
    with act("worker1") as ctx:
        row = ctx.session.exec(select(WorkerRow).where(WorkerRow.username == "worker1")).one()
        assert row.password_ends_at is None
