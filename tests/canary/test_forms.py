"""An invented resident put in through every form of the running application leaves no trace outside the pages."""

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
import screens
from canaries import ACCOUNT, ADDRESS, ID_NO, NAME, PHONE, WORDS, found_in, listening
from crawl import LINES, ROOMS, address, places_around, routes
from flask.testing import FlaskClient
from lxml import html
from scans import pdf
from screens import World, open_world

from workbench.hubs.open_lines import open_line
from workbench.identity.tokens import make_token
from workbench.people.check import PersonInput
from workbench.people.facts import FactInput, record_facts
from workbench.people.models import PersonRow
from workbench.people.register import register_person

USERS = ("worker1", "reviewer1", "approver1", "hubadmin1", "sysadmin")
VALUES = {
    "name": NAME, "id_no": ID_NO, "phone": PHONE, "hukou_address": ADDRESS, "residence_address": ADDRESS,
    "account_no": ACCOUNT, "payee": NAME, "birth_date": "1977-07-07",
}  # fmt: skip
#: Part of a field's name -> what is typed there; the first that fits counts.
BY_NAME = {
    "id_no": ID_NO, "last": ID_NO[-4:], "phone": PHONE, "mobile": PHONE, "account": ACCOUNT, "bank": ACCOUNT,
    "address": ADDRESS, "name": NAME, "q": NAME, "text": ID_NO,
}  # fmt: skip
#: An error page holds nothing of what was typed; a form that is shown again does.
ERRORS = frozenset({400, 401, 403, 404, 405, 413, 415, 500, 503})
FIELDS = re.compile(rb"<input[^>]*>|<textarea.*?</textarea>|<option[^>]*>", re.S)
#: Forms by address ask for items of the catalogue, never for a person.
FOR_ITEMS = re.compile(r"/h/\w+/(admin/)?items|/h/\w+/people/\w+/items")
LEAVING = ("/sign-out", "/lock", "/account/password")
PAPER = pdf()


@pytest.fixture
def world(settings, store, monkeypatch, act) -> Iterator[World]:
    monkeypatch.setattr(screens, "VALUES", screens.VALUES | VALUES)
    opened = open_world(settings, store, monkeypatch, *ROOMS)
    with act("hubadmin1") as ctx:
        for line_id in LINES:
            open_line(ctx, opened.installed, line_id)
    yield opened
    opened.app.extensions["workbench"].store.close()


@pytest.fixture
def places(world: World, act) -> dict[str, Any]:
    """The resident, what is on file about them, an accepted case, an open form, a sitting, a machine's token."""
    with act("worker1") as ctx:
        person = register_person(ctx, PersonInput(name=NAME, id_no=ID_NO, phone=PHONE))
        record_facts(ctx, person.id, [FactInput("residence.address", ADDRESS), FactInput("bank.account_no", ACCOUNT)])
        return places_around(world, ctx, world.make_case(ctx, "MZ-001", person.id))


class Watch:
    """Sends requests and takes down every place outside a page where something personal stands."""

    def __init__(self) -> None:
        self.leaks: set[str] = set()
        self.sent: set[tuple[str, str]] = set()

    def judge(self, answer: Any, place: str) -> Any:
        headers = "\n".join(f"{name}: {value}" for name, value in answer.headers)
        for name, value in answer.headers:
            self._note(f"{place}: header {name}", found_in(value))
        found = found_in(answer.get_data())
        if answer.status_code in ERRORS:
            self._note(
                f"{place}: error page {answer.status_code}", found and found_in(without_fields(answer.get_data()))
            )
        if found and answer.headers.get("Cache-Control") != "no-store":
            self.leaks.add(f"{place}: may be kept: {headers}")
        return answer

    def _note(self, place: str, found: list[str]) -> None:
        if found:
            self.leaks.add(f"{place}: {found}")

    def send(self, client: FlaskClient, method: str, url: str, place: str, **given: Any) -> Any:
        if found := found_in(url):
            self.leaks.add(f"{place}: address {found}")
        return self.judge(client.open(url, method=method, **given), place)


def without_fields(page: bytes) -> bytes:
    """Take away what stands in the fields of a page: nothing typed is lost when a form is shown again."""
    return FIELDS.sub(b"", page)


def typed(form: Any) -> dict[str, Any]:
    """Fill in a form as somebody would who types the resident everywhere."""
    values: dict[str, Any] = {name: value for name, value in form.form_values() if name}
    for field in form.iter("input", "textarea", "select"):
        name, kind = field.get("name"), field.get("type", "text") if field.tag == "input" else field.tag
        if not name:
            continue
        if kind in ("text", "tel", "search", "textarea", "email", "password"):
            values[name] = canary_for(name)
        elif kind == "file":
            values[name] = (io.BytesIO(PAPER), f"{NAME}.pdf", "application/pdf")
        elif kind == "select" and not values.get(name):
            values[name] = next((one for one in field.value_options if one), "")
        elif kind == "radio" and name not in values:
            values[name] = field.get("value")
        elif kind == "date" and not values.get(name):
            values[name] = "1977-07-07"
    return values


def canary_for(name: str) -> str:
    return next((value for part, value in BY_NAME.items() if part in name.lower()), WORDS)


def forms_of(answer: Any, base: str) -> Iterator[Any]:
    if answer.mimetype == "text/html" and answer.get_data():
        tree = html.fromstring(answer.get_data(), base_url=f"http://localhost{base}")
        yield from tree.iter("form")


def submit(watch: Watch, client: FlaskClient, form: Any, base: str, place: str) -> None:
    url = (form.get("action") or base).replace("http://localhost", "")
    method = (form.get("method") or "get").upper()
    values = typed(form)
    if method == "GET":
        given: dict[str, Any] = {"query_string": values}
        if not FOR_ITEMS.fullmatch(url):
            watch._note(f"{place}: form by address {url}", found_in(str(values)))
    else:
        given = {"data": values}
    watch.send(client, method, url, f"{place} > {method} {plain(url)}", **given)
    for button in form.iter("button"):
        if button.get("name") and method == "POST":
            given["data"] = typed(form) | {button.get("name"): button.get("value", "1")}
            watch.send(client, method, url, f"{place} > {method} {plain(url)} {button.get('name')}", **given)


def plain(url: str) -> str:
    return re.sub(r"[0-9A-Z]{26}", "#", url)


def open_every_page(watch: Watch, world: World, places: dict[str, Any]) -> None:
    """Open every page with every role, and send every form that stands there once."""
    for username in USERS:
        client = world.sign_in(username)
        forms: list[tuple[Any, str, str]] = []
        for rule, _verb in routes(world):
            for case in ("case_id", "draft_id") if "GET" in rule.methods else ():
                url = address(world, rule, places, case)
                answer = watch.send(client, "GET", url, f"{username} {rule.rule}")
                forms += [(form, url, rule.rule) for form in forms_of(answer, url)]
                answer.close()
        for form, url, rule in forms:
            key = (username, plain(form.get("action") or url), *sorted(name for name, _ in form.form_values()))
            if key not in watch.sent and not (form.get("action") or "").startswith(LEAVING):
                watch.sent.add(key)
                submit(watch, client, form, url, f"{username} {rule}")


def post_everywhere(watch: Watch, world: World, places: dict[str, Any], token: str, *users: str) -> None:
    """Send the resident to every address that takes anything, whether a page has a form for it or not."""
    words = {name: canary_for(name) for name in (*BY_NAME, "reason", "note", "purpose", "value", "row", "file")}
    shapes: tuple[dict[str, Any], ...] = ({"data": words}, {"json": words}, {"data": NAME.encode()})
    bearer = {"Authorization": f"Bearer {token}", "X-Purpose": "test"}
    for rule, _verb in routes(world):
        for method in sorted(rule.methods & {"POST", "PUT", "DELETE"}):
            for username in users:
                if rule.rule.startswith(LEAVING):
                    continue
                for shape in shapes:
                    url = address(world, rule, places)
                    headers = bearer if rule.rule.startswith("/api/") else {}
                    watch.send(world.sign_in(username), method, url, f"{method} {rule.rule}", headers=headers, **shape)


def break_every_view(watch: Watch, world: World, places: dict[str, Any], token: str) -> None:
    """Let every view fail with the resident in the words of its error."""

    def breaking(view: Any) -> Any:
        def broken(**_: Any) -> None:
            raise ValueError(f"cannot read {NAME}, {ADDRESS}, {ID_NO}")

        broken.permission = getattr(view, "permission", None)
        return broken

    world.app.view_functions = {name: breaking(view) for name, view in world.app.view_functions.items()}
    post_everywhere(watch, world, places, token, "hubadmin1")
    client = world.sign_in("sysadmin")
    for rule, _verb in routes(world):
        if "GET" in rule.methods:
            watch.send(client, "GET", address(world, rule, places), f"broken {rule.rule}")


def test_resident_stands_in_no_log_address_error_page_header_or_metric(world: World, places, act) -> None:
    watch = Watch()
    with act("hubadmin1") as ctx:
        scopes = ("items:read", "persons:read", "persons:write", "cases:read", "cases:write", "deliveries:read")
        token = make_token(ctx, "canary", scopes, None)
    with listening() as said:
        open_every_page(watch, world, places)
        post_everywhere(watch, world, places, token, "worker1", "sysadmin")
        watch._note("metrics", found_in(world.app.test_client().get("/metrics").get_data()))
        break_every_view(watch, world, places, token)

    assert [line for line in said.getvalue().splitlines() if found_in(line)] == []
    assert sorted(watch.leaks) == []
    with act("worker1") as ctx:  # it was really put in
        assert ctx.session.get_one(PersonRow, places["person_id"]).name == NAME
