"""Platforms: the board, the settings form with its secrets, a look now, holding sending."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest

from workbench.api.parcels import Health
from workbench.delivery.health import record_check, shut
from workbench.delivery.models import DeliveryRow, PayloadRow, PlatformRow, WorkerProcessRow
from workbench.store.context import Context
from workbench.store.engine import Store
from workbench.store.ids import new_id

Act = Callable[..., AbstractContextManager[Context]]
BOARD = "/h/wutong/admin/platforms"
PAGE = f"{BOARD}/line0.gateway"
GOOD = {"base_url": "https://gateway.example/api", "app_key": "s3cret-key", "retries": "3", "mode": "b"}


def row_of(store: Store) -> PlatformRow | None:
    with store.read() as session:
        return session.get(PlatformRow, "line0.gateway")


def is_paused(store: Store) -> bool:
    row = row_of(store)
    assert row is not None
    return row.is_paused


def test_settings_are_drawn_from_the_manifest(sign_in: Callable[..., Any]) -> None:
    text = sign_in("sysadmin").read(PAGE)

    for name, kind in (("base_url", "text"), ("app_key", "password"), ("retries", "text"), ("certificate", "text")):
        assert f'type="{kind}" id="f-{name}" name="{name}"' in text
    assert '<input type="radio" id="f-is_test"' in text
    assert '<select class="control" id="f-mode"' in text


def test_saved_secrets_are_kept_and_never_shown_again(sign_in: Callable[..., Any], store: Store) -> None:
    screen = sign_in("sysadmin")
    screen.get(PAGE)
    text = screen.send(PAGE, **GOOD)

    assert "The settings are saved." in text
    assert "https://gateway.example/api" in text
    assert "s3cret-key" not in text
    assert "Leave blank to keep it." in text
    screen.send(PAGE, **{**GOOD, "app_key": "", "retries": "4"})
    row = row_of(store)
    assert row is not None
    assert row.secrets == {"app_key": "s3cret-key"}
    assert row.settings["retries"] == "4"


def test_wrong_settings_say_so_beside_the_field_and_lose_nothing(sign_in: Callable[..., Any], store: Store) -> None:
    screen = sign_in("sysadmin")
    screen.get(PAGE)
    answer = screen.post(PAGE, base_url="gateway", app_key="s3cret-key", retries="many", mode="c", certificate="/no")
    text = answer.get_data(as_text=True)

    assert answer.status_code == 422
    assert [f'id="f-{name}-error"' in text for name in ("base_url", "retries", "mode", "certificate")] == [True] * 4
    assert "Address: Enter a whole address" in text
    assert 'value="gateway"' in text
    assert 'value="many"' in text
    assert "s3cret-key" not in text
    assert "Type it again" in text
    row = row_of(store)
    assert row is None or row.settings == {}


def test_a_form_cannot_bring_settings_the_platform_does_not_have(sign_in: Callable[..., Any], store: Store) -> None:
    screen = sign_in("sysadmin")
    screen.get(PAGE)
    screen.send(PAGE, **GOOD, cursor="9", extra="x")
    row = row_of(store)

    assert row is not None
    assert set(row.settings) == {"base_url", "retries", "mode"}


def test_check_now_asks_the_worker_process_and_shows_its_answer(sign_in: Callable[..., Any], act: Act) -> None:
    screen = sign_in("sysadmin")
    screen.get(PAGE)

    assert "asked for, waiting for the worker process" in screen.send(f"{PAGE}/check")
    with act() as ctx:
        found = Health("down", "connection refused", ms=12, at=ctx.clock.now())
        record_check(ctx.session, "line0.gateway", found, ctx.clock.now())
    text = screen.read(PAGE)
    assert "connection refused" in text
    assert "12 ms" in text
    assert "parcels wait and are sent by themselves once it is back" in text


def test_the_standing_alone_is_answered_to_htmx(sign_in: Callable[..., Any]) -> None:
    text = sign_in("sysadmin").get(PAGE, headers={"HX-Request": "true"}).get_data(as_text=True)

    assert "How it is" in text
    assert "<h1" not in text
    assert 'name="base_url"' not in text


@pytest.mark.parametrize(
    ("reason", "advice"),
    [
        ("credentials", "Get new ones from its owner"),
        ("settings", "Complete them below"),
        ("broken-promise", "its protocol does not allow"),
    ],
)
def test_a_closed_platform_says_what_to_do(sign_in: Callable[..., Any], act: Act, reason: str, advice: str) -> None:
    with act() as ctx:
        row = PlatformRow(platform_id="line0.gateway")
        ctx.session.add(row)
        shut(row, reason, "x", ctx.clock.now(), health="unconfigured" if reason == "settings" else "down")

    assert advice in sign_in("sysadmin").read(PAGE)


def test_hold_and_let_go_on(sign_in: Callable[..., Any], store: Store) -> None:
    screen = sign_in("sysadmin")
    screen.get(PAGE)

    assert "Sending is held." in screen.send(f"{PAGE}/pause", hold="yes")
    assert is_paused(store)
    assert "Sending held" in screen.read(BOARD)
    assert "Sending goes on." in screen.send(f"{PAGE}/pause", hold="no")
    assert not is_paused(store)


def test_the_board_shows_queue_and_silence_of_the_worker_process(sign_in: Callable[..., Any], act: Act) -> None:
    screen = sign_in("sysadmin")
    assert "No worker process runs." in screen.read(BOARD)
    with act() as ctx:
        now = ctx.clock.now()
        old = now - timedelta(minutes=9)
        ctx.session.add(PayloadRow(id="P1", content={"values": {}}, digest="d", created_at=now))
        ctx.session.add(PlatformRow(platform_id="line0.gateway", health="up"))
        ctx.session.add(WorkerProcessRow(id=new_id(), host="a", pid=1, started_at=old, seen_at=old))
        ctx.session.flush()
        names = ("case_id", "case_no", "hub_id", "operation", "item_code", "item_version", "item_title", "division")
        texts = dict.fromkeys((*names, "worker_name", "lane"), "x")
        times = dict.fromkeys(("created_at", "updated_at"), old)
        later = now + timedelta(hours=1)
        ctx.session.add(
            DeliveryRow(
                id=new_id(), platform_id="line0.gateway", position=1, payload_id="P1", due_at=later, **texts, **times
            )
        )
    text = screen.read(BOARD)

    assert "The worker process was last seen at" in text
    assert '<td role="cell" data-label="Parcels waiting" class="is-number"><span>1</span></td>' in text


def test_a_broken_platform_says_its_reason(sign_in: Callable[..., Any]) -> None:
    screen = sign_in("sysadmin")
    text = screen.read(f"{BOARD}/broken.gateway")

    assert "platform.toml: way: Input should be" in text
    assert screen.post(f"{BOARD}/broken.gateway", base_url="x").status_code == 404
