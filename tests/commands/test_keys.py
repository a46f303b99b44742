"""A new field key while everything runs: nothing is unreadable at any moment, the old key is gone at the end."""

import hashlib
import json
from collections.abc import Callable, Iterator

import pytest
from click.testing import Result
from sqlmodel import select

from workbench.commands import keys as command
from workbench.delivery.models import PayloadRow
from workbench.settings import Settings
from workbench.store.clock import Clock
from workbench.store.engine import Store

Call = Callable[..., Result]
PAPER = b"paper"


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "SETTLE", 0.0)
    monkeypatch.setattr(command, "FOLLOW", 0.0)


@pytest.fixture
def running(call: Call, settings: Settings) -> Iterator[Store]:
    """A database as another process holds it, with 600 sealed values and one sealed file."""
    keys = settings.keys()
    store = settings.open_store(keys)
    settings.file_store(keys).put(PAPER)
    now = Clock().now()
    with store.write() as session:
        session.add_all(
            PayloadRow(id=f"{number:026d}", content={"n": number}, digest="", created_at=now) for number in range(600)
        )
    yield store
    store.close()


def status(call: Call) -> dict[str, tuple[int, int]]:
    rows = json.loads(call("keys", "status", "--json").stdout)
    return {row["key"]: (row["values"], row["files"]) for row in rows}


def read_all(store: Store) -> list[int]:
    with store.read() as session:
        return [content["n"] for content in session.exec(select(PayloadRow.content).order_by(PayloadRow.id))]


def test_rotation_seals_everything_anew_and_running_processes_follow(
    call: Call, running: Store, settings: Settings
) -> None:
    assert status(call) == {"k1": (600, 1)}

    call("keys", "rotate")

    assert status(call) == {"k1": (0, 0), "k2": (600, 1)}
    assert read_all(running) == list(range(600))

    call("keys", "rotate", "--finish")

    assert status(call) == {"k2": (600, 1)}
    fresh = settings.keys()
    assert list(fresh.fields) == ["k2"]
    assert settings.file_store(fresh).get(hashlib.sha256(PAPER).hexdigest()) == PAPER
    assert read_all(running) == list(range(600))


def test_prepared_key_is_known_and_not_used(call: Call, running: Store) -> None:
    call("keys", "rotate", "--prepare")

    assert status(call) == {"k1": (600, 1), "k2": (0, 0)}
    assert "first: workbench keys rotate" in call("keys", "rotate", "--finish").output

    call("keys", "rotate")

    assert status(call) == {"k1": (0, 0), "k2": (600, 1)}


def test_rotation_that_was_broken_off_goes_on(call: Call, running: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "seal_anew", lambda home: None)
    call("keys", "rotate")
    monkeypatch.undo()
    assert status(call) == {"k1": (600, 1), "k2": (0, 0)}

    call("keys", "rotate")

    assert status(call) == {"k1": (0, 0), "k2": (600, 1)}


def test_blind_indexes_stay_as_they_are(call: Call, running: Store, settings: Settings) -> None:
    before = settings.keys().blind("person.id_no", "990101199001010011")

    call("keys", "rotate")

    assert settings.keys().blind("person.id_no", "990101199001010011") == before


def test_nothing_to_finish_is_said(call: Call, running: Store) -> None:
    assert "there is no old key on the ring" in call("keys", "rotate", "--finish").output
