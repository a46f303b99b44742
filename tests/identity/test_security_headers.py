"""What guards every answer and every session, asked of every address of the running application."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from crawl import address, routes
from screens import World, open_world

from workbench.identity import floods, sessions
from workbench.settings import Settings
from workbench.web.headers import CONTENT_POLICY

GUARDS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
NOWHERE = {"hub": "wutong"}


def test_every_answer_is_guarded(world: World) -> None:
    client = world.app.test_client()
    for rule, _verb in routes(world):
        for method in sorted(rule.methods & {"GET", "POST"}):
            answer = client.open(address(world, rule, NOWHERE, case="hub"), method=method, base_url="https://localhost")
            place = (rule.rule, method)
            assert {name: answer.headers.get(name) for name in GUARDS} == GUARDS, place
            assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains", place
            assert "Access-Control-Allow-Origin" not in answer.headers, place
            kind = answer.headers.get("Content-Type", "")
            assert not answer.data or kind, place
            assert not kind.startswith("text/") or "charset=utf-8" in kind.lower(), (place, kind)
            answer.close()
    assert "object-src" not in CONTENT_POLICY  # it falls under the default
    assert CONTENT_POLICY.startswith("default-src 'none'")


@pytest.mark.parametrize("public", ["", "https://workbench.example"])
def test_cookies_are_closed(settings: Settings, store: Any, monkeypatch, with_password: str, public: str) -> None:
    world = open_world(replace(settings, public_url=public), store, monkeypatch, "desk", "cases", "delivery")
    base = "http://localhost" if public else "https://localhost"
    client = world.app.test_client()
    client.get("/sign-in", base_url=base)
    answer = client.post("/sign-in", data={"username": "worker1", "password": with_password}, base_url=base)
    said = [*answer.headers.getlist("Set-Cookie")]
    said += client.post("/language", data={"locale": "en"}, base_url=base).headers.getlist("Set-Cookie")
    said += client.post("/sign-in/passkey/ask", base_url=base).headers.getlist("Set-Cookie")
    names = {cookie.partition("=")[0] for cookie in said}
    world.app.extensions["workbench"].store.close()

    assert {f"__Host-{sessions.COOKIE}", "__Host-locale"} < names
    assert all(name.startswith("__Host-") for name in names)
    for cookie in said:
        assert {"HttpOnly", "Secure", "Path=/"} <= {part.strip() for part in cookie.split(";")}, cookie
        assert "SameSite=Lax" in cookie or "SameSite=Strict" in cookie, cookie
        assert "Domain" not in cookie, cookie


def test_forwarded_headers_are_not_believed(world: World, act: Any) -> None:
    client = world.app.test_client()
    most = floods.SIGN_IN.most["address"]
    with act() as ctx:
        for _ in range(most):
            floods.count(ctx.session, ctx.keys, floods.SIGN_IN, ctx.clock.now(), address="127.0.0.1")
    forged = {"X-Forwarded-For": "198.51.100.7", "X-Real-IP": "198.51.100.7", "Forwarded": "for=198.51.100.7"}
    answer = client.post("/sign-in", data={"username": "worker1", "password": "x"}, headers=forged)
    assert "尝试次数过多" in answer.text
    led = client.get("/", headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"})
    assert "evil.example" not in led.headers.get("Location", "")


def test_a_name_that_failed_too_often_waits(world: World, with_password: str, act: Any) -> None:
    client = world.app.test_client()
    for _ in range(floods.SIGN_IN.most["name"]):
        assert client.post("/sign-in", data={"username": "worker1", "password": "wrong"}).status_code == 422
    again = client.post("/sign-in", data={"username": "worker1", "password": with_password})
    assert "尝试次数过多" in again.text
    assert client.post("/sign-in", data={"username": "worker2", "password": "wrong"}).status_code == 422
    with act() as ctx:
        later = ctx.clock.now() + floods.WINDOW
        assert floods.minutes_to_wait(ctx.session, ctx.keys, floods.SIGN_IN, later, name="worker1") == 0


def test_passkeys_are_asked_so_often_by_one_address(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(floods, "PASSKEY", floods.Limit("passkey", {"address": 3}))
    client = world.app.test_client()
    answers = [client.post("/sign-in/passkey/ask") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "/\\evil.example",
        "/\t\\evil.example",
        "/\t/evil.example",
        "/a\r\nX-Y: z",
        "/x\\..\\\\evil.example",
    ],
)
def test_nobody_is_led_off_this_site(world: World, path: str) -> None:
    """Browsers leave tabs out of an address and take a backslash for a slash."""
    client, by_form = world.app.test_client(), {"locale": "en", "next": path}
    assert client.post("/language", data=by_form).location == "/"
    assert "evil.example" not in client.get("/sign-in", query_string={"next": path}).text
    if "\n" not in path:
        assert (
            client.post("/language", data={"locale": "en"}, headers={"Referer": f"http://localhost{path}"}).location
            == "/"
        )


def test_failed_passkeys_count_by_address_and_under_no_name(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name is nobody's before it is proven: failures of one that is called like a way in close that way to nobody."""
    monkeypatch.setattr(floods, "SIGN_IN", floods.Limit("sign_in", {"name": 1, "address": 3}))
    client = world.app.test_client()
    assert client.post("/sign-in", data={"username": "passkey", "password": "x"}).status_code == 422
    tried = [client.post("/sign-in/passkey", data={"answer": "{}"}) for _ in range(3)]
    assert [answer.status_code for answer in tried] == [422, 422, 422]
    assert ["尝试次数过多" in answer.text for answer in tried] == [False, False, True]


def test_an_answer_of_a_passkey_that_is_none_is_refused(world: World) -> None:
    client = world.app.test_client()
    for answer in ("", "7", "[" * 100_000, '{"id": 7}', '{"id": "AAAA", "rawId": [], "response": 7}', "\x00"):
        client.post("/sign-in/passkey/ask")
        assert client.post("/sign-in/passkey", data={"answer": answer}).status_code == 422, answer[:20]


def test_sessions_lock_and_end(world: World, act: Any) -> None:
    with act() as ctx:
        tokens = {sessions.start(ctx.session, ctx.actor.id, ctx.clock.now()) for _ in range(50)}
        now = ctx.clock.now()
    assert len(tokens) == 50
    assert min(map(len, tokens)) >= 43  # 256 bits in base64
    idle, longest = timedelta(minutes=15), timedelta(hours=13)
    later = ((now, "live"), (now + idle * 2, "locked"), (now + longest + idle, "ended"))
    earlier = ((now - idle * 2, "locked"), (now - longest - idle, "ended"))  # the clock was set back
    for moment, state in (*later, *earlier):
        found = sessions.find(world.store, min(tokens), moment, hub_id="", idle=idle, longest=longest)
        assert found is not None
        assert found.state == state
    assert sessions.find(world.store, "made up", now, hub_id="", idle=idle, longest=longest) is None


def test_trace_is_refused(world: World) -> None:
    assert world.app.test_client().open("/sign-in", method="TRACE").status_code == 405


def test_methods_are_named_only_to_those_who_may_use_them(world: World) -> None:
    address = "/h/wutong/people/new"

    asked = {
        who: world.sign_in(who).open(address, method="OPTIONS").headers.get("Allow", "")
        for who in ("worker1", "reviewer1")
    }

    assert asked["worker1"] == "GET, HEAD, OPTIONS, POST"
    assert "POST" not in asked["reviewer1"]
    assert "POST" not in world.app.test_client().open(address, method="OPTIONS").headers.get("Allow", "")
    refused = world.sign_in("worker1").delete(address)
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, HEAD, OPTIONS, POST")


def test_over_https_a_cookie_without_the_prefix_counts_for_nothing(world: World, with_password: str) -> None:
    """Another host of the domain, or a page on plain http, can put a cookie without the prefix in place."""
    base = "https://localhost"
    client = world.app.test_client()
    client.get("/sign-in", base_url=base)
    client.post("/sign-in", data={"username": "worker1", "password": with_password}, base_url=base)
    kept = client.get_cookie(f"__Host-{sessions.COOKIE}")
    assert client.get("/account", base_url=base).status_code == 200
    other = world.app.test_client()
    other.set_cookie(sessions.COOKIE, kept.value)
    assert other.get("/account", base_url=base).status_code == 303
    gone = client.post("/sign-out", base_url=base).headers.getlist("Set-Cookie")
    ended = next(one for one in gone if one.startswith(f"__Host-{sessions.COOKIE}=;"))
    assert {"Secure", "Path=/", "Max-Age=0"} <= {part.strip() for part in ended.split(";")}
