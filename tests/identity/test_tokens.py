"""Tokens for machines: shown once, valid until ended or expired, bound to their hub."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from sqlmodel import select

from workbench.identity.models import ApiTokenRow
from workbench.identity.tokens import allows, end_token, find_token, list_tokens, make_token
from workbench.store.context import Context
from workbench.store.problems import Problem

Act = Callable[..., AbstractContextManager[Context]]


def test_make_token_keeps_only_a_digest(act: Act) -> None:
    with act("hubadmin1") as ctx:
        token = make_token(ctx, " 监控 ", ["metrics", "metrics"], None)
        row = ctx.session.exec(select(ApiTokenRow)).one()

        assert (row.name, row.scopes, row.hub_id, row.created_by) == ("监控", "metrics", "wutong", ctx.actor.id)
        assert token.startswith("wb_")
        assert token.encode() not in row.token_digest
        assert find_token(ctx.session, token, ctx.clock.now()) == row
        assert allows(row, "metrics")
        assert not allows(row, "metric")


def test_find_token_knows_no_other_text(act: Act) -> None:
    with act("hubadmin1") as ctx:
        token = make_token(ctx, "监控", ["metrics"], None)

        assert find_token(ctx.session, token + "x", ctx.clock.now()) is None
        assert find_token(ctx.session, "", ctx.clock.now()) is None


def test_a_token_ends_by_its_day(act: Act) -> None:
    with act("hubadmin1") as ctx:
        ends = ctx.clock.now() + timedelta(days=1)
        token = make_token(ctx, "监控", ["metrics"], ends)

        assert find_token(ctx.session, token, ends - timedelta(seconds=1)) is not None
        assert find_token(ctx.session, token, ends) is None


def test_end_token_is_at_once_and_safe_twice(act: Act) -> None:
    with act("hubadmin1") as ctx:
        token = make_token(ctx, "监控", ["metrics"], None)
        (row,) = list_tokens(ctx.session, "wutong")
        ended = end_token(ctx, row.id).ended_at

        assert find_token(ctx.session, token, ctx.clock.now()) is None
        assert end_token(ctx, row.id).ended_at == ended


def test_another_hub_neither_sees_nor_ends_it(act: Act) -> None:
    with act("hubadmin1") as ctx:
        make_token(ctx, "监控", ["metrics"], None)
        token_id = list_tokens(ctx.session, "wutong")[0].id
    with act("sysadmin", hub="yinxing") as ctx:
        assert list_tokens(ctx.session, "yinxing") == []
        with pytest.raises(Problem, match="token_unknown"):
            end_token(ctx, token_id)


@pytest.mark.parametrize(
    ("name", "scopes", "days", "field"),
    [
        ("", ["metrics"], 1, "name"),
        ("监控", [], 1, "scopes"),
        ("监控", ["all"], 1, "scopes"),
        ("监控", ["metrics"], -1, "expires"),
    ],
)
def test_make_token_says_what_is_wrong(act: Act, name: str, scopes: list[str], days: int, field: str) -> None:
    with act("hubadmin1") as ctx, pytest.raises(Problem) as caught:
        make_token(ctx, name, scopes, ctx.clock.now() + timedelta(days=days))

    assert caught.value.field == field
