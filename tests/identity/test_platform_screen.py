"""A department's own screen (Apache, mod_auth_openidc) is signed on from here, opened from a case, and signed out."""

import json
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from peers import RelyingParty, Surfer, refuse_without_relying_party, served
from screens import World
from sqlmodel import select
from waiting import PATIENCE

from workbench.commands.tell_platforms import tell_platforms
from workbench.delivery.models import DeliveryRow
from workbench.identity import logout_notices
from workbench.identity.clients import register_client
from workbench.identity.models import AuditRow, SignInRow
from workbench.identity.signing_keys import rotate_keys
from workbench.staff.models import WorkerRow
from workbench.testing.ports import free_port

PLATFORM, ITEM = "civil_affairs.two_allowances", "MZ-010"


@pytest.fixture
def origin(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    refuse_without_relying_party()
    monkeypatch.setattr(logout_notices, "TIMEOUT", PATIENCE)  # how long it may take is not what is tried
    with served(world.app, free_port()) as running:
        yield running


Start = Callable[..., RelyingParty]


@pytest.fixture
def start(origin: str, act: Any) -> Iterator[Start]:
    started: list[RelyingParty] = []

    def one(pkce: str = "S256") -> RelyingParty:
        port = free_port()
        here = f"http://127.0.0.1:{port}"
        form = {
            "name": "两补系统", "platform_id": PLATFORM, "redirect_uris": f"{here}/screen/back",
            "post_logout_uris": f"{here}/gone", "logout_notice_uri": f"{here}/screen/back?logout=backchannel",
            "launch_uri": f"{here}/screen/back", "target_uri": f"{here}/screen/page",
        }  # fmt: skip
        with act("sysadmin") as ctx:
            row, secret = register_client(ctx, form)
            client_id = row.id
        started.append(RelyingParty(port, origin, client_id, secret, pkce))
        started[-1].start()
        return started[-1]

    yield one
    for party in started:
        party.stop()


def sit_down(origin: str, password: str) -> Surfer:
    return Surfer().get(f"{origin}/sign-in").submit(form=1, username="worker1", password=password)


def said(surfer: Surfer, party: RelyingParty) -> dict[str, Any]:
    assert surfer.answer.headers["content-type"].startswith("application/json"), f"{surfer.text}\n{party.log()}"
    return dict(json.loads(surfer.answer.text))


def test_a_screen_is_signed_on_and_told_hub_and_roles_only(
    start: Start, origin: str, with_password: str, store: Any
) -> None:
    party = start()
    surfer = Surfer().get(f"{party.origin}/screen/page")  # not signed in: first the workbench asks
    assert str(surfer.answer.url).startswith(f"{origin}/sign-in")
    surfer.submit(form=1, username="worker1", password=with_password)

    told = said(surfer, party)["told"]
    with store.read() as session:
        worker = session.exec(select(WorkerRow).where(WorkerRow.username == "worker1")).one()
    assert (told["iss"], told["hub"], told["roles"]) == (origin, "wutong", "worker")
    ours = set(told) - {"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "amr", "sid"}
    assert ours <= {"hub", "roles", "purpose"}
    assert worker.id not in json.dumps(told)
    assert said(surfer, party)["matter"] == {"status": 401}  # opened from no case


def test_a_screen_opened_from_a_case_knows_the_matter_and_brings_its_number_back(
    start: Start, origin: str, with_password: str, world: World, act: Any, store: Any
) -> None:
    party = start()
    with act() as ctx:
        stood = world.stand(ctx, ITEM, "needs-people", "rekey")
    surfer = sit_down(origin, with_password).get(f"{origin}/h/wutong/cases/{stood.case}/screens")
    forms = surfer.answer.text.split("<form")[1:]
    surfer.submit(form=next(place for place, form in enumerate(forms) if "两补系统" in form))

    seen = said(surfer, party)
    assert seen["told"]["purpose"] == seen["matter"]["purpose"]
    assert (seen["matter"]["name"], seen["matter"]["id_no"]) == ("测试甲", "990101195003071239")
    assert not any("990101195003071239" in url or "%E6%B5%8B" in url for url in surfer.visited)

    surfer.get(f"{party.origin}/screen/page?number=LB-2026-7")
    assert said(surfer, party)["matter"] == {"number": "LB-2026-7", "use": "taken"}
    surfer.get(f"{party.origin}/screen/page?number=LB-2026-7")
    assert said(surfer, party)["matter"] == {"number": "LB-2026-7", "use": "taken"}
    surfer.get(f"{party.origin}/screen/page?number=OTHER")
    assert said(surfer, party)["matter"] == {"status": 409}
    with store.read() as session:
        delivery = session.get_one(DeliveryRow, stood.delivery)
        assert (delivery.state, delivery.reference) == ("accepted", "LB-2026-7")
        acts = set(session.exec(select(AuditRow.action).where(AuditRow.person_id != "")))
        assert {"launch.open", "platform.sign-on", "launch.read"} <= acts
    assert "LB-2026-7" in surfer.get(f"{origin}/h/wutong/cases/{stood.case}/screens").text


def test_a_screen_without_pkce_is_refused_with_a_page(start: Start, origin: str, with_password: str) -> None:
    party = start("none")
    surfer = sit_down(origin, with_password).get(f"{party.origin}/screen/page")

    assert surfer.answer.status_code == 400
    assert "两补系统不能为您登录" in surfer.text
    assert "请把本页内容告诉管理员" in surfer.text


def test_a_screen_goes_on_after_the_signing_key_changed(
    start: Start, origin: str, with_password: str, act: Any
) -> None:
    party = start()
    said(sit_down(origin, with_password).get(f"{party.origin}/screen/page"), party)
    with act("sysadmin") as ctx:
        rotate_keys(ctx)
    assert said(sit_down(origin, with_password).get(f"{party.origin}/screen/page"), party)["told"]["hub"] == "wutong"


def test_signing_out_here_reaches_the_screen(
    start: Start, origin: str, with_password: str, world: World, store: Any
) -> None:
    party = start()
    surfer = sit_down(origin, with_password).get(f"{party.origin}/screen/page")
    token = said(surfer, party)["token"]
    surfer.get(f"{origin}/account")
    form = next(i for i, text in enumerate(surfer.answer.text.split("<form")[1:]) if "/sign-out" in text)
    surfer.submit(form=form)

    told = surfer.client.get(f"{origin}/oidc/userinfo", headers={"Authorization": f"Bearer {token}"})
    assert told.status_code == 401  # at once
    tell_platforms(workshop_of(world))
    surfer.get(f"{party.origin}/screen/page")  # its own session is over too
    assert str(surfer.answer.url).startswith(f"{origin}/sign-in"), party.log()


def test_signing_out_at_the_screen_asks_about_the_workbench(
    start: Start, origin: str, with_password: str, store: Any
) -> None:
    party = start()
    surfer = sit_down(origin, with_password).get(f"{party.origin}/screen/page")
    surfer.get(f"{party.origin}/screen/back?logout={party.origin}/gone")

    assert "工作台也退出吗" in surfer.text, party.log()
    form = next(i for i, text in enumerate(surfer.answer.text.split("<form")[1:]) if "/oidc/sign-out" in text)
    surfer.submit(form=form)
    assert surfer.visited[-1].startswith(f"{party.origin}/gone")
    with store.read() as session:
        assert all(row.ended_at is not None for row in session.exec(select(SignInRow)))


def workshop_of(world: World) -> Any:
    """What the job needs of a worker process."""
    shop = world.app.extensions["workbench"]
    return SimpleNamespace(store=shop.store, clock=shop.clock, keys=shop.keys, files=shop.files, now=shop.clock.now)
