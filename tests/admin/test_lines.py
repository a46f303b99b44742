"""Lines at a hub: what is shown, opening and closing, their order, and what the line is told."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from workbench.api.nouns import Hub
from workbench.cases.models import CaseRow
from workbench.host.discover import Installed
from workbench.hubs.models import HubRow, OpenLineRow
from workbench.hubs.open_lines import find_hub, open_lines
from workbench.identity.models import AuditRow
from workbench.people.models import PersonRow
from workbench.store.context import Context
from workbench.store.engine import Store
from workbench.store.ids import new_id

Act = Callable[..., AbstractContextManager[Context]]
LINES = "/h/wutong/admin/lines"


def opened(store: Store, installed: Installed) -> list[str]:
    with store.read() as session:
        hub = find_hub(session, "wutong")
        assert isinstance(hub, Hub)
        return [line.id for line in open_lines(session, hub, installed)]


def test_open_and_close_change_what_the_hub_offers(
    sign_in: Callable[..., Any], store: Store, installed: Installed
) -> None:
    screen = sign_in()
    screen.get(LINES)

    assert "Line 1 is open." in screen.send(f"{LINES}/line1/open")
    assert "Line 0 is open." in screen.send(f"{LINES}/line0/open")
    assert opened(store, installed) == ["line1", "line0"]
    assert "Line 1 is closed." in screen.send(f"{LINES}/line1/close")
    assert opened(store, installed) == ["line0"]
    with store.read() as session:
        acts = session.exec(select(AuditRow.action, AuditRow.subject).order_by(AuditRow.id)).all()
    assert [tuple(act) for act in acts if act[0].startswith("line.")] == [
        ("line.open", "line:line1"),
        ("line.open", "line:line0"),
        ("line.close", "line:line1"),
    ]


def test_a_broken_line_shows_owner_file_and_reason_and_stays_closed(
    sign_in: Callable[..., Any], store: Store, installed: Installed
) -> None:
    screen = sign_in()
    text = screen.read(LINES)

    assert "package lost_package not found" in text
    assert "lost_package" in text
    assert "Cannot be opened" in text
    assert "cannot be opened" in screen.send(f"{LINES}/broken/open")
    assert opened(store, installed) == []


def test_faulty_items_are_listed_with_file_and_what_to_do(sign_in: Callable[..., Any]) -> None:
    text = sign_in().read(LINES)

    assert "AA-002.toml" in text
    assert text.count("the owner corrects this file") == 4
    assert "样例科 1234" in text


def test_move_up_and_down_keeps_every_line_once(
    sign_in: Callable[..., Any], store: Store, installed: Installed
) -> None:
    screen = sign_in()
    screen.get(LINES)
    for line in ("line0", "line1", "line2"):
        screen.post(f"{LINES}/{line}/open")

    screen.post(f"{LINES}/line2/move", step="up")
    assert opened(store, installed) == ["line0", "line2", "line1"]
    screen.post(f"{LINES}/line0/move", step="down")
    assert opened(store, installed) == ["line2", "line0", "line1"]
    screen.post(f"{LINES}/line2/move", step="up")
    screen.post(f"{LINES}/line3/move", step="up")
    assert opened(store, installed) == ["line2", "line0", "line1"]
    assert screen.post(f"{LINES}/line2/move", step="sideways").status_code == 400


def add_case(ctx: Context, line_id: str, state: str) -> None:
    person = PersonRow(id=new_id(), name="甲", hub_id=ctx.hub.id, created_at=NOW, updated_at=NOW)
    ctx.session.add(person)
    ctx.session.flush()
    texts = dict.fromkeys(("item_code", "item_version", "item_digest", "title_zh", "title_en", "reception_id"), "x")
    case = CaseRow(
        id=new_id(), hub_id=ctx.hub.id, line_id=line_id, person_id=person.id, owner_id=ctx.actor.id, state=state,
        created_at=NOW, updated_at=NOW, **texts,
    )  # fmt: skip
    ctx.session.add(case)


NOW = datetime(2026, 11, 22, tzinfo=UTC)


def test_close_says_what_stops(sign_in: Callable[..., Any], act: Act) -> None:
    with act("worker1") as ctx:
        for state in ("accepted", "reviewing", "concluded", "draft"):
            add_case(ctx, "line0", state)
        add_case(ctx, "line1", "accepted")
    with act("worker21") as ctx:
        add_case(ctx, "line0", "accepted")

    text = sign_in().read(f"{LINES}/line0/close")

    assert "2 open cases stay readable" in text
    assert "1 draft is kept" in text
    assert "0 deliveries under way" in text


def test_the_line_is_told_and_its_failure_is_said(
    make_app: Callable[..., Any], installed: Installed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, screen_on: Any
) -> None:
    (tmp_path / "told_hooks.py").write_text(HOOKS, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    first = installed.lines[0]
    assert first.manifest is not None
    told = replace(first, manifest=first.manifest.model_copy(update={"hooks": "told_hooks"}))
    screen = screen_on(make_app(Installed((told, *installed.lines[1:]), installed.platforms)))
    screen.get(LINES)

    assert "failed when it was told" not in screen.send(f"{LINES}/line0/open")
    assert "failed when it was told" in screen.send(f"{LINES}/line0/close")


HOOKS = """
from workbench.api import hook

@hook
def line_opened(hub):
    assert hub.id == "wutong"

@hook
def line_closed(hub):
    raise ValueError
"""


def test_pages_ask_as_often_for_40_lines_as_for_4(
    make_app: Callable[..., Any], screen_on: Any, install: Any, counting: Any, tmp_path: Path, store: Store
) -> None:
    asked: dict[int, list[int]] = {}
    for count in (4, 40):
        installed = install(tmp_path / f"lines{count}", count)
        with store.write() as session:
            for row in session.exec(select(OpenLineRow)).all():
                session.delete(row)
            session.flush()
            for number in range(count):
                row = OpenLineRow(
                    hub_id="wutong", line_id=f"line{number}", position=number, opened_at=NOW, opened_by="x"
                )
                session.add(row)
            session.get_one(HubRow, "wutong").version += 1
        app = make_app(installed)
        screen = screen_on(app)
        asked[count] = []
        for page in ("lines", "lines/line0/close", "platforms", "platforms/line0.gateway", "workers", "calendar"):
            with counting(app) as sent:
                screen.read(f"/h/wutong/admin/{page}")
            asked[count].append(len([one for one in sent if one.lstrip().upper().startswith("SELECT")]))

    assert asked[4] == asked[40]
    assert max(asked[4]) <= 8
