"""Every route with every role, and with another hub's worker: the routes are the running application's own."""

from collections.abc import Iterator
from typing import Any

import pytest
from crawl import LINES, ROOMS, address, places_around, routes
from screens import World, open_world
from sqlmodel import col, func, select

from workbench.api.nouns import Worker
from workbench.cases.models import CaseRow
from workbench.hubs.open_lines import open_line
from workbench.identity.may import may
from workbench.identity.models import AuditRow
from workbench.staff.models import WorkerRow
from workbench.web.permit import PUBLIC, SIGNED_IN, TOKEN

ROLES = {
    "worker1": "worker",
    "reviewer1": "reviewer",
    "approver1": "approver",
    "hubadmin1": "hub_admin",
    "sysadmin": "",
}
NAME = "测试甲"


@pytest.fixture
def world(settings, store, monkeypatch, act) -> Iterator[World]:
    opened = open_world(settings, store, monkeypatch, *ROOMS)
    with act("hubadmin1") as ctx:
        for line_id in LINES:
            open_line(ctx, opened.installed, line_id)
    yield opened
    opened.app.extensions["workbench"].store.close()


@pytest.fixture
def places(world: World, act) -> dict[str, Any]:
    """What the paths of one hub name: a resident, an accepted case, an open form, a delivery, a worker."""
    with act("worker1") as ctx:
        return places_around(world, ctx, world.make_case(ctx, "MZ-001"))


def shows(places: dict[str, Any], text: str) -> bool:
    return NAME in text or places["case_no"] in text


def test_each_role_opens_what_its_rights_say_and_nothing_else(world: World, places) -> None:
    wrong = []
    for username, role in ROLES.items():
        client = world.sign_in(username)
        who = Worker("", username, "", frozenset({role} - {""}), username == "sysadmin")
        for rule, verb in routes(world):
            if verb in (PUBLIC, SIGNED_IN, TOKEN):
                continue
            for method in sorted(rule.methods & {"GET", "POST"}):
                is_allowed = may(who, verb)
                if is_allowed and method == "POST":
                    continue  # what a right allows is tried by the tests of its room
                answer = client.open(address(world, rule, places), method=method)
                # A worker's own open forms stand in the frame of every page, also of a refusal.
                text = answer.get_data().decode("utf-8", "replace")
                leaks = not may(who, "see") and (NAME in text or (not is_allowed and shows(places, text)))
                if is_allowed == (answer.status_code == 403) or leaks:
                    wrong.append((username, method, rule.rule, verb, answer.status_code, leaks))
                answer.close()
    assert wrong == []


def test_whoever_is_not_signed_in_sees_the_sign_in_page_alone(world: World, places) -> None:
    client, wrong = world.app.test_client(), []
    for rule, verb in routes(world):
        for method in sorted(rule.methods & {"GET", "POST"}):
            answer = client.open(address(world, rule, places), method=method)
            sent_away = answer.status_code in (302, 303) and "/sign-in" in answer.headers["Location"]
            is_wrong = verb not in (PUBLIC, TOKEN) and not sent_away
            is_wrong |= verb == TOKEN and answer.status_code not in (400, 401, 403, 404, 405, 415, 422)
            if is_wrong or shows(places, answer.get_data().decode("utf-8", "replace")):
                wrong.append((method, rule.rule, verb, answer.status_code))
            answer.close()
    assert wrong == []


def test_nothing_was_changed_by_those_who_may_not(world: World, places, act) -> None:
    client = world.sign_in("worker21")
    for rule, verb in routes(world):
        if "hub" in rule.arguments and "POST" in rule.methods and verb != PUBLIC:
            client.post(address(world, rule, places)).close()
    with act("worker1") as ctx:
        case = ctx.session.get_one(CaseRow, places["case_id"])
        assert (case.state, case.version) == ("accepted", 2)
        assert ctx.session.get_one(CaseRow, places["draft_id"]).state == "draft"
        assert ctx.session.get_one(WorkerRow, places["worker_id"]).is_active


def names(row: AuditRow, person_id: str) -> bool:
    return person_id in (row.person_id, *row.detail.get("people", ()))


def without_frame(answer: Any) -> str:
    """Give what a page says beside its frame, where a worker's own open forms stand on every page."""
    text = answer.get_data().decode("utf-8", "replace")
    return str(text[text.find('id="main"') :]) if "<html" in text else text


def newest(world: World) -> int:
    with world.store.read() as session:
        return session.exec(select(func.coalesce(func.max(AuditRow.id), 0))).one()


def acts_since(world: World, last: int) -> list[AuditRow]:
    with world.store.read() as session:
        return list(session.exec(select(AuditRow).where(col(AuditRow.id) > last)))


def test_whoever_is_shown_a_resident_stands_in_the_trail_with_whom_what_where_and_why(world: World, places) -> None:
    shown, silent = set(), []
    for username in ROLES:
        client = world.sign_in(username)
        for rule, verb in routes(world):
            if verb in (PUBLIC, TOKEN) or "GET" not in rule.methods:
                continue
            last = newest(world)
            answer = client.get(address(world, rule, places))
            if answer.status_code == 200 and NAME in without_frame(answer):
                shown.add(rule.endpoint)
                rows = [row for row in acts_since(world, last) if names(row, places["person_id"])]
                if not any(row.purpose and row.hub_id and row.detail.get("from") for row in rows):
                    silent.append(
                        (rule.endpoint, username, [(row.action, row.purpose) for row in acts_since(world, last)])
                    )
            answer.close()
    assert silent == []
    assert {"home.home", "home.resident", "cases.case", "cases.review", "sitting.form", "papers.receipt"} <= shown
