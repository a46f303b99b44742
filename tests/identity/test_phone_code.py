"""The second step: a code of the phone after the password, each code once."""

from datetime import datetime, timedelta
from typing import Any

import pyotp
import pytest
from screens import World, text_of

from workbench.identity.phone_code import check_code, has_code, new_secret, set_up
from workbench.identity.sessions import COOKIE
from workbench.store.problems import Problem


def code_at(secret: str, ctx: Any, seconds: int = 0) -> str:
    return pyotp.TOTP(secret).at(int(ctx.clock.now().timestamp()) + seconds)


def test_a_code_counts_once_and_only_near_its_time(act: Any) -> None:
    secret = new_secret()
    with act() as ctx:
        began, worker = ctx.clock.now(), ctx.actor.id
        now = began + timedelta(seconds=30)

        def at(moment: datetime) -> str:
            return pyotp.TOTP(secret).at(moment)

        set_up(ctx, secret, at(began))

        assert check_code(ctx.session, worker, at(now), now)
        assert not check_code(ctx.session, worker, at(now), now)
        assert not check_code(ctx.session, worker, at(began), now)
        assert not check_code(ctx.session, worker, at(now + timedelta(seconds=90)), now)
        assert check_code(ctx.session, worker, at(now + timedelta(seconds=30)), now + timedelta(seconds=30))


def test_set_up_needs_a_right_code(act: Any) -> None:
    with act() as ctx:
        for typed in ("000000 ", "", "١٢٣٤٥٦", "12345", "abcdef"):
            with pytest.raises(Problem) as problem:
                set_up(ctx, "A" * 32, typed if typed.strip() != pyotp.TOTP("A" * 32).now() else "1")
            assert problem.value.field == "code"
        assert not has_code(ctx.session, ctx.actor.id)


def test_password_alone_does_not_let_in_once_a_code_is_set_up(world: World, act: Any, with_password: str) -> None:
    secret = new_secret()
    with act() as ctx:
        set_up(ctx, secret, code_at(secret, ctx))
    browser = world.app.test_client()

    answer = browser.post("/sign-in", data={"username": "worker1", "password": with_password, "next": "/account"})
    assert answer.location == "/sign-in/code"
    assert browser.get_cookie(COOKIE) is None

    wrong = browser.post("/sign-in/code", data={"code": "00000"})
    assert wrong.status_code == 422
    assert "验证码不正确" in text_of(wrong.text)

    with act() as ctx:
        code = code_at(secret, ctx, 30)  # the one after that which set it up
    right = browser.post("/sign-in/code", data={"code": code})
    assert right.location == "/account"
    assert browser.get("/account").status_code == 200
    assert browser.post("/sign-in/code", data={"code": code}).location == "/sign-in"


def test_the_page_sets_a_code_up_and_takes_it_away(world: World, act: Any) -> None:
    browser = world.sign_in("worker1")
    shown = browser.post("/account/code/new")
    secret = text_of(shown.text).split("或手工输入此密钥")[1][:50].strip().replace(" ", "")[:32]

    assert browser.post("/account/code", data={"code": "1"}).status_code == 422
    with act() as ctx:
        codes = [code_at(secret, ctx), code_at(secret, ctx, 30)]  # both good for half a minute from now
    assert browser.post("/account/code", data={"code": codes[0]}).location.endswith("done=code")
    assert browser.post("/account/code/remove", data={"code": codes[0]}).status_code == 422
    assert browser.post("/account/code/remove", data={"code": codes[1]}).location.endswith("done=code-gone")
