"""Signing on with an independent OpenID provider, there and back over the wire, and every way it is refused."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from peers import IndependentProvider, Surfer, changed, refuse_without_provider, served, unsigned
from product import eventually
from screens import World, open_world
from sqlmodel import select
from waiting import PATIENCE

from workbench.identity import discovery
from workbench.identity.models import SignInRow
from workbench.identity.providers import save_provider
from workbench.identity.verify import verify
from workbench.identity.way_in_models import ProviderRow
from workbench.settings import Settings
from workbench.staff.models import GrantRow, WorkerRow
from workbench.store.engine import Store
from workbench.testing.ports import free_port

ROOMS = ("people", "catalogue", "delivery", "cases", "desk", "admin")


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def provider(port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[IndependentProvider]:
    refuse_without_provider()
    here = f"http://127.0.0.1:{port}/sign-in/with/city"
    running = IndependentProvider(tmp_path_factory.mktemp("provider"), f"{here}/back", f"{here}/signed-out")
    yield running
    running.close()


@pytest.fixture(autouse=True)
def _honest(provider: IndependentProvider, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(discovery, "TIMEOUT", PATIENCE)  # how long it may take is not what is tried
    yield
    provider.change = lambda path, body: body
    discovery._discovered.clear()
    discovery._keys.clear()


Open = Callable[..., World]


@pytest.fixture
def opened(
    provider: IndependentProvider, port: int, settings: Settings, store: Store, monkeypatch: Any, act: Any
) -> Iterator[Open]:
    """Serve the application with the provider set up as a test wants it."""
    left: list[Any] = []

    def start(minutes: int = 0, **changed_settings: str) -> World:
        form = {
            "id": "city", "name_zh": "市统一登录", "name_en": "City sign-on", "issuer": provider.issuer,
            "client_id": "workbench", "client_secret": provider.secret, "scopes": "openid profile",
            "link_rule": "create", "username_claim": "preferred_username", "name_claim": "name",
            "roles_claim": "roles", "role_map": "li-role = worker@wutong\nwang-role = reviewer:civil_affairs@yinxing",
            "is_open": "true",
        }  # fmt: skip
        with act("sysadmin") as ctx:
            save_provider(ctx, "", form | changed_settings)
        world = open_world(replace(settings, clock_offset_minutes=minutes), store, monkeypatch, *ROOMS)
        serving = served(world.app, port)
        serving.__enter__()
        left.append((world, serving))
        return world

    yield start
    for world, serving in left:
        serving.__exit__(None, None, None)
        world.app.extensions["workbench"].store.close()


def sign_on(surfer: Surfer, port: int, name: str, until: str = "\0") -> Surfer:
    """From our sign-in page to the provider, its two forms, and back."""
    surfer.get(f"http://127.0.0.1:{port}/sign-in/with/city")
    surfer.submit(login=name, password="any")
    return surfer.submit(until=until)


def back_of(port: int) -> str:
    return f"http://127.0.0.1:{port}/sign-in/with/city/back"


def test_first_sign_on_makes_the_worker_with_the_roles_of_the_claims(opened: Open, port: int, store: Store) -> None:
    opened()
    surfer = sign_on(Surfer(), port, "li")

    assert str(surfer.answer.url).endswith("/h/wutong/"), surfer.text
    assert "来自统一登录 li" in surfer.text
    with store.read() as session:
        worker = session.exec(select(WorkerRow).where(WorkerRow.username == "li")).one()
        grants = session.exec(select(GrantRow).where(GrantRow.worker_id == worker.id)).all()
        assert [(grant.role, grant.hub_id, grant.granted_by) for grant in grants] == [
            ("worker", "wutong", "provider:city")
        ]
        assert worker.password_hash == ""


def test_a_role_the_provider_no_longer_names_ends(opened: Open, port: int, store: Store) -> None:
    opened()
    sign_on(Surfer(), port, "li")
    with store.write() as session:
        session.exec(select(ProviderRow)).one().role_map = {"staff": "reviewer@wutong"}
    sign_on(Surfer(), port, "li")

    with store.read() as session:
        roles = [(grant.role, grant.valid_to is None) for grant in session.exec(select(GrantRow).order_by(GrantRow.id))]
        assert roles[-2:] == [("worker", False), ("reviewer", True)]


@pytest.mark.parametrize(
    ("rule", "name", "word"),
    [("refuse", "worker1", "尚未关联"), ("link", "nobody", "尚未关联"), ("create", "sysadmin", "尚未关联")],
)
def test_the_rule_refuses_with_a_page_that_says_what_to_do(
    opened: Open, port: int, store: Store, rule: str, name: str, word: str
) -> None:
    opened(link_rule=rule)
    surfer = sign_on(Surfer(), port, name)

    assert surfer.answer.status_code == 403
    assert word in surfer.text
    with store.read() as session:
        assert session.exec(select(SignInRow)).all() == []


def test_an_existing_account_is_linked_by_its_username_and_by_its_worker(opened: Open, port: int, store: Store) -> None:
    world = opened(link_rule="link", roles_claim="")
    assert str(sign_on(Surfer(), port, "worker1").answer.url).endswith("/h/wutong/")

    surfer = Surfer()
    surfer.client.cookies.update({cookie.key: cookie.value for cookie in world.sign_in("sysadmin")._cookies.values()})
    surfer.get(f"http://127.0.0.1:{port}/sign-in/with/city?link=yes")
    surfer.submit(login="boss", password="any").submit()
    assert "已关联到您的账号" in surfer.text
    assert sign_on(Surfer(), port, "boss").answer.status_code == 200


def test_signing_out_here_signs_out_there(opened: Open, port: int, provider: IndependentProvider) -> None:
    opened()
    surfer = sign_on(Surfer(), port, "li")
    token = html_token(surfer)
    surfer._follow(surfer.client.post(f"http://127.0.0.1:{port}/sign-out", data={"csrf_token": token}), "\0")
    assert str(surfer.answer.url).startswith(f"{provider.issuer}/session/end")
    surfer.submit(logout="yes")
    assert str(surfer.answer.url) == f"http://127.0.0.1:{port}/sign-in"

    surfer.get(f"http://127.0.0.1:{port}/sign-in/with/city")
    assert 'name="login"' in surfer.answer.text  # asked anew


def test_signing_out_there_signs_out_here(opened: Open, port: int, provider: IndependentProvider) -> None:
    opened()
    surfer = sign_on(Surfer(), port, "li")
    surfer.get(f"{provider.issuer}/session/end").submit(logout="yes")

    def is_out() -> bool:
        answer = surfer.client.get(f"http://127.0.0.1:{port}/account")
        return answer.status_code == 303 and "/sign-in" in answer.headers["location"]

    eventually(is_out, "the session ended")


def html_token(surfer: Surfer) -> str:
    return str(surfer.answer.text.split('name="csrf_token" value="')[1].split('"')[0])


def refused_with(surfer: Surfer, word: str, store: Store) -> None:
    """The answer is a page that says what happened and what to do; nobody is signed in."""
    assert surfer.answer.status_code in (403, 503), surfer.text
    assert word in surfer.text
    assert "管理员" in surfer.text or "重新登录" in surfer.text
    with store.read() as session:
        assert session.exec(select(SignInRow)).all() == []


def test_wrong_state_is_refused(opened: Open, port: int, store: Store) -> None:
    opened()
    surfer = sign_on(Surfer(), port, "li", until=back_of(port))
    refused_with(surfer.get(changed(surfer.sent_to, state="x" * 43)), "已用过、已超时", store)


def test_another_browser_cannot_finish_a_sign_on(opened: Open, port: int, store: Store) -> None:
    opened()
    surfer = sign_on(Surfer(), port, "li", until=back_of(port))
    refused_with(Surfer().get(surfer.sent_to), "另一个浏览器", store)


def test_wrong_nonce_is_refused(opened: Open, port: int, store: Store, provider: IndependentProvider) -> None:
    opened()
    surfer = Surfer().get(f"http://127.0.0.1:{port}/sign-in/with/city", until=provider.issuer)
    surfer.get(changed(surfer.sent_to, nonce="another")).submit(login="li", password="any").submit()
    refused_with(surfer, "属于另一次登录", store)


def test_a_replayed_code_is_refused(opened: Open, port: int, store: Store, provider: IndependentProvider) -> None:
    opened()
    surfer = sign_on(Surfer(), port, "li", until=back_of(port))
    used = dict(part.split("=") for part in surfer.sent_to.split("?")[1].split("&"))["code"]
    assert surfer.get(surfer.sent_to).answer.status_code == 200
    with store.write() as session:
        for row in session.exec(select(SignInRow)):
            session.delete(row)

    refused_with(surfer.get(surfer.visited[-3]), "已用过", store)  # the same address once more
    surfer.get(f"http://127.0.0.1:{port}/sign-in/with/city", until=back_of(port))
    refused_with(surfer.get(changed(surfer.sent_to, code=used)), "已用过", store)  # the code in another sign-on


@pytest.mark.parametrize("issuer", ["https://evil.example", None])
def test_an_answer_of_a_foreign_issuer_is_refused(opened: Open, port: int, store: Store, issuer: str | None) -> None:
    opened()
    surfer = sign_on(Surfer(), port, "li", until=back_of(port))
    refused_with(surfer.get(changed(surfer.sent_to, iss=issuer)), "另一个提供方", store)


def test_a_provider_that_calls_itself_otherwise_is_refused(
    opened: Open, port: int, store: Store, provider: IndependentProvider
) -> None:
    opened()
    provider.change = lambda path, body: body.replace(b'"issuer":"http://127', b'"issuer":"http://128')
    refused_with(Surfer().get(f"http://127.0.0.1:{port}/sign-in/with/city"), "无法使用", store)


def test_a_proof_without_signature_is_refused(
    opened: Open, port: int, store: Store, provider: IndependentProvider
) -> None:
    def strip(path: str, body: bytes) -> bytes:
        if path != "/token":
            return body
        said = json.loads(body)
        return json.dumps(said | {"id_token": unsigned(said["id_token"])}).encode()

    opened()
    provider.change = strip
    refused_with(sign_on(Surfer(), port, "li"), "不是用“市统一登录”的密钥签名", store)


def test_an_expired_proof_is_refused(opened: Open, port: int, store: Store) -> None:
    opened(minutes=30)
    refused_with(sign_on(Surfer(), port, "li"), "凭证已过期", store)


def test_keys_may_change_and_old_ones_are_refused(
    opened: Open, port: int, store: Store, provider: IndependentProvider
) -> None:
    opened()
    sign_on(Surfer(), port, "li")
    old: dict[str, bytes] = {}
    provider.change = lambda path, body: old.setdefault(path, body) if path == "/jwks" else body
    Surfer().get(f"{provider.issuer}/jwks")
    provider.stop()
    provider.start()
    provider.change = lambda path, body: body
    assert sign_on(Surfer(), port, "li").answer.status_code == 200  # signed with a key we had never seen

    with store.write() as session:
        for row in session.exec(select(SignInRow)):
            session.delete(row)
    provider.change = lambda path, body: old["/jwks"] if path == "/jwks" else body  # it now owns only the other key
    discovery._keys.clear()
    refused_with(sign_on(Surfer(), port, "li"), "不是用“市统一登录”的密钥签名", store)


def test_a_provider_that_is_down_leaves_a_marked_way_for_admins(
    opened: Open, port: int, store: Store, provider: IndependentProvider, kept: str
) -> None:
    opened(is_only_way="true")
    with store.write() as session:
        for row in session.exec(select(WorkerRow)):
            row.password_hash = kept
    here = f"http://127.0.0.1:{port}/sign-in"
    closed = Surfer().get(here).submit(form=form_of("enter"), username="hubadmin1", password="one-two-three-four")
    assert "只能通过统一登录" in closed.text

    provider.stop()
    down = Surfer().get(f"{here}/with/city")
    assert (down.answer.status_code, "没有响应" in down.text, "应急登录" in down.text) == (503, True, True)
    other = Surfer().get(here).submit(form=form_of("enter"), username="worker1", password="one-two-three-four")
    assert "应急登录只限管理员" in other.text
    admin = Surfer().get(here).submit(form=form_of("enter"), username="hubadmin1", password="one-two-three-four")
    assert "应急登录：统一登录未响应" in admin.text
    with store.read() as session:
        assert [row.way for row in session.exec(select(SignInRow))] == ["emergency"]
    with store.read() as session:
        assert list(verify(session, store.keys)) == []
    provider.start()


def form_of(name: str) -> int:
    """The place of the password's form on the sign-in page: after language and passkey."""
    return {"enter": 2}[name]
