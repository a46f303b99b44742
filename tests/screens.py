"""A running application of some rooms, workers signed in to it, and cases that stand where a test wants them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlmodel import col, select

import workbench.app
from workbench.cases.accept import Complete, make_cases
from workbench.cases.calendar import Calendar, load_calendar, seed_calendar
from workbench.cases.models import CaseRow
from workbench.cases.send import decides_after_opinion
from workbench.catalogue.loaded import catalogue
from workbench.delivery.models import DeliveryRow
from workbench.host.discover import Installed, discover
from workbench.hubs.open_lines import open_line
from workbench.identity import sessions
from workbench.people.check import PersonInput
from workbench.people.models import PersonRow
from workbench.people.register import register_person
from workbench.settings import Settings
from workbench.staff.models import GrantRow, WorkerRow
from workbench.store.context import Context
from workbench.store.engine import Store
from workbench.store.ids import new_id

NUMBER = "990101195003071239"
VALUES: dict[str, Any] = {
    "name": "测试甲", "id_no": NUMBER, "sex": "1", "birth_date": "1950-03-07", "phone": "19900000001",
    "hukou_division": "990101", "hukou_address": "试验市样板区示例街道一号", "residence_address": "示例街道二号",
    "income_month": 120000, "poverty_cause": "illness", "disability_card_no": "99010119500307123941",
    "bank_code": "102", "account_no": "6200000000000000000", "payee": "测试甲",
}  # fmt: skip


@dataclass
class World:
    """An application with its store."""

    app: Flask
    store: Store
    installed: Installed
    clients: dict[tuple[str, str], FlaskClient] = field(default_factory=dict)

    def sign_in(self, username: str, locale: str = "zh_CN") -> FlaskClient:
        """Give a browser in which a worker is signed in."""
        if (username, locale) not in self.clients:
            with self.store.write() as session:
                row = session.exec(select(WorkerRow).where(WorkerRow.username == username)).one()
                services = self.app.extensions["workbench"]
                token = sessions.start(session, row.id, services.clock.now())
            client = self.app.test_client()
            client.set_cookie(sessions.COOKIE, token)
            client.set_cookie("locale", locale)
            self.clients[username, locale] = client
        return self.clients[username, locale]

    def make_case(self, ctx: Context, code: str = "MZ-001", person_id: str = "", **changed: Any) -> CaseRow:
        """Accept a case as the table does: numbered, frozen, with steps and deliveries."""
        item = catalogue(self.installed).find(code, ctx.hub.division, ctx.clock.today())
        assert item is not None
        person_id = person_id or make_person(ctx)
        now = ctx.clock.now()
        case = CaseRow(
            id=new_id(), hub_id=ctx.hub.id, line_id=item.line_id, item_code=code, item_version=item.manifest.version,
            item_digest=item.digest, title_zh=item.manifest.title_zh, title_en=item.manifest.title_en,
            person_id=person_id, reception_id=new_id(), owner_id=ctx.actor.id, created_at=now, updated_at=now,
        )  # fmt: skip
        ctx.session.add(case)
        ctx.session.flush()
        said = {key: {"rank": "word", "source": "本人", "as_of": "2026-11-22", "held": None} for key in VALUES}
        content: dict[str, Any] = {"values": dict(VALUES), "origins": said, "files": []}
        if decides_after_opinion(item.manifest):
            content["decide"] = "after_opinion"
        load_made(ctx)
        make_cases(ctx, self.installed, [Complete(case.id, person_id, item, content, {})])
        ctx.session.refresh(case)
        for name, value in changed.items():
            setattr(case, name, value)
        ctx.session.flush()
        return case

    def stand(self, ctx: Context, code: str = "MZ-001", state: str = "", reason: str = "", **changed: Any) -> "Stood":
        """Accept a case whose first delivery stands somewhere."""
        case = self.make_case(ctx, code)
        query = select(DeliveryRow).where(DeliveryRow.case_id == case.id).order_by(col(DeliveryRow.id))
        delivery = ctx.session.exec(query).first()
        assert delivery is not None
        delivery.state, delivery.reason = state or delivery.state, reason
        for name, value in changed.items():
            setattr(delivery, name, value)
        ctx.session.flush()
        return Stood(case.id, delivery.id)


@dataclass(frozen=True)
class Stood:
    """A case and its first delivery."""

    case: str
    delivery: str


def load_made(ctx: Context) -> Calendar:
    """Give the working calendar, seeded once."""
    seed_calendar(ctx.session)
    ctx.session.flush()
    return load_calendar(ctx.session)


def make_person(ctx: Context) -> str:
    """Register a resident, once per database."""
    found = ctx.session.exec(select(PersonRow.id)).first()
    return found or register_person(ctx, PersonInput.model_validate({"name": "测试甲", "id_no": NUMBER})).id


@cache
def _installed() -> Installed:
    return discover()


def open_world(settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch, *rooms: str) -> World:
    """Start the application with some rooms, on the database and the keys of the test."""
    monkeypatch.setattr(Settings, "keys", lambda self: store.keys)
    monkeypatch.setattr(workbench.app, "ROOMS", ("identity", *rooms))
    installed = _installed()
    app = workbench.app.create_app(settings, installed)
    app.config["WTF_CSRF_ENABLED"] = False
    return World(app, store, installed)


@contextmanager
def world_with_days(act: Any, settings: Any, store: Any, monkeypatch: Any, *rooms: str) -> Iterator[World]:
    """Open a world that knows the working days, and let go of it at the end."""
    with act() as ctx:
        seed_calendar(ctx.session)
    world = open_world(settings, store, monkeypatch, *rooms)
    yield world
    world.app.extensions["workbench"].store.close()


@contextmanager
def world_at_line(line: str, act: Any, settings: Any, store: Any, monkeypatch: Any, *rooms: str) -> Iterator[World]:
    """Open a world with a line open at the hub, and let go of it at the end."""
    world = open_world(settings, store, monkeypatch, *rooms)
    with act("hubadmin1") as ctx:
        open_line(ctx, world.installed, line)
    yield world
    world.app.extensions["workbench"].store.close()


class Count:
    """Counts the statements of one engine while it is entered."""

    def __init__(self, world: World) -> None:
        self.engine = world.app.extensions["workbench"].store.engine
        self.statements: list[str] = []

    def _note(self, connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
            self.statements.append(statement)

    def __enter__(self) -> "Count":
        event.listen(self.engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *exception: object) -> None:
        event.remove(self.engine, "before_cursor_execute", self._note)


def text_of(page: str) -> str:
    """Give what a person reads of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def give_role(ctx: Context, username: str, role: str, line: str = "") -> None:
    """Give a worker of the tests one more role at the context's hub."""
    worker = ctx.session.exec(select(WorkerRow).where(WorkerRow.username == username)).one()
    since = ctx.clock.now() - timedelta(days=1)
    ctx.session.add(
        GrantRow(worker_id=worker.id, hub_id=ctx.hub.id, role=role, line_id=line, valid_from=since, granted_by="system")
    )
