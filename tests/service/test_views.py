"""What those who run the workbench ask, and who may ask it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from workbench import app as composer
from workbench.api.manifest import Contact, LineManifest
from workbench.app import create_app
from workbench.delivery.models import DeliveryRow, PayloadRow, PlatformRow, WorkerProcessRow
from workbench.host.discover import Installed, Line
from workbench.identity.tokens import end_token, list_tokens, make_token
from workbench.service import ready
from workbench.settings import Settings
from workbench.store.context import Context
from workbench.store.engine import Store
from workbench.store.ids import new_id
from workbench.store.migrate import upgrade

Act = Callable[..., AbstractContextManager[Context]]
AWAY = {"REMOTE_ADDR": "192.0.2.7"}


def test_healthz_asks_no_database(app: Flask) -> None:
    app.extensions["workbench"].store.close()

    answer = app.test_client().get("/healthz")

    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def stamp(store: Store) -> None:
    """Say that the tables, which the fixtures make at once, stand at the migrations."""
    with store.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version_core (version_num VARCHAR(32) NOT NULL)")
        newest = sorted(ready.CORE.folder.glob("[0-9]*.py"))[-1].stem.partition("_")[0]
        connection.exec_driver_sql(f"INSERT INTO alembic_version_core VALUES ('{newest}')")


def test_readyz_names_migrations_that_are_behind(app: Flask, store: Store) -> None:
    client = app.test_client()

    behind = client.get("/readyz")
    stamp(store)
    current = client.get("/readyz")

    assert (behind.status_code, behind.json["migrations_behind"]) == (503, ["core"])
    assert (current.status_code, current.json["status"]) == (200, "ready")
    assert current.json["worker_seen_seconds"] is None


def test_readyz_tells_how_long_ago_a_worker_process_was_seen(app: Flask, store: Store, act: Act) -> None:
    stamp(store)
    with act() as ctx:
        seen = ctx.clock.now() - timedelta(seconds=30)
        row = WorkerProcessRow(id=new_id(), host="a", pid=1, started_at=seen, seen_at=seen)
        gone = WorkerProcessRow(id=new_id(), host="a", pid=2, started_at=seen, seen_at=ctx.clock.now())
        gone.ended_at = ctx.clock.now()
        ctx.session.add_all([row, gone])

    assert 29 < app.test_client().get("/readyz").json["worker_seen_seconds"] < 300


def test_readyz_is_503_when_the_database_does_not_answer(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(composer, "ROOMS", ("identity", "service"))
    app = create_app(replace(settings, database_url=f"sqlite:///{tmp_path}/no/such/folder.db"), Installed((), ()))

    answer = app.test_client().get("/readyz")

    assert (answer.status_code, answer.json["database"]) == (503, False)


def test_readyz_names_a_line_whose_migrations_cannot_be_read(store: Store, settings: Settings, tmp_path: Path) -> None:
    stamp(store)
    manifest = LineManifest(
        id="sample", name_zh="样例", name_en="Sample", department="样例局", code_prefix="YL",
        owner=Contact(name="样例"), api="1.0", version="1", migrations="migrations",
    )  # fmt: skip
    line = Line("sample", "sample", tmp_path, "ready", manifest=manifest)
    found = ready.Judge(store, (line,)).judge(settings.clock().now())

    assert found.behind == ("sample",)


def test_readyz_is_current_after_a_real_upgrade(settings: Settings, tmp_path: Path) -> None:
    store = replace(settings, database_url=f"sqlite:///{tmp_path}/fresh.db").open_store()
    judge = ready.Judge(store, ())
    before = judge.judge(settings.clock().now())
    upgrade(store, ready.CORE)
    after = judge.judge(settings.clock().now())
    store.close()

    assert (before.is_ready, before.behind) == (False, ("core",))
    assert after.is_ready


def test_metrics_count_requests_without_paths(app: Flask) -> None:
    client = app.test_client()
    client.get("/no-such-page/110101195901011234")
    client.get("/sign-in?next=/people/01ABC")
    text = client.get("/metrics").get_data(as_text=True)

    assert 'workbench_requests_total{endpoint="none",method="GET",status="404"}' in text
    assert 'workbench_requests_total{endpoint="identity.sign_in",method="GET",status="200"}' in text
    assert 'workbench_request_seconds_count{endpoint="identity.sign_in"}' in text
    assert "110101195901011234" not in text  # fewer digits may stand in the seconds
    assert "01ABC" not in text


def test_metrics_show_queue_and_breaker(app: Flask, act: Act) -> None:
    with act() as ctx:
        now = ctx.clock.now()
        ctx.session.add(PayloadRow(id="P1", content={"values": {}}, digest="d", created_at=now))
        ctx.session.add(PlatformRow(platform_id="a.b", health="down", closed_until=now))
        ctx.session.flush()
        accepted = now - timedelta(minutes=10)
        ctx.session.add(delivery(accepted))
    text = app.test_client().get("/metrics").get_data(as_text=True)

    assert 'workbench_deliveries{platform="a.b",state="waiting"} 1.0' in text
    assert 'workbench_platform_closed{platform="a.b"} 1.0' in text
    assert 'workbench_platform_health{platform="a.b",state="down"} 1.0' in text
    seconds = next(line for line in text.splitlines() if line.startswith("workbench_oldest_undelivered_seconds{"))
    assert 600 <= float(seconds.rpartition(" ")[2]) < 700


def delivery(accepted: object) -> DeliveryRow:
    texts = dict.fromkeys(("case_id", "case_no", "hub_id", "operation", "item_code", "item_version"), "x")
    more = dict.fromkeys(("item_title", "division", "worker_name", "lane"), "x")
    times = dict.fromkeys(("due_at", "created_at", "updated_at"), accepted)
    return DeliveryRow(id=new_id(), platform_id="a.b", position=1, payload_id="P1", **texts, **more, **times)


@pytest.mark.parametrize(
    ("header", "value"), [("X-Forwarded-For", "192.0.2.9"), ("Forwarded", "for=192.0.2.9"), ("Via", "1.1 proxy")]
)
def test_metrics_are_hidden_from_others(app: Flask, header: str, value: str) -> None:
    client = app.test_client()

    assert client.get("/metrics", environ_base=AWAY).status_code == 404
    assert client.get("/metrics", headers={header: value}).status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404


def test_metrics_open_to_a_token_until_it_ends(app: Flask, act: Act) -> None:
    client = app.test_client()
    with act("hubadmin1") as ctx:
        token = make_token(ctx, "监控", ["metrics"], None)
    headers = {"Authorization": f"Bearer {token}"}

    assert client.get("/metrics", environ_base=AWAY, headers=headers).status_code == 200
    with act("hubadmin1") as ctx:
        end_token(ctx, list_tokens(ctx.session, "wutong")[0].id)
    assert client.get("/metrics", environ_base=AWAY, headers=headers).status_code == 404


@pytest.mark.parametrize(("debug", "status"), [(False, 404), (True, 200)])
def test_style_page_is_for_debug_installations(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch, debug: bool, status: int
) -> None:
    monkeypatch.setattr(composer, "ROOMS", ("identity", "service"))
    app = create_app(replace(settings, debug=debug), Installed((), ()))

    assert app.test_client().get("/style").status_code == status
