"""Call-backs of departments: proven, kept once and told to the case, or refused without a trace of a person."""

import hashlib
import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from conftest import Act
from flask import Flask
from sqlmodel import select

from adapters.family_planning.child_allowance.signing import seal
from workbench.delivery.configure import save_settings
from workbench.delivery.models import DeliveryRow, OutcomeRow
from workbench.store.engine import Store

PLATFORM = "family_planning.child_allowance"
SECRET = "call-back-secret"


@pytest.fixture
def secret(act: Act, installed) -> None:
    values = {"base_url": "http://192.0.2.1/", "app_id": "a", "app_secret": "s", "callback_secret": SECRET}
    with act("sysadmin") as ctx:
        save_settings(ctx, installed.platform(PLATFORM).manifest, values)


@pytest.fixture
def sent(machine, order, store: Store) -> str:
    """The key of a parcel on its way."""
    assert machine.post("/cases", order("WJ-010")).status_code == 201
    with store.read() as session:
        return session.exec(select(DeliveryRow.id).where(DeliveryRow.platform_id == PLATFORM)).one()


def message(key: str, number: int = 1, state: str = "GRANTED", id: str = "m-1") -> bytes:
    change = {"seq": number, "requestId": key, "claimNo": "YE1", "state": state, "at": "2026-11-22T10:00:00+08:00"}
    return json.dumps({"messageId": id, "changes": [change]}).encode()


Post = Callable[..., Any]


@pytest.fixture
def call_back(app: Flask) -> Post:
    def post(body: bytes, *, secret: str = SECRET, at: datetime | None = None, id: str = "m-1", to: str = PLATFORM):
        stamp = str(round((at or datetime.now(UTC)).timestamp() * 1000))
        signature = seal(secret, id, stamp, body)
        headers = {"X-Message-Id": id, "X-Timestamp": stamp, "X-Signature": signature}
        return app.test_client().post(f"/callbacks/{to}", data=body, headers=headers, content_type="application/json")

    return post


def kept(store: Store) -> list[tuple[str, str, str]]:
    with store.read() as session:
        rows = session.exec(select(OutcomeRow).order_by(OutcomeRow.id))
        return [(row.message_id, row.delivery_id, row.status) for row in rows]


def granted_word() -> str:
    """The word of theirs for a granted claim."""
    from adapters.family_planning.child_allowance.codec import STATUS

    return next(theirs for theirs, ours in STATUS.by_theirs.items() if ours == "granted")


def test_a_genuine_call_back_moves_its_delivery(call_back: Post, secret: None, sent: str, store: Store) -> None:
    answer = call_back(message(sent, state=granted_word()))

    assert (answer.status_code, answer.data) == (204, b"")
    assert kept(store) == [("seq1", sent, "granted")]
    with store.read() as session:
        assert session.get_one(DeliveryRow, sent).state == "done"


def test_the_same_call_back_again_is_harmless(call_back: Post, secret: None, sent: str, store: Store) -> None:
    body = message(sent, state=granted_word())

    assert [call_back(body).status_code for _ in range(3)] == [204, 204, 204]
    assert len(kept(store)) == 1


def test_the_same_call_back_at_one_moment_is_kept_once(call_back: Post, secret: None, sent: str, store: Store) -> None:
    body, statuses = message(sent, state=granted_word()), []
    callers = [threading.Thread(target=lambda: statuses.append(call_back(body).status_code)) for _ in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()

    assert statuses == [204] * 4
    assert len(kept(store)) == 1


def test_one_of_a_stranger_is_kept_apart(call_back: Post, secret: None, store: Store) -> None:
    assert call_back(message("01JD0000000000000000000009", state=granted_word())).status_code == 204
    assert kept(store) == [("seq1", "", "granted")]


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "guessed"},
        {"at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"at": datetime(2099, 1, 1, tzinfo=UTC)},
        {"id": "another"},
    ],
    ids=["forged", "stale", "from the future", "two message ids"],
)
def test_one_that_proves_nothing_is_refused(
    call_back: Post, secret: None, sent: str, store: Store, trail, caplog, wrong: dict[str, Any]
) -> None:
    answer = call_back(message(sent, state=granted_word()), **wrong)

    assert (answer.status_code, answer.data) == (401, b"")
    assert kept(store) == []
    [row] = trail("callback.refused")
    assert (row.actor_id, row.person_id) == (f"platform:{PLATFORM}", "")
    assert sent not in caplog.text


def test_a_replay_with_another_body_is_refused(app: Flask, secret: None, sent: str, store: Store) -> None:
    stamp, body = str(round(datetime.now(UTC).timestamp() * 1000)), message(sent, state=granted_word())
    headers = {"X-Message-Id": "m-1", "X-Timestamp": stamp, "X-Signature": seal(SECRET, "m-1", stamp, body)}
    other = message(sent, number=2, state=granted_word())
    answer = app.test_client().post(f"/callbacks/{PLATFORM}", data=other, headers=headers)

    assert hashlib.sha256(body).digest() != hashlib.sha256(other).digest()
    assert (answer.status_code, kept(store)) == (401, [])


def test_a_flood_of_forged_ones_enters_the_trail_once(call_back: Post, secret: None, sent: str, trail) -> None:
    assert {call_back(message(sent), secret="guessed").status_code for _ in range(5)} == {401}
    assert len(trail("callback.refused")) == 1


@pytest.mark.parametrize("headers", [{}, {"X-Signature": "ñ", "X-Message-Id": "m", "X-Timestamp": "9" * 40}])
def test_one_without_a_signature_is_refused(app: Flask, secret: None, headers: dict[str, str]) -> None:
    assert app.test_client().post(f"/callbacks/{PLATFORM}", data=b"{}", headers=headers).status_code == 401


def test_without_a_secret_nothing_is_believed(call_back: Post, sent: str, store: Store) -> None:
    assert call_back(message(sent), secret="").status_code == 401
    assert kept(store) == []


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"messageId": "m-1"}', b'{"messageId": "m-1", "changes": [1]}'])
def test_a_genuine_one_that_cannot_be_read_is_refused(call_back: Post, secret: None, store: Store, body: bytes) -> None:
    assert call_back(body).status_code == 401
    assert kept(store) == []


def test_a_state_never_agreed_keeps_nothing(call_back: Post, secret: None, sent: str, store: Store) -> None:
    assert call_back(message(sent, state="WHATEVER")).status_code == 401
    assert kept(store) == []


def test_a_large_one_is_refused_unread(app: Flask, secret: None) -> None:
    assert app.test_client().post(f"/callbacks/{PLATFORM}", data=b"x" * (256 * 1024 + 1)).status_code == 413


@pytest.mark.parametrize("platform", ["civil_affairs.case_gateway", "nobody.nothing", "x" * 500, "%00", "..%2f"])
def test_a_platform_that_calls_nobody_back_has_no_address(call_back: Post, platform: str) -> None:
    assert call_back(b"{}", to=platform).status_code == 404


def test_a_call_back_is_a_post(app: Flask) -> None:
    assert app.test_client().get(f"/callbacks/{PLATFORM}").status_code == 405


def test_half_a_character_that_a_department_cut_is_kept_as_it_said_it(
    call_back: Post, secret: None, sent: str, store: Store
) -> None:
    """Systems that count in UTF-16 cut rare characters in two."""
    body = json.loads(message(sent, state=granted_word()))
    body["changes"][0]["words"] = "姓名\ud840"

    assert call_back(json.dumps(body).encode()).status_code == 204
    with store.read() as session:
        row = session.exec(select(OutcomeRow)).one()
        assert (row.delivery_id, row.text) == (sent, "姓名?")
        assert json.loads(row.proof) == body["changes"][0]


@pytest.mark.parametrize("at", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"])
def test_a_time_beside_all_times_is_refused(call_back: Post, secret: None, sent: str, store: Store, at: str) -> None:
    body = json.loads(message(sent, state=granted_word()))
    body["changes"][0]["at"] = at

    assert call_back(json.dumps(body).encode()).status_code == 401
    assert call_back(b"[" * 100_000).status_code == 401  # nested without end
    assert kept(store) == []
