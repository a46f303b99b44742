"""Every page of the room for every role, in both languages, and its words."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

import workbench

ROOT = Path(workbench.__file__).parent
PAGES = [
    "lines", "lines/line0/close", "platforms", "platforms/line0.gateway", "platforms/broken.gateway", "workers",
    "workers/new", "tokens", "trail", "calendar", "calendar?year=2027",
]  # fmt: skip
POSTS = [
    "lines/line0/open", "lines/line0/close", "lines/line0/move", "platforms/line0.gateway",
    "platforms/line0.gateway/check", "platforms/line0.gateway/pause", "workers/new", "workers/find", "tokens",
]  # fmt: skip


def test_the_start_leads_to_the_lines(sign_in: Callable[..., Any]) -> None:
    answer = sign_in().get("/h/wutong/admin/")

    assert (answer.status_code, answer.location) == (303, "/h/wutong/admin/lines")


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_every_page_is_there_for_admins_in_their_language(sign_in: Callable[..., Any], locale: str) -> None:
    for username in ("hubadmin1", "sysadmin"):
        screen = sign_in(username, locale)
        for path in PAGES:
            text = screen.read(f"/h/wutong/admin/{path}")
            assert text.count("<h1") == 1, path
            identifiers = re.findall(r'\sid="([^"]+)"', text)
            assert sorted(identifiers) == sorted(set(identifiers)), path
            if locale == "en":
                body = text.partition("<main")[2].partition("</main")[0]
                plain = re.sub(r"<[^>]+>", "", body)
                assert not re.findall(r"[\u3400-\u9fff]", plain.replace("样例局", "").replace("样例科", "")), path


@pytest.mark.parametrize("username", ["worker1", "reviewer1", "approver1"])
def test_other_roles_are_refused(sign_in: Callable[..., Any], username: str) -> None:
    screen = sign_in(username)

    assert {screen.get(f"/h/wutong/admin/{path}").status_code for path in PAGES} == {403}
    assert {screen.post(f"/h/wutong/admin/{path}").status_code for path in POSTS} == {403}


def test_an_admin_of_another_hub_finds_nothing(sign_in: Callable[..., Any]) -> None:
    screen = sign_in("hubadmin1")

    assert {screen.get(f"/h/yinxing/admin/{path}").status_code for path in PAGES} == {404}
    assert {screen.post(f"/h/yinxing/admin/{path}").status_code for path in POSTS} == {404}


def test_nobody_reads_without_signing_in(app: Any) -> None:
    client = app.test_client()

    for path in PAGES:
        answer = client.get(f"/h/wutong/admin/{path}")
        assert answer.status_code in (302, 303)
        assert answer.location.startswith("/sign-in")


@pytest.mark.parametrize(
    "path",
    [
        "lines/nothing/close", "platforms/no.thing", "workers/nobody", "workers/nobody/password",
        "workers/nobody/deactivate", "calendar?year=1800", "calendar?year=soon", "trail?worker=nobody",
    ],
)  # fmt: skip
def test_what_is_not_there_is_404(sign_in: Callable[..., Any], path: str) -> None:
    assert sign_in().get(f"/h/wutong/admin/{path}").status_code == 404


def test_a_form_without_its_token_is_refused(sign_in: Callable[..., Any]) -> None:
    screen = sign_in()
    screen.token = "wrong"

    assert screen.post("/h/wutong/admin/lines/line0/open").status_code == 400


def asked() -> Iterator[str]:
    for path in [*(ROOT / "admin").glob("*.py"), *(ROOT / "admin" / "templates").rglob("*.html")]:
        way = "python" if path.suffix == ".py" else "jinja2.ext:babel_extract"
        with path.open("rb") as file:
            for _line, message, _comments, _context in extract(way, file):
                yield message if isinstance(message, str) else message[0]


def test_every_word_is_translated() -> None:
    known: dict[str, str] = {}
    for path in (ROOT / "translations" / "zh_CN").glob("*.po"):
        with path.open("rb") as file:
            for message in read_po(file):
                one = message.id if isinstance(message.id, str) else message.id[0]
                known[one] = message.string if isinstance(message.string, str) else message.string[0]

    assert sorted({word for word in asked() if not known.get(word)}) == []


def test_templates_hold_no_chinese_and_no_inline_code() -> None:
    for path in (ROOT / "admin" / "templates").rglob("*.html"):
        text = path.read_text("utf-8")
        assert re.findall(r"[\u3400-\u9fff]|\sstyle=|\son[a-z]+=|hx-on|<style|<script", text) == [], path
