"""The application with the admin room, signed in as anybody of the small world."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from admitted import wave_through
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, update
from sqlmodel import select
from werkzeug.test import TestResponse

from workbench import app as composer
from workbench.api.manifest import Contact, LineManifest, PlatformManifest, Setting
from workbench.app import create_app
from workbench.host.discover import Installed, Line, Platform
from workbench.identity.passwords import hash_password
from workbench.settings import Settings
from workbench.staff.models import WorkerRow
from workbench.store.crypto import KeyRing
from workbench.store.engine import Store

PASSWORD = "round-table"
ITEM = """
code = "{prefix}-001"
version = "1"
valid_from = 2026-01-01
title_zh = "样例"
title_en = "Sample"
department = "样例局"
confidence = "typical"
[[steps]]
key = "accept"
name = "受理"
name_en = "Accept"
actor = "站点"
by = "worker"
"""
SETTINGS = (
    Setting(key="base_url", type="url", label_zh="地址", label_en="Address"),
    Setting(key="app_key", type="secret", label_zh="密钥", label_en="Key"),
    Setting(key="retries", type="number", label_zh="次数", label_en="Times", required=False),
    Setting(key="is_test", type="bool", label_zh="测试", label_en="Test", required=False),
    Setting(key="mode", type="choice", label_zh="方式", label_en="Mode", choices=("a", "b"), required=False),
    Setting(key="certificate", type="file", label_zh="证书", label_en="Certificate", required=False),
)


def make_line(folder: Path, number: int) -> Line:
    """One ready line with one good item, and one item that cannot be read."""
    line_id, prefix = f"line{number}", f"{chr(65 + number // 26)}{chr(65 + number % 26)}"
    (folder / line_id / "items").mkdir(parents=True)
    (folder / line_id / "items" / f"{prefix}-001.toml").write_text(ITEM.format(prefix=prefix), "utf-8")
    (folder / line_id / "items" / f"{prefix}-002.toml").write_text("code = ", "utf-8")
    manifest = LineManifest(
        id=line_id,
        name_zh=f"条线{number}",
        name_en=f"Line {number}",
        department="样例局",
        code_prefix=prefix,
        owner=Contact(name="样例科", phone="1234"),
        api="1.0",
        version=f"2026.{number}",
    )
    return Line(line_id, line_id, folder / line_id, "ready", manifest=manifest)


def make_platform(folder: Path, number: int) -> Platform:
    manifest = PlatformManifest(
        id=f"line{number}.gateway",
        line=f"line{number}",
        name_zh=f"平台{number}",
        name_en=f"Platform {number}",
        department="样例局",
        way="rest",
        api="1.0",
        owner=Contact(name="样例科"),
        confidence="typical",
        capabilities=("push",),
        repeat="key",
        settings=SETTINGS,
    )
    return Platform(manifest.id, folder, "ready", manifest=manifest)


def make_installed(folder: Path, count: int) -> Installed:
    """Ready lines with a platform each, one broken line and one broken platform."""
    lines = [make_line(folder, number) for number in range(count)]
    broken = Line("broken", "lost_package", Path(), "broken", "package lost_package not found")
    platforms = [make_platform(folder, number) for number in range(count)]
    sick = Platform("broken.gateway", folder, "broken", "platform.toml: way: Input should be")
    return Installed((*lines, broken), (*platforms, sick))


@pytest.fixture
def installed(tmp_path: Path) -> Installed:
    return make_installed(tmp_path / "lines", 4)


MakeApp = Callable[[Installed], Flask]


@pytest.fixture(scope="session")
def password_hash() -> str:
    return hash_password(PASSWORD)


@pytest.fixture
def make_app(
    settings: Settings, store: Store, keys: KeyRing, password_hash: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MakeApp]:
    """Make the application around other lines, with the keys the tests read with."""
    assert keys.path is not None
    shutil.copy(keys.path, settings.instance / "keys.toml")
    monkeypatch.setattr(composer, "ROOMS", ("identity", "admin"))
    with store.write() as session:
        session.execute(update(WorkerRow).values(password_hash=password_hash, spares_second_step=True))
    made: list[Flask] = []

    def make(installed: Installed) -> Flask:
        with store.write() as session:
            wave_through(session, "wutong", installed.lines)
        made.append(create_app(settings, installed))
        return made[-1]

    yield make
    for app in made:
        app.extensions["workbench"].store.close()


@pytest.fixture
def app(make_app: MakeApp, installed: Installed) -> Flask:
    return make_app(installed)


class Screen:
    """A browser without scripts: signs in through the page, sends forms with their tokens."""

    def __init__(self, app: Flask, username: str = "hubadmin1", locale: str = "en", password: str = PASSWORD) -> None:
        self.client: FlaskClient = app.test_client()
        self.client.set_cookie("locale", locale)
        self.token = ""
        self.get("/sign-in")
        answer = self.post("/sign-in", username=username, password=password)
        assert answer.status_code == 303, answer.get_data(as_text=True)

    def get(self, path: str, **keywords: Any) -> TestResponse:
        answer = self.client.get(path, **keywords)
        found = re.search(r'name="csrf_token" value="([^"]+)"', answer.get_data(as_text=True))
        self.token = found[1] if found else self.token
        return answer

    def post(self, path: str, **form: object) -> TestResponse:
        return self.client.post(path, data={"csrf_token": self.token, **form})

    def send(self, path: str, **form: object) -> str:
        """Send a form, follow where it leads, and give the page's text."""
        answer = self.client.post(path, data={"csrf_token": self.token, **form}, follow_redirects=True)
        return str(answer.get_data(as_text=True))

    def read(self, path: str) -> str:
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return str(answer.get_data(as_text=True))


SignIn = Callable[..., Screen]


@pytest.fixture
def sign_in(app: Flask) -> SignIn:
    return lambda username="hubadmin1", locale="en": Screen(app, username, locale)


@pytest.fixture
def screen_on() -> type[Screen]:
    """Sign in to an application made with other lines."""
    return Screen


@pytest.fixture
def install() -> Callable[[Path, int], Installed]:
    """Install so many lines."""
    return make_installed


@pytest.fixture
def counting() -> Callable[[Flask], AbstractContextManager[list[str]]]:
    """Collect the statements an application sends."""
    return counted


@pytest.fixture
def worker_id(store: Store) -> Callable[[str], str]:
    """Give the id of a worker of the small world."""

    def find(username: str) -> str:
        with store.read() as session:
            return session.exec(select(WorkerRow.id).where(WorkerRow.username == username)).one()

    return find


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """Collect the statements the application sends."""
    sent: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        sent.append(statement)

    engine = app.extensions["workbench"].store.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)
