"""A new field key while everything runs: nothing is unreadable at any moment, the old key is gone at the end."""

import hashlib
import json
from collections.abc import Callable, Iterator

import pytest
from click.testing import Result
from sitting import id_number
from sqlmodel import Session, select

from workbench.commands import keys as command
from workbench.commands.keys import make_anew
from workbench.delivery.models import PayloadRow
from workbench.hubs.open_lines import find_hub
from workbench.people.check import PersonInput
from workbench.people.find import find_people
from workbench.people.merge import merge_people
from workbench.people.models import PersonRow
from workbench.people.part import part_people
from workbench.people.register import register_person
from workbench.settings import Settings
from workbench.store import crypto
from workbench.store.clock import Clock
from workbench.store.context import SYSTEM, Context
from workbench.store.engine import Store

Call = Callable[..., Result]
PAPER = b"paper"
FIRST, SECOND = "990101195003071239", id_number("99010119900101101")


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "SETTLE", 0.0)
    monkeypatch.setattr(command, "FOLLOW", 0.0)
    monkeypatch.setattr(crypto, "FOLLOW", 0.0)


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


def status(call: Call, kind: str = "k") -> dict[str, tuple[int, int]]:
    rows = json.loads(call("keys", "status", "--json").stdout)
    return {row["key"]: (row["values"], row["files"]) for row in rows if row["key"][0] == kind}


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
    assert list(fresh.held.fields) == ["k2"]
    assert settings.file_store(fresh).get(hashlib.sha256(PAPER).hexdigest()) == PAPER
    assert read_all(running) == list(range(600))


def test_prepared_key_is_known_and_not_used(call: Call, running: Store) -> None:
    call("keys", "rotate", "--prepare")

    assert status(call) == {"k1": (600, 1), "k2": (0, 0)}
    assert "first: workbench keys rotate" in call("keys", "rotate", "--finish").output

    call("keys", "rotate")

    assert status(call) == {"k1": (0, 0), "k2": (600, 1)}


def test_rotation_that_was_broken_off_goes_on(call: Call, running: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "make_anew", lambda home: None)
    call("keys", "rotate")
    monkeypatch.undo()
    assert status(call) == {"k1": (600, 1), "k2": (0, 0)}

    call("keys", "rotate")

    assert status(call) == {"k1": (0, 0), "k2": (600, 1)}


@pytest.mark.parametrize("stage", [(), ("--prepare",), ("--finish",)])
def test_a_second_change_of_keys_beside_a_first_is_refused(
    call: Call, running: Store, monkeypatch: pytest.MonkeyPatch, stage: tuple[str, ...]
) -> None:
    """Both would make a new key of the same name, and what one sealed with it the other could not read."""
    second: list[str] = []

    def begin_another(home: object) -> None:
        if not second:
            second.append(call("keys", "rotate", *stage).output)

    monkeypatch.setattr(command, "make_anew", begin_another)
    call("keys", "rotate")
    monkeypatch.undo()

    assert "another change of keys runs" in second[0]
    call("keys", "rotate")
    assert status(call) == {"k1": (0, 0), "k2": (600, 1)}
    assert read_all(running) == list(range(600))


@pytest.fixture
def people(call: Call, running: Store, settings: Settings) -> Callable[[str], list[str]]:
    """Two residents with numbers and phones; gives what a search finds, as a process that runs all the time."""
    files = settings.file_store(running.keys)

    def context(session: Session) -> Context:
        hub = find_hub(session, "wutong")
        assert hub is not None
        return Context(session, SYSTEM, hub, Clock(), running.keys, files, "test")

    def find(text: str) -> list[str]:
        with running.read() as session:
            return [hit.name for hit in find_people(context(session), text)]

    with running.write() as session:
        for name, number, phone in (("甲", FIRST, "19900000001"), ("乙", SECOND, "19900000002")):
            register_person(context(session), PersonInput(name=name, id_no=number, phone=phone))
    return find


def test_residents_are_found_by_number_at_every_moment(
    call: Call, people: Callable[[str], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def found() -> list[list[str]]:
        return [people(text) for text in (FIRST, "19900000002")]

    seen = []
    monkeypatch.setattr(command, "make_anew", lambda home: seen.append(found()))
    call("keys", "rotate")
    assert status(call, "i") == {"i1": (4, 0), "i2": (0, 0)}
    monkeypatch.setattr(command, "make_anew", make_anew)

    call("keys", "rotate")
    seen.append(found())

    assert status(call, "i") == {"i1": (0, 0), "i2": (4, 0)}
    call("keys", "rotate", "--finish")
    assert status(call, "i") == {"i2": (4, 0)}
    assert [*seen, found()] == [[["甲"], ["乙"]]] * 3


def test_who_was_registered_twice_meanwhile_is_named(
    call: Call, people: Callable[[str], list[str]], running: Store, settings: Settings
) -> None:
    call("keys", "rotate", "--prepare")
    with running.write() as session:  # a table that did not follow yet, at the same moment as one that did
        first, second = session.exec(select(PersonRow).order_by(PersonRow.id)).all()
        second.id_no, second.id_index = (
            first.id_no,
            b"\2" + settings.keys().held.indexes["i2"].mark(f"person.id_no\x1f{FIRST}".encode()),
        )

        first_id = first.id
    told = call("keys", "rotate").output

    assert f"person {first_id}: on file twice" in told
    assert status(call, "i") == {"i1": (1, 0), "i2": (3, 0)}
    assert "on file twice" in call("keys", "rotate", "--finish").output
    assert status(call, "i")["i1"] == (1, 0)


def test_merged_files_are_taken_apart_after_the_keys_were_changed(
    call: Call, people: Callable[[str], list[str]], running: Store, settings: Settings
) -> None:
    with running.write() as session:
        kept, gone = (row.id for row in session.exec(select(PersonRow).order_by(PersonRow.id)))
        session.get_one(PersonRow, gone).id_no = session.get_one(PersonRow, gone).id_index = None

    def acting(session: Session) -> Context:
        return Context(
            session, SYSTEM, find_hub(session, "wutong"), Clock(), running.keys, settings.file_store(running.keys), ""
        )

    with running.write() as session:
        merge_id = merge_people(acting(session), kept, gone, "同一人").id
    call("keys", "rotate")
    call("keys", "rotate", "--finish")
    with running.write() as session:
        part_people(acting(session), merge_id, "两个人")

    assert status(call) == {"k2": (status(call)["k2"][0], 1)}
    assert (people(FIRST), people("19900000002")) == (["甲"], ["乙"])
    with running.read() as session:
        assert session.get_one(PersonRow, kept).phone == "19900000001"


def test_new_suite_comes_with_new_keys_and_both_are_read_meanwhile(
    call: Call, people: Callable[[str], list[str]], running: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    (settings.instance / "workbench.toml").write_text('suite = "sm"')
    with monkeypatch.context() as patch:
        patch.setattr(command, "make_anew", lambda home: None)
        call("keys", "rotate")
    with running.write() as session:
        session.add(PayloadRow(id="9" * 26, content={"n": 600}, digest="", created_at=Clock().now()))

    assert read_all(running) == list(range(601))
    assert [key.suite for key in running.keys.held.fields.values()] == ["aes", "sm"]
    call("keys", "rotate")
    call("keys", "rotate", "--finish")

    rows = json.loads(call("keys", "status", "--json").stdout)
    assert [(row["key"], row["suite"]) for row in rows] == [("k2", "sm"), ("i2", "sm")]
    assert read_all(running) == list(range(601))
    assert people(FIRST) == ["甲"]


def test_unknown_suite_is_named(call: Call, settings: Settings) -> None:
    (settings.instance / "workbench.toml").write_text('suite = "des"')
    assert "suite = 'des': there are aes, sm" in call("keys", "status").output


def test_nothing_to_finish_is_said(call: Call, running: Store) -> None:
    assert "there is no old key on the ring" in call("keys", "rotate", "--finish").output
