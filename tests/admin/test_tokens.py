"""The page of tokens: shown once, ended at once."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from workbench.identity.models import ApiTokenRow, AuditRow
from workbench.identity.tokens import find_token
from workbench.store.engine import Store

PAGE = "/h/wutong/admin/tokens"


def test_a_token_is_shown_once_and_ended_at_once(sign_in: Callable[..., Any], store: Store) -> None:
    screen = sign_in()
    screen.get(PAGE)
    text = screen.send(PAGE, name="monitoring", scopes="metrics", expires="")
    token = re.search(r'class="done__number">([^<]+)<', text)
    assert token
    assert token[1] not in screen.read(PAGE)
    with store.read() as session:
        row = find_token(session, token[1], datetime.now(UTC))
        assert row is not None
    assert "The token is ended." in screen.send(f"{PAGE}/{row.id}/end")
    with store.read() as session:
        assert find_token(session, token[1], datetime.now(UTC)) is None
        trail = select(AuditRow).where(AuditRow.subject == "token:monitoring").order_by(AuditRow.id)
        acts = session.exec(trail).all()
    assert [act.action for act in acts] == ["token.make", "token.end"]
    assert token[1] not in str([act.detail for act in acts])


def test_a_token_lasts_through_its_last_day(sign_in: Callable[..., Any], store: Store) -> None:
    screen = sign_in()
    screen.get(PAGE)
    last = (datetime.now(UTC) + timedelta(days=3)).date()
    screen.send(PAGE, name="monitoring", scopes="metrics", expires=last.isoformat())
    with store.read() as session:
        row = session.exec(select(ApiTokenRow)).one()

    assert row.expires_at == datetime(last.year, last.month, last.day, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"name": "", "scopes": "metrics"}, "name"),
        ({"name": "a"}, "scopes"),
        ({"name": "a", "scopes": "all"}, "scopes"),
        ({"name": "a", "scopes": "metrics", "expires": "soon"}, "expires"),
        ({"name": "a", "scopes": "metrics", "expires": "2020-01-01"}, "expires"),
    ],
)
def test_a_wrong_form_makes_no_token(
    sign_in: Callable[..., Any], store: Store, form: dict[str, str], field: str
) -> None:
    screen = sign_in()
    screen.get(PAGE)
    answer = screen.post(PAGE, **form)

    assert answer.status_code == 422
    assert f'href="#f-{field}"' in answer.get_data(as_text=True)
    with store.read() as session:
        assert session.exec(select(ApiTokenRow)).all() == []


def test_a_token_of_another_hub_cannot_be_ended_here(sign_in: Callable[..., Any], store: Store) -> None:
    screen = sign_in("sysadmin")
    screen.get("/h/yinxing/admin/tokens")
    screen.send("/h/yinxing/admin/tokens", name="theirs", scopes="metrics", expires="")
    with store.read() as session:
        row = session.exec(select(ApiTokenRow)).one()

    assert "There is no such token." in sign_in().send(f"{PAGE}/{row.id}/end")
    with store.read() as session:
        assert session.get_one(ApiTokenRow, row.id).ended_at is None
