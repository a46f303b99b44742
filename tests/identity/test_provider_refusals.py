"""What the workbench refuses as OpenID provider: all but one code, once, with PKCE, redeemed by its own screen."""

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import KeySet
from peers import unsigned
from screens import World, text_of
from sqlmodel import select

from workbench.identity.clients import change_client, end_client, register_client
from workbench.identity.models import AuditRow, SignInRow
from workbench.identity.signing_keys import ON_SHOW, keys_on_show, rotate_keys
from workbench.identity.verify import verify
from workbench.identity.way_out_models import CodeRow, SigningKeyRow
from workbench.staff.models import WorkerRow
from workbench.store.context import Context
from workbench.store.engine import Store
from workbench.store.problems import Problems

VERIFIER = "v" * 60
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
BACK = "https://dept.example/back"
Screen = tuple[str, str]


@pytest.fixture
def register(act: Any) -> Callable[..., Screen]:
    def one(**changed: str) -> Screen:
        form = {"name": "部门系统", "redirect_uris": BACK, "post_logout_uris": "https://dept.example/gone"} | changed
        with act("sysadmin") as ctx:
            row, secret = register_client(ctx, form)
            return row.id, secret

    return one


@pytest.fixture
def browser(world: World) -> FlaskClient:
    return world.sign_in("worker1")


def ask(browser: FlaskClient, screen: Screen, **changed: str | None) -> Any:
    asked = {
        "response_type": "code", "client_id": screen[0], "redirect_uri": BACK, "scope": "openid launch", "state": "s1",
        "nonce": "n1", "code_challenge": CHALLENGE, "code_challenge_method": "S256",
    } | changed  # fmt: skip
    return browser.get(
        "/oidc/authorize?" + urlencode({key: value for key, value in asked.items() if value is not None})
    )


def query_of(answer: Any) -> dict[str, str]:
    return {key: value[0] for key, value in parse_qs(urlsplit(answer.location).query).items()}


def redeem(world: World, screen: Screen, code: str, /, **changed: str) -> Any:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER} | changed
    return world.app.test_client().post("/oidc/token", data=form, auth=screen)


def tokens(world: World, browser: FlaskClient, screen: Screen) -> dict[str, Any]:
    return dict(redeem(world, screen, query_of(ask(browser, screen))["code"]).json)


def userinfo(world: World, token: str) -> Any:
    return world.app.test_client().get("/oidc/userinfo", headers={"Authorization": f"Bearer {token}"})


def test_a_code_is_given_with_the_issuer_and_the_state(world: World, browser: FlaskClient, register: Any) -> None:
    query = query_of(ask(browser, register()))
    assert (query["iss"], query["state"], set(query)) == ("http://localhost", "s1", {"code", "state", "iss"})


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"code_challenge": None, "code_challenge_method": None}, "PKCE"),
        ({"code_challenge": VERIFIER, "code_challenge_method": "plain"}, "PKCE"),
        ({"code_challenge_method": None}, "PKCE"),
        ({"nonce": None}, "nonce"),
        ({"redirect_uri": BACK + "/more"}, "地址"),
        ({"redirect_uri": None}, "地址"),
        ({"client_id": "nobody"}, "未在此登记"),
        ({"response_type": "token"}, "授权码"),
        ({"response_type": "id_token", "nonce": "n"}, "授权码"),
        ({"scope": "profile"}, "不提供"),
    ],
)
def test_a_wrong_request_is_a_page_that_says_what_to_do(
    world: World, browser: FlaskClient, register: Any, store: Store, changed: dict[str, str | None], word: str
) -> None:
    answer = ask(browser, register(), **changed)

    assert answer.status_code == 400
    assert word in text_of(answer.text)
    assert "请把本页内容告诉管理员" in text_of(answer.text)
    with store.read() as session:
        assert session.exec(select(CodeRow)).all() == []


def test_nobody_is_led_to_an_address_that_is_not_registered(browser: FlaskClient, register: Any) -> None:
    page = ask(browser, register(), redirect_uri="https://evil.example/", nonce=None, prompt="none").text
    assert "evil.example" not in page


def test_prompt_none_answers_the_screen_itself(world: World, register: Any) -> None:
    answer = ask(world.app.test_client(), register(), prompt="none")
    assert query_of(answer)["error"] == "login_required"
    assert query_of(answer)["iss"] == "http://localhost"


def test_a_sign_on_that_is_too_old_is_asked_for_anew(
    world: World, browser: FlaskClient, register: Any, store: Store
) -> None:
    screen = register()
    assert "code" in query_of(ask(browser, screen, max_age="60"))
    with store.write() as session:
        session.exec(select(SignInRow)).one().created_at -= timedelta(minutes=5)

    answer = query_of(ask(browser, screen, max_age="60", prompt="none"))
    assert (answer["error"], answer["state"]) == ("login_required", "s1")
    assert ask(browser, screen, max_age="60").location.startswith("/sign-in?next=")
    assert ask(browser, screen, prompt="login").location.startswith("/sign-in?next=")


def test_a_locked_screen_is_unlocked_first(
    world: World, browser: FlaskClient, register: Any, with_password: str
) -> None:
    screen = register()
    browser.post("/lock")
    to_unlock = ask(browser, screen)
    assert to_unlock.location.startswith("/unlock?next=")
    after = parse_qs(urlsplit(to_unlock.location).query)["next"][0]
    unlocked = browser.post("/unlock", data={"next": after, "password": with_password})
    assert "code" in query_of(browser.get(unlocked.headers["Refresh"].removeprefix("0;url=")))


def test_refusing_nobody_in_particular_keeps_the_trail_whole(world: World, register: Any, store: Store) -> None:
    stranger = world.app.test_client()
    ask(stranger, register(), nonce=None)
    stranger.post("/sign-in/passkey", data={"answer": "{}"})

    with store.read() as session:
        refused = session.exec(select(AuditRow).where(AuditRow.stream == "nobody").order_by(AuditRow.seq)).all()
        assert [row.action for row in refused] == ["platform.refused", "sign-in.refused"]
    with store.read() as session:
        assert list(verify(session, store.keys)) == []


def test_whoever_is_not_signed_in_signs_in_first_and_goes_on(world: World, register: Any, with_password: str) -> None:
    browser = world.app.test_client()
    to_sign_in = ask(browser, register())
    form = parse_qs(urlsplit(to_sign_in.location).query) | {"username": ["worker1"], "password": [with_password]}
    entered = browser.post("/sign-in", data={key: value[0] for key, value in form.items()})

    assert entered.headers["Refresh"].startswith("0;url=/oidc/authorize?")
    assert "code" in query_of(browser.get(entered.headers["Refresh"].removeprefix("0;url=")))


def test_the_id_token_says_hub_roles_purpose_and_nothing_more(
    world: World, browser: FlaskClient, register: Any, act: Any
) -> None:
    screen = register()
    given = tokens(world, browser, screen)
    keys = KeySet.import_key_set(world.app.test_client().get("/oidc/jwks").json)
    claims = jwt.decode(given["id_token"], keys, algorithms=["RS256"]).claims

    assert given["token_type"] == "Bearer"
    assert "refresh_token" not in given
    assert (claims["iss"], claims["aud"], claims["nonce"]) == ("http://localhost", screen[0], "n1")
    assert (claims["hub"], claims["roles"], claims["purpose"]) == ("wutong", ["worker"], "")
    assert claims["exp"] - claims["iat"] == 600
    assert set(claims) == {
        "iss", "aud", "iat", "exp", "auth_time", "nonce", "amr", "at_hash", "sub", "sid", "hub", "roles", "purpose",
    }  # fmt: skip
    with act() as ctx:
        assert ctx.actor.id not in json.dumps(claims)


def test_each_host_knows_a_worker_by_another_name(world: World, browser: FlaskClient, register: Any) -> None:
    one, two = register(), register(redirect_uris="https://other.example/back")
    first = userinfo(world, tokens(world, browser, one)["access_token"]).json
    code = query_of(ask(browser, two, redirect_uri="https://other.example/back"))["code"]
    given = redeem(world, two, code, redirect_uri="https://other.example/back").json
    second = userinfo(world, given["access_token"]).json

    assert first["sub"] != second["sub"]
    assert first == userinfo(world, tokens(world, browser, one)["access_token"]).json


def test_a_code_counts_once_and_a_replay_ends_what_it_gave(world: World, browser: FlaskClient, register: Any) -> None:
    screen = register()
    code = query_of(ask(browser, screen))["code"]
    given = redeem(world, screen, code).json
    assert userinfo(world, given["access_token"]).status_code == 200

    again = redeem(world, screen, code)
    assert (again.status_code, again.json["error"]) == (400, "invalid_grant")
    assert userinfo(world, given["access_token"]).status_code == 401


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_verifier": "w" * 60}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_request"),
        ({"redirect_uri": BACK + "/"}, "invalid_grant"),
        ({"code": "guess"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, "unsupported_grant_type"),
    ],
)
def test_a_wrong_exchange_is_refused(
    world: World, browser: FlaskClient, register: Any, changed: dict[str, str], error: str
) -> None:
    screen = register()
    code = query_of(ask(browser, screen))["code"]
    answer = redeem(world, screen, code, **changed)
    assert (answer.status_code, answer.json["error"]) == (400, error)


def test_only_its_own_screen_with_its_secret_redeems_a_code(world: World, browser: FlaskClient, register: Any) -> None:
    screen, other = register(), register()
    code = query_of(ask(browser, screen))["code"]
    assert redeem(world, (screen[0], "guess"), code).status_code == 401
    assert redeem(world, (screen[0], ""), code).status_code == 401
    assert redeem(world, other, code).json["error"] == "invalid_grant"
    assert redeem(world, screen, code).status_code == 200


def test_a_code_is_over_after_a_minute_and_with_the_session(
    world: World, browser: FlaskClient, register: Any, store: Store
) -> None:
    screen = register()
    code = query_of(ask(browser, screen))["code"]
    with store.write() as session:
        session.exec(select(CodeRow)).one().expires_at -= timedelta(seconds=61)
    assert redeem(world, screen, code).json["error"] == "invalid_grant"

    late = query_of(ask(browser, screen))["code"]
    token = tokens(world, browser, screen)["access_token"]
    with store.write() as session:
        for row in session.exec(select(SignInRow)):
            row.ended_at = row.seen_at
    assert redeem(world, screen, late).json["error"] == "invalid_grant"
    assert userinfo(world, token).status_code == 401


def test_tokens_end_when_given_back_when_asked_by_others_and_with_the_screen(
    world: World, browser: FlaskClient, register: Any, act: Any
) -> None:
    screen, other = register(), register()
    token = tokens(world, browser, screen)["access_token"]

    def active(who: Screen) -> bool:
        return bool(world.app.test_client().post("/oidc/introspect", data={"token": token}, auth=who).json["active"])

    assert (active(screen), active(other)) == (True, False)
    assert world.app.test_client().post("/oidc/introspect", data={"token": token}).status_code == 401
    world.app.test_client().post("/oidc/revoke", data={"token": token}, auth=other)
    assert active(screen)
    assert world.app.test_client().post("/oidc/revoke", data={"token": token}, auth=screen).status_code == 200
    assert (active(screen), userinfo(world, token).status_code) == (False, 401)

    token = tokens(world, browser, screen)["access_token"]
    with act("sysadmin") as ctx:
        end_client(ctx, screen[0])
    assert userinfo(world, token).status_code == 401
    assert "未在此登记" in text_of(ask(browser, screen).text)


def test_keys_change_and_the_old_one_leaves_the_show(act: Any) -> None:
    with act("sysadmin") as ctx:
        old, new = rotate_keys(ctx), rotate_keys(ctx)
        now = ctx.clock.now()
        assert [key["kid"] for key in keys_on_show(ctx.session, now)] == [new.id, old.id]
        assert [key["kid"] for key in keys_on_show(ctx.session, now + ON_SHOW)] == [new.id]
        assert ctx.session.get_one(SigningKeyRow, old.id).private is None
        assert all("d" not in key for key in keys_on_show(ctx.session, now))


def test_a_token_under_a_retired_key_or_without_signature_is_no_hint(
    world: World, browser: FlaskClient, register: Any, store: Store, act: Any
) -> None:
    screen = register()
    hint = tokens(world, browser, screen)["id_token"]
    gone = {"post_logout_redirect_uri": "https://dept.example/gone", "state": "x"}
    asked = browser.get("/oidc/sign-out", query_string=gone | {"id_token_hint": hint})
    assert "部门系统" in text_of(asked.text)

    assert browser.get("/oidc/sign-out", query_string=gone | {"id_token_hint": unsigned(hint)}).status_code == 400
    with act("sysadmin") as ctx:
        rotate_keys(ctx)
    with store.write() as session:
        for row in session.exec(select(SigningKeyRow)):
            row.retired_at = row.retired_at and row.retired_at - ON_SHOW
    refused = browser.get("/oidc/sign-out", query_string=gone | {"id_token_hint": hint})
    assert (refused.status_code, "请关闭本窗口" in text_of(refused.text)) == (400, True)
    with pytest.raises(BadSignatureError):
        keys = KeySet.import_key_set(world.app.test_client().get("/oidc/jwks").json)
        jwt.decode(hint.rpartition(".")[0] + "." + "A" * 342, keys.keys[0], algorithms=["RS256"])


def test_a_closed_account_and_a_worker_without_a_hub_get_nothing(
    world: World, register: Any, store: Store, browser: FlaskClient
) -> None:
    screen = register()
    nobody = ask(world.sign_in("sysadmin"), screen)
    assert (nobody.status_code, "没有任何站点的岗位" in text_of(nobody.text)) == (403, True)

    token = tokens(world, browser, screen)["access_token"]
    with store.write() as session:
        session.exec(select(WorkerRow).where(WorkerRow.username == "worker1")).one().is_active = False
    assert userinfo(world, token).status_code == 401


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"name": "", "redirect_uris": BACK}, "name"),
        ({"name": "x", "redirect_uris": "http://dept.example/back"}, "redirect_uris"),
        ({"name": "x", "redirect_uris": f"{BACK} https://other.example/b"}, "redirect_uris"),
        ({"name": "x", "redirect_uris": f"{BACK}#part"}, "redirect_uris"),
        ({"name": "x", "redirect_uris": BACK, "launch_uri": BACK}, "target_uri"),
    ],
)
def test_a_registration_says_beside_the_field_what_is_wrong(act: Any, form: dict[str, str], field: str) -> None:
    context: Context
    with act("sysadmin") as context, pytest.raises(Problems) as wrong:
        register_client(context, form)
    assert [problem.field for problem in wrong.value.problems] == [field]


def test_the_admin_registers_a_screen_in_a_form_and_sees_its_secret_once(world: World, act: Any) -> None:
    browser = world.sign_in("sysadmin")
    form = {"name": "部门系统", "redirect_uris": BACK}
    assert browser.post("/h/wutong/admin/clients/new", data=form | {"name": ""}).status_code == 422
    shown = browser.post("/h/wutong/admin/clients/new", data=form)
    assert "密钥，仅显示这一次" in text_of(shown.text)

    page = browser.get("/h/wutong/admin/clients").text
    assert "部门系统" in page
    client_id = page.split("/admin/clients/")[2].split('"')[0]
    assert browser.get(f"/h/wutong/admin/clients/{client_id}").status_code == 200
    assert browser.post(f"/h/wutong/admin/clients/{client_id}/secret").status_code == 200
    assert browser.post(f"/h/wutong/admin/clients/{client_id}/end").status_code == 303
    assert world.sign_in("hubadmin1").get("/h/wutong/admin/clients").status_code == 403
    with act("sysadmin") as ctx, pytest.raises(LookupError):
        change_client(ctx, "nothing", form)
