"""Accounts at platforms: kept sealed, warned of in time, shown without their secret, forgotten by their owner only."""

from datetime import timedelta
from typing import Any

import pytest
from screens import World, text_of
from sqlmodel import select

from workbench.delivery.health import ensure_platforms
from workbench.delivery.models import PlatformRow
from workbench.identity.vault import WARN, accounts_of, forget_account, keep_account, take_account
from workbench.identity.vault_models import CredentialRow
from workbench.store.problems import Problem

PLATFORM = "disability_federation.national"


def keep(ctx: Any, days: int | None = None, **changed: Any) -> None:
    ends = ctx.clock.today() + timedelta(days=days) if days is not None else None
    keep_account(ctx, PLATFORM, **{"username": "u1", "secret": "p1", "expires_on": ends} | changed)


@pytest.mark.parametrize(("days", "trouble"), [(None, ""), (15, ""), (14, "soon"), (0, "soon")])
def test_its_end_is_told_two_weeks_before(act: Any, days: int | None, trouble: str) -> None:
    with act("hubadmin1") as ctx:
        keep(ctx, days)
        assert [one.trouble for one in accounts_of(ctx)] == [trouble]
    assert timedelta(days=14) == WARN


def test_what_is_over_is_not_used(act: Any) -> None:
    with act("hubadmin1") as ctx:
        keep(ctx, 0)
        ctx.session.exec(select(CredentialRow)).one().expires_on = ctx.clock.today() - timedelta(days=1)
        ctx.session.flush()
        assert take_account(ctx, PLATFORM, "", why="test") is None
        assert [one.trouble for one in accounts_of(ctx)] == ["over"]


def test_a_blank_secret_keeps_the_old_one(act: Any) -> None:
    with act("hubadmin1") as ctx:
        keep(ctx)
        keep(ctx, username="u2", secret="")
        account = take_account(ctx, PLATFORM, "", why="test")
        assert account is not None
        assert (account.username, account.secret) == ("u2", "p1")
        assert "p1" not in repr(account)


@pytest.mark.parametrize(("changed", "field"), [({"username": " "}, "username"), ({"secret": ""}, "secret")])
def test_what_is_missing_is_said_beside_the_field(act: Any, changed: dict[str, str], field: str) -> None:
    with act("hubadmin1") as ctx, pytest.raises(Problem) as wrong:
        keep(ctx, **changed)
    assert wrong.value.field == field


def test_only_its_owner_forgets_an_account(act: Any) -> None:
    with act("worker1") as ctx:
        keep(ctx, worker_id=ctx.actor.id)
        (account,) = accounts_of(ctx)
        forget_account(ctx, account.id)  # as the hub's
        forget_account(ctx, account.id, worker_id="another")
        assert len(accounts_of(ctx)) == 1
    with act("worker1", "yinxing") as ctx:
        forget_account(ctx, account.id, worker_id=ctx.actor.id)
    with act("worker1") as ctx:
        forget_account(ctx, account.id, worker_id=ctx.actor.id)
        forget_account(ctx, account.id, worker_id=ctx.actor.id)
        assert accounts_of(ctx) == []


def test_the_pages_take_a_secret_in_and_never_give_it_out(world: World, act: Any) -> None:
    worker, admin = world.sign_in("worker1"), world.sign_in("hubadmin1")
    assert "没有平台需要您本人的账号" in text_of(worker.get("/h/wutong/accounts").text)
    with act("sysadmin") as ctx:
        ensure_platforms(ctx.session, [PLATFORM])
        ctx.session.get_one(PlatformRow, PLATFORM).settings = {"accounts": "worker"}
        today = ctx.clock.today()
    form = {"platform_id": PLATFORM, "username": "li.ming", "secret": "topsecret1", "expires_on": today.isoformat()}

    assert worker.post("/h/wutong/accounts", data=form | {"username": ""}).status_code == 422
    assert "topsecret1" not in worker.post("/h/wutong/accounts", data=form | {"username": ""}).text
    assert worker.post("/h/wutong/accounts", data=form | {"expires_on": "soon"}).status_code == 422
    assert worker.post("/h/wutong/accounts", data=form | {"platform_id": "other"}).status_code == 422
    assert worker.post("/h/wutong/accounts", data=form).status_code == 303
    page = worker.get("/h/wutong/accounts").text
    assert ("li.ming" in page, "topsecret1" in page) == (True, False)
    assert "即将到期" in text_of(page)
    assert "即将到期" in text_of(worker.get("/", follow_redirects=True).text)

    assert admin.get("/h/wutong/accounts").status_code == 403
    assert "li.ming" not in admin.get("/h/wutong/hub-accounts").text
    assert worker.get("/h/wutong/hub-accounts").status_code == 403
    account = page.split("/accounts/")[1].split("/forget")[0]
    assert admin.post(f"/h/wutong/hub-accounts/{account}/forget").status_code == 303
    assert "li.ming" in worker.get("/h/wutong/accounts").text
    assert worker.post(f"/h/wutong/accounts/{account}/forget").status_code == 303
    assert "li.ming" not in worker.get("/h/wutong/accounts").text
