"""The application with the rooms machines need, lines open, a resident on file, tokens of every kind."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

import pytest
from admitted import open_lines
from conftest import Act
from flask import Flask
from sitting import fitting_values, id_number
from sqlmodel import select

from workbench import app as composer
from workbench.app import create_app
from workbench.cases.calendar import seed_calendar
from workbench.catalogue.form import form_of
from workbench.catalogue.loaded import catalogue
from workbench.host.discover import Installed, discover
from workbench.identity.models import AuditRow
from workbench.identity.tokens import SCOPES, make_token
from workbench.people.check import PersonInput
from workbench.people.register import register_person
from workbench.settings import Settings
from workbench.store.engine import Store
from workbench.store.ids import new_id

INSTALLED = discover()
PURPOSE = {"X-Purpose": quote("窗口核对")}
#: A card number whose check digit is right.
CARD = "6222020000000000018"
ALL = tuple(scope for scope in SCOPES if scope != "metrics")


@pytest.fixture
def installed() -> Installed:
    return INSTALLED


@pytest.fixture
def app(settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    monkeypatch.setattr(composer, "ROOMS", ("identity", "machine", "service"))
    monkeypatch.setattr(Settings, "keys", lambda self: store.keys)
    made = create_app(settings, INSTALLED)
    yield made
    made.extensions["workbench"].store.close()


@pytest.fixture
def open_hub(act: Act) -> None:
    with act() as ctx:
        seed_calendar(ctx.session)
    for hub in ("wutong", "yinxing"):
        with act("sysadmin", hub=hub) as ctx:
            open_lines(ctx, INSTALLED.ready_lines)


MakeToken = Callable[..., str]


@pytest.fixture
def token_for(act: Act) -> MakeToken:
    def make(*scopes: str, hub: str = "wutong", expires: datetime | None = None) -> str:
        with act("sysadmin", hub=hub) as ctx:
            return make_token(ctx, "热线平台", scopes or ALL, expires)

    return make


@dataclass
class Machine:
    """Asks as another program would; `token` may be changed at any time."""

    app: Flask
    token: str
    headers: dict[str, str] = field(default_factory=lambda: dict(PURPOSE))

    def _sent(self, more: dict[str, str] | None) -> dict[str, str]:
        bearer = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {**bearer, **self.headers, **(more or {})}

    def get(self, path: str, headers: dict[str, str] | None = None) -> Any:
        return self.app.test_client().get(f"/api/v1{path}", headers=self._sent(headers))

    def post(self, path: str, content: Any = None, headers: dict[str, str] | None = None, **how: Any) -> Any:
        how = how or {"json": content}
        return self.app.test_client().post(f"/api/v1{path}", headers=self._sent(headers), **how)


@pytest.fixture
def machine(app: Flask, open_hub: None, token_for: MakeToken) -> Machine:
    return Machine(app, token_for())


@pytest.fixture
def neighbour(app: Flask, open_hub: None, token_for: MakeToken) -> Machine:
    """A machine of the other hub."""
    return Machine(app, token_for(hub="yinxing"))


def register(act: Act, hub: str, number: str, phone: str) -> str:
    with act("worker1", hub=hub) as ctx:
        return register_person(ctx, PersonInput(name="测试甲", id_no=id_number(number), phone=phone)).id


@pytest.fixture
def person_id(act: Act) -> str:
    return register(act, "wutong", "99010019600101901", "19999900001")


@pytest.fixture
def stranger_id(act: Act) -> str:
    """A resident of the other hub."""
    return register(act, "yinxing", "99010019600101903", "19999900002")


NewCase = Callable[..., dict[str, Any]]


@pytest.fixture
def order(person_id: str) -> NewCase:
    """Write a complete order for an item, with changes."""

    def make(code: str = "RS-001", **changed: Any) -> dict[str, Any]:
        manifest = catalogue(INSTALLED).by_code[code][0].manifest
        form = form_of(manifest)
        cards = {key: CARD for key, field in form.fields.items() if field.type == "bank"}
        complete = {
            "idempotency_key": new_id(),
            "person_id": person_id,
            "item_code": code,
            "values": fitting_values(form) | cards,
            "materials": {material.key: "sighted" for material in manifest.materials},
            "reasons": {},
            "accept": True,
        }
        return complete | changed

    return make


Trail = Callable[[str], list[AuditRow]]


@pytest.fixture
def trail(store: Store) -> Trail:
    """Read what the trail says about one action."""

    def read(action: str) -> list[AuditRow]:
        with store.read() as session:
            rows = list(session.exec(select(AuditRow).where(AuditRow.action == action).order_by(AuditRow.id)))
            session.expunge_all()
            return rows

    return read
