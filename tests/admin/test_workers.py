"""Workers: adding with a first role, the password shown once, roles given and taken, accounts closed."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlmodel import select

from workbench.identity.models import AuditRow, SignInRow
from workbench.staff.models import GrantRow, WorkerRow
from workbench.store.engine import Store

PAGE = "/h/wutong/admin/workers"
NEW = {"name": "李娜", "username": "lina", "role": "worker", "line": "", "first_day": "", "last_day": "", "reason": ""}


def password_in(text: str) -> str:
    found = re.search(r'class="done__number">([^<]+)<', text)
    assert found, text
    return found[1]


def test_a_new_worker_can_sign_in_with_the_password_shown(
    app: Flask, sign_in: Callable[..., Any], screen_on: Callable[..., Any], store: Store
) -> None:
    screen = sign_in()
    screen.get(f"{PAGE}/new")
    password = password_in(screen.send(f"{PAGE}/new", **NEW))

    assert password not in screen.read(PAGE)
    newcomer = screen_on(app, "lina", password=password)
    assert newcomer.get("/h/wutong/admin/lines").status_code == 403
    with store.read() as session:
        row = session.exec(select(WorkerRow).where(WorkerRow.username == "lina")).one()
        assert password not in row.password_hash
        assert session.exec(select(GrantRow.role).where(GrantRow.worker_id == row.id)).all() == ["worker"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"username": "worker1"}, "username"),
        ({"name": ""}, "name"),
        ({"role": "emperor"}, "role"),
        ({"line": "no_such_line"}, "line"),
        ({"first_day": "soon"}, "first_day"),
        ({"last_day": "2020-01-01"}, "last_day"),
    ],
)
def test_a_wrong_form_adds_nobody_and_loses_nothing(
    sign_in: Callable[..., Any], store: Store, wrong: dict[str, str], field: str
) -> None:
    screen = sign_in()
    screen.get(f"{PAGE}/new")
    typed = {**NEW, "username": "newcomer", "reason": "顶班", **wrong}
    answer = screen.post(f"{PAGE}/new", **typed)
    text = answer.get_data(as_text=True)

    assert answer.status_code == 422
    assert f'href="#f-{field}"' in text
    assert f'value="{typed["username"]}"' in text
    assert 'value="顶班"' in text
    with store.read() as session:
        assert session.exec(select(WorkerRow.id).where(WorkerRow.username == "newcomer")).all() == []


def test_a_role_for_a_span_is_given_and_taken_back(
    sign_in: Callable[..., Any], worker_id: Callable[[str], str], store: Store
) -> None:
    screen, found = sign_in(), worker_id("worker1")
    screen.get(f"{PAGE}/{found}")
    today = datetime.now(UTC).date()
    last = (today + timedelta(days=7)).isoformat()
    form = {"role": "reviewer", "line": "line0", "first_day": "", "last_day": last, "reason": "顶班"}

    text = screen.send(f"{PAGE}/{found}/roles", **form)
    assert f"{last} 23:59" in text
    assert "顶班" in text
    with store.read() as session:
        grant = session.exec(select(GrantRow).where(GrantRow.role == "reviewer", GrantRow.line_id == "line0")).one()
    text = screen.send(f"{PAGE}/{found}/roles/{grant.id}/end")
    assert "The role was taken back." in text
    with store.read() as session:
        trail = select(AuditRow).where(AuditRow.subject == f"worker:{found}").order_by(AuditRow.id)
        acts = session.exec(trail).all()
    assert [(act.action, act.detail["role"], act.purpose) for act in acts] == [
        ("role.give", "reviewer", "顶班"),
        ("role.take", "reviewer", ""),
    ]


def test_an_admin_cannot_take_their_own_right_or_give_themselves_one(
    sign_in: Callable[..., Any], worker_id: Callable[[str], str], store: Store
) -> None:
    screen, own = sign_in(), worker_id("hubadmin1")
    assert "Give a role at this hub" not in screen.read(f"{PAGE}/{own}")
    with store.read() as session:
        grant = session.exec(select(GrantRow.id).where(GrantRow.worker_id == own)).one()

    assert "cannot take your own last admin right" in screen.send(f"{PAGE}/{own}/roles/{grant}/end")
    assert screen.post(f"{PAGE}/{own}/roles", **NEW).status_code == 422
    assert "cannot deactivate yourself" in screen.send(f"{PAGE}/{own}/deactivate")


def test_a_new_password_signs_out_everywhere(
    app: Flask,
    sign_in: Callable[..., Any],
    screen_on: Callable[..., Any],
    worker_id: Callable[[str], str],
    store: Store,
) -> None:
    theirs, screen, found = sign_in("worker1"), sign_in(), worker_id("worker1")
    screen.read(f"{PAGE}/{found}/password")
    password = password_in(screen.send(f"{PAGE}/{found}/password"))

    assert theirs.get("/h/wutong/admin/lines").status_code == 303
    assert screen_on(app, "worker1", password=password)
    with store.read() as session:
        ended = session.exec(select(SignInRow.ended_reason).where(SignInRow.worker_id == found)).all()
    assert "password reset" in ended


def test_a_closed_account_is_out_until_it_is_opened_again(
    app: Flask, sign_in: Callable[..., Any], worker_id: Callable[[str], str]
) -> None:
    theirs, screen, found = sign_in("worker1"), sign_in(), worker_id("worker1")
    screen.read(f"{PAGE}/{found}/deactivate")

    assert "Account closed" in screen.send(f"{PAGE}/{found}/deactivate")
    assert theirs.get("/h/wutong/admin/lines").status_code == 303
    assert "Account open" in screen.send(f"{PAGE}/{found}/activate")
    assert sign_in("worker1")


@pytest.mark.parametrize("username", ["worker21", "sysadmin"])
def test_a_hub_admin_cannot_take_over_accounts_beyond_the_hub(
    sign_in: Callable[..., Any], worker_id: Callable[[str], str], store: Store, username: str
) -> None:
    screen, found = sign_in(), worker_id(username)
    with store.read() as session:
        before = session.get_one(WorkerRow, found).password_hash
    text = screen.read(f"{PAGE}/{found}")

    assert "only a system admin can close it" in text
    for act in ("password", "deactivate", "activate"):
        assert "beyond this hub" in screen.send(f"{PAGE}/{found}/{act}")
    with store.read() as session:
        row = session.get_one(WorkerRow, found)
        assert (row.password_hash, row.is_active) == (before, True)


def test_only_system_admins_make_system_admins(
    sign_in: Callable[..., Any], worker_id: Callable[[str], str], store: Store
) -> None:
    found = worker_id("worker1")
    screen = sign_in()
    screen.get(f"{PAGE}/{found}")
    assert screen.post(f"{PAGE}/{found}/system-admin", make="yes").status_code == 403
    screen = sign_in("sysadmin")
    assert "Make a system admin" in screen.read(f"{PAGE}/{found}")
    assert "is a system admin now" in screen.send(f"{PAGE}/{found}/system-admin", make="yes")
    assert "no longer a system admin" in screen.send(f"{PAGE}/{found}/system-admin", make="no")
    own = worker_id("sysadmin")
    assert "cannot take your own last admin right" in screen.send(f"{PAGE}/{own}/system-admin", make="no")


def test_somebody_from_another_hub_is_found_by_username_and_given_a_role(
    sign_in: Callable[..., Any], worker_id: Callable[[str], str]
) -> None:
    screen = sign_in()
    assert "worker21" not in screen.read(PAGE)
    answer = screen.post(f"{PAGE}/find", username=" Worker21 ")
    assert answer.location == f"{PAGE}/{worker_id('worker21')}"
    screen.get(answer.location)
    screen.send(f"{answer.location}/roles", role="worker", line="", first_day="", last_day="", reason="")
    assert "worker21" in screen.read(PAGE)
    answer = screen.post(f"{PAGE}/find", username="nobody")
    assert answer.status_code == 422
    assert "Nobody has this username" in answer.get_data(as_text=True)
