"""Who is let in: no address of the interface answers without a valid token of the right scope."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from conftest import Act

from workbench.identity.models import ApiTokenRow
from workbench.identity.tokens import end_token, find_token
from workbench.machine import views
from workbench.machine.operations import OPERATIONS, Operation
from workbench.store.ids import new_id


def ask(machine, one: Operation) -> Any:
    path = one.path.replace("<code>", "RS-001")
    path = path if "<" not in path else path.partition("<")[0] + new_id()
    return machine.get(path) if one.method == "GET" else machine.post(path, {})


assert views.blueprints  # the addresses are offered by now
every = pytest.mark.parametrize("one", OPERATIONS, ids=lambda one: one.name)


@every
def test_without_a_token_nothing_is_answered(machine, one: Operation) -> None:
    machine.token = ""
    answer = ask(machine, one)

    assert (answer.status_code, answer.json["code"]) == (401, "token_missing")
    assert (answer.mimetype, answer.headers["WWW-Authenticate"]) == ("application/problem+json", "Bearer")


@every
def test_a_token_of_another_scope_is_refused(machine, token_for, one: Operation) -> None:
    machine.token = token_for(*{other.scope for other in OPERATIONS} - {one.scope})
    answer = ask(machine, one)

    assert (answer.status_code, answer.json["code"]) == (403, "scope_missing")
    assert one.scope in answer.headers["WWW-Authenticate"]


@every
def test_a_token_of_the_right_scope_is_let_in(machine, token_for, one: Operation) -> None:
    machine.token = token_for(one.scope)

    assert ask(machine, one).status_code in (200, 404, 422)


@pytest.mark.parametrize("token", ["x", "wb_" + "x" * 43, "x" * 5000, "wb_ñ", "\x00", "' OR 1=1"])
def test_a_token_nobody_made_is_refused(machine, token: str) -> None:
    machine.token = token

    assert machine.get("/items").status_code == 401


def test_another_way_of_signing_on_is_refused(machine) -> None:
    machine.headers["Authorization"] = f"Basic {machine.token}"
    machine.token = ""

    assert machine.get("/items").json["code"] == "token_missing"


def test_an_ended_token_is_refused_at_once(machine, act: Act) -> None:
    assert machine.get("/items").status_code == 200
    with act("hubadmin1") as ctx:
        end_token(ctx, find_token(ctx.session, machine.token, ctx.clock.now()).id)

    assert machine.get("/items").json["code"] == "token_unknown"


def test_an_expired_token_is_refused(machine, token_for, act: Act) -> None:
    machine.token = token_for("items:read", expires=datetime.now(UTC) + timedelta(hours=1))
    assert machine.get("/items").status_code == 200
    with act() as ctx:
        row = find_token(ctx.session, machine.token, ctx.clock.now())
        ctx.session.get_one(ApiTokenRow, row.id).expires_at = ctx.clock.now() - timedelta(seconds=1)

    assert machine.get("/items").status_code == 401


def test_a_cookie_is_no_token(machine) -> None:
    client = machine.app.test_client()
    client.set_cookie("workbench_session", machine.token)

    assert client.get("/api/v1/items").status_code == 401


def test_a_reading_token_holds_no_role(machine, token_for, order) -> None:
    machine.token = token_for("cases:read", "persons:write")

    assert machine.post("/cases", order()).status_code == 403
