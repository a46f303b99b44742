"""The trail is proven: whatever is changed in the database file is named, and an untouched trail holds."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import SQLModel, select

from workbench.identity.audit import record
from workbench.identity.chain import REGISTER, seal_head
from workbench.identity.checkpoints import read_line, sign_day, write_lines
from workbench.identity.models import AuditHeadRow, AuditRow
from workbench.identity.sessions import start
from workbench.identity.trail_models import AuditAnchorRow, AuditCheckpointRow, AuditStreamRow
from workbench.identity.verify import verify, verify_against
from workbench.store.clock import Clock
from workbench.store.context import Context
from workbench.store.crypto import KeyRing
from workbench.store.engine import Store

Act = Callable[..., AbstractContextManager[Context]]
MONDAY = datetime(2026, 11, 2, 2, tzinfo=UTC)
ANNA = "01HZZZZZZZZZZZZZZZZZZANNA1"


class At(Clock):
    """A clock that stands still."""

    def __init__(self, moment: datetime) -> None:
        super().__init__()
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


def work(act: Act, username: str, day: int, acts: int = 3) -> str:
    """Have a worker act some times on a day; gives the stream."""
    with act(username, clock=At(MONDAY + timedelta(days=day))) as ctx:
        for number in range(acts):
            record(ctx, "person.look", person_id=ANNA, subject=f"case:{day}.{number}", purpose="reception")
        return ctx.actor.id


def sign(act: Act, day: int) -> None:
    with act("sysadmin", clock=At(MONDAY + timedelta(days=day))) as ctx:
        assert sign_day(ctx) is not None


@pytest.fixture
def streams(act: Act) -> dict[str, str]:
    """Three days of work, the first two signed; a newcomer acts on the third for the first time."""
    known = {name: work(act, name, 0) for name in ("worker1", "worker2")}
    sign(act, 1)
    work(act, "worker1", 1)
    sign(act, 2)
    work(act, "worker1", 2)
    known["new"] = work(act, "reviewer1", 2)
    known["admin"] = "admin"
    return known


def named(store: Store, keys: KeyRing) -> list[str]:
    with store.read() as session:
        return [f"{one.stream} {one.seq} {one.what}" for one in verify(session, keys)]


def tamper(store: Store, *statements: str, **values: object) -> None:
    with store.write() as session:
        for statement in statements:
            wanted = {name: value for name, value in values.items() if f":{name}" in statement}
            assert session.connection().execute(text(statement), wanted).rowcount > 0, statement


def test_a_trail_nobody_touched_holds(store: Store, keys: KeyRing, streams: dict[str, str]) -> None:
    assert named(store, keys) == []


#: What is done to the database file -> what is named, with $1 for worker1's stream, $2 for worker2's, $n for the new.
ROWS = {
    "UPDATE audit SET purpose = 'other' WHERE stream = :one AND seq = 2": "$1 2 the row was changed",
    "UPDATE audit SET person_id = 'B' WHERE stream = :one AND seq = 9": "$1 9 the row was changed",
    "UPDATE audit SET at = '2026-11-02 03:00:00' WHERE stream = :one AND seq = 1": "$1 1 the row was changed",
    "UPDATE audit SET hub_id = 'yinxing' WHERE stream = :one AND seq = 1": "$1 1 the row was changed",
    """UPDATE audit SET detail = '{"a": 1}' WHERE stream = :one AND seq = 4""": "$1 4 the row was changed",
    "UPDATE audit SET mac = (SELECT mac FROM audit WHERE stream = :two AND seq = 1) WHERE stream = :one AND seq = 3":
        "$1 3 the row was changed",
    "DELETE FROM audit WHERE stream = :one AND seq = 1": "$1 1 rows 1 to 1 are missing",
    "DELETE FROM audit WHERE stream = :one AND seq IN (4, 5)": "$1 4 rows 4 to 5 are missing",
    "DELETE FROM audit WHERE stream = :one AND seq = 9": "$1 9 the end of the stream was cut off",
    "DELETE FROM audit WHERE stream = :one AND seq > 6": "$1 7 the end of the stream was cut off: rows 7 to 9",
    "DELETE FROM audit WHERE stream = :two": "$2 1 the whole stream is missing",
    "DELETE FROM audit WHERE stream = :new": "$n 1 the whole stream is missing",
    "UPDATE audit SET stream = :two, seq = 4 WHERE stream = :one AND seq = 9": "$2 4 the row was changed",
    "UPDATE audit SET id = -id WHERE stream = :one AND seq = 2": "$1 2 the row stands before",
    "DELETE FROM audit_head WHERE stream = :one": "$1 1 the head of the stream is missing",
    "DELETE FROM audit_head WHERE stream = :new": "$n 1 the head of the stream is missing",
    "UPDATE audit_head SET seq = 5 WHERE stream = :one": "$1 5 the head of the stream was changed",
    "DELETE FROM audit_stream WHERE stream = :one": "$1 1 the stream is not in the register",
    "DELETE FROM audit_stream WHERE stream = :new": "$n 1 the stream is not in the register",
    "UPDATE audit_stream SET number = 9 WHERE stream = :new": "streams 4 entries of the register",
    "DELETE FROM audit_head WHERE stream = 'streams'": "streams 4 the head of the stream is missing",
}  # fmt: skip
CHECKPOINTS = {
    "DELETE FROM audit_checkpoint WHERE number = 2": "checkpoints 2 the checkpoint is missing",
    "DELETE FROM audit_checkpoint WHERE number = 1": "checkpoints 1 checkpoints 1 to 1 are missing",
    "UPDATE audit_checkpoint SET day = '2026-10-31' WHERE number = 1": "checkpoints 1 the checkpoint was changed",
    "UPDATE audit_checkpoint SET streams = 77 WHERE number = 2": "checkpoints 2 the checkpoint was changed",
    "UPDATE audit_checkpoint SET digest = (SELECT digest FROM audit_checkpoint WHERE number = 1) WHERE number = 2":
        "checkpoints 2 the checkpoint was changed",
    "UPDATE audit_checkpoint SET signature = (SELECT signature FROM audit_checkpoint WHERE number = 2) WHERE number=1":
        "checkpoints 1 the checkpoint was changed",
    "DELETE FROM audit_anchor WHERE checkpoint = 2 AND place = 1": "checkpoints 2 what the checkpoint anchors",
    "UPDATE audit_anchor SET seq = 2 WHERE stream = :two": "checkpoints 1 what the checkpoint anchors",
    "UPDATE audit_anchor SET mac = (SELECT mac FROM audit WHERE stream = :two AND seq = 1) WHERE stream = :two":
        "$2 3 the row is not the one checkpoint 1 signed",
}  # fmt: skip


@pytest.mark.parametrize(("statement", "expected"), list({**ROWS, **CHECKPOINTS}.items()))
def test_what_was_tampered_with_is_named(
    store: Store, keys: KeyRing, streams: dict[str, str], statement: str, expected: str
) -> None:
    if "audit_checkpoint WHERE" in statement and statement.startswith("DELETE"):
        number = statement[-1]
        tamper(store, f"DELETE FROM audit_anchor WHERE checkpoint = {number}")
    tamper(store, statement, one=streams["worker1"], two=streams["worker2"], new=streams["new"])

    for short, name in (("$1", "worker1"), ("$2", "worker2"), ("$n", "new")):
        expected = expected.replace(short, streams[name])
    found = named(store, keys)
    assert [one for one in found if one.startswith(expected)], found


def test_two_rows_that_change_places_are_both_named(store: Store, keys: KeyRing, streams: dict[str, str]) -> None:
    one = streams["worker1"]
    swap = "UPDATE audit SET seq = :to WHERE stream = :one AND seq = :seq"
    with store.write() as session:
        for seq, to in ((2, 99), (3, 2), (99, 3)):
            session.connection().execute(text(swap), {"one": one, "seq": seq, "to": to})

    found = named(store, keys)
    assert [f"{one} {seq} the row was changed or moved" in found for seq in (2, 3)] == [True, True]


def test_two_checkpoints_that_change_places_are_both_named(
    store: Store, keys: KeyRing, streams: dict[str, str]
) -> None:
    with store.write() as session:
        first, second = session.exec(select(AuditCheckpointRow)).all()
        first.signature, second.signature = second.signature, first.signature
        first.digest, second.digest = second.digest, first.digest

    found = named(store, keys)
    assert [any(one.startswith(f"checkpoints {number} the checkpoint was") for one in found) for number in (1, 2)] == [
        True, True,
    ]  # fmt: skip


def test_a_head_turned_back_to_an_earlier_row_is_named(store: Store, keys: KeyRing, streams: dict[str, str]) -> None:
    with store.write() as session:
        head = session.get_one(AuditHeadRow, streams["worker1"])
        kept = session.exec(select(AuditRow).where(AuditRow.stream == head.stream, AuditRow.seq == 8)).one()
        last = session.exec(select(AuditRow).where(AuditRow.stream == head.stream, AuditRow.seq == 9)).one()
        head.seq, head.mac = kept.seq, kept.mac
        session.delete(last)

    assert f"{streams['worker1']} 8 the head of the stream was changed" in named(store, keys)


def test_work_after_a_head_was_turned_back_does_not_heal_it(
    store: Store, keys: KeyRing, act: Act, streams: dict[str, str]
) -> None:
    test_a_head_turned_back_to_an_earlier_row_is_named(store, keys, streams)
    work(act, "worker1", 3)

    assert f"{streams['worker1']} 9 the row was changed or moved" in named(store, keys)


def test_a_newcomer_removed_with_every_trace_is_missed(store: Store, keys: KeyRing, streams: dict[str, str]) -> None:
    new = streams["new"]
    places = ("audit", "audit_head", "audit_stream")
    tamper(store, *(f"DELETE FROM {place} WHERE stream = :new" for place in places), new=new)

    assert f"{REGISTER} 4 the end of the stream was cut off: rows 4 to 4 are missing" in named(store, keys)


def test_a_signed_row_cannot_be_replaced_even_with_the_key(
    store: Store, keys: KeyRing, act: Act, streams: dict[str, str]
) -> None:
    """Whoever has the key too can write another history; copies of the checkpoints kept elsewhere tell."""
    with store.read() as session:
        kept = [line for _, line in write_lines(session, keys)]
    with store.write() as session:
        for name in ("anchor", "checkpoint", "stream", "head"):
            session.connection().execute(text(f"DELETE FROM audit_{name}"))
        session.connection().execute(text("DELETE FROM audit"))
    work(act, "worker1", 1, 9)
    sign(act, 2)
    assert named(store, keys) == []

    with store.read() as session:
        found = [f"{one.stream} {one.seq} {one.what}" for one in verify_against(session, keys, iter(kept))]
    assert "checkpoints 1 the checkpoint is not the one that is kept elsewhere" in found
    assert "checkpoints 2 the checkpoint is kept elsewhere and missing here" in found
    assert f"{streams['worker1']} 3 this is not what the kept checkpoint 1 signed" in found
    assert f"{streams['worker2']} 3 what the kept checkpoint 1 signed is missing" in found


def test_kept_checkpoints_hold_against_the_trail_they_were_taken_of(
    store: Store, keys: KeyRing, streams: dict[str, str]
) -> None:
    with store.read() as session:
        kept = [line for _, line in write_lines(session, keys)]
        assert len(kept) == 2
        assert list(verify_against(session, keys, iter(kept))) == []
        forged = {**json.loads(kept[0]), "day": "2026-10-01"}
        found = list(verify_against(session, keys, iter([json.dumps(forged)])))
        assert [one.what for one in found] == ["the kept checkpoint is not signed by this installation"]
    with pytest.raises(ValueError, match="not a checkpoint"):
        read_line('{"number": 1}')


def test_a_day_is_signed_once_and_a_day_missed_is_covered_by_the_next(store: Store, keys: KeyRing, act: Act) -> None:
    work(act, "worker1", 0)
    sign(act, 1)
    with act("sysadmin", clock=At(MONDAY + timedelta(days=1, hours=9))) as ctx:
        assert sign_day(ctx) is None
    sign(act, 4)

    with store.read() as session:
        found = session.exec(select(AuditCheckpointRow).order_by(AuditCheckpointRow.number)).all()
        assert [(one.number, one.day.isoformat()) for one in found] == [(1, "2026-11-02"), (2, "2026-11-05")]
    assert named(store, keys) == []


def test_a_seal_is_of_one_stream_one_place_and_one_digest(keys: KeyRing) -> None:
    seals = {seal_head(keys, *head) for head in (("a", 1, b"x"), ("b", 1, b"x"), ("a", 2, b"x"), ("a", 1, b"y"))}
    assert len(seals) == 4


#: What somebody with an editor of database files may write where something else stood: other kinds, no text, nothing.
ODD = ("NULL", "''", "'x'", "0", "99999999999", "x'ff'", "CAST(x'ff' AS TEXT)", "'[1'", "'2026-99-99'")
TRAIL = (AuditRow, AuditHeadRow, AuditStreamRow, AuditCheckpointRow, AuditAnchorRow)


@pytest.mark.only_sqlite
@pytest.mark.parametrize("model", TRAIL, ids=lambda model: str(model.__tablename__))
def test_every_column_is_missed_whatever_stands_in_it_instead(
    store: Store, keys: KeyRing, streams: dict[str, str], model: type[SQLModel]
) -> None:
    """SQLite keeps any kind of value in any column; the number of a row (`id`) is the database's own."""
    table, unnoticed = model.__tablename__, []
    with sqlite3.connect(str(store.engine.url.database), isolation_level=None) as file:
        for column in set(model.model_fields) - {"id"}:
            before = file.execute(f"SELECT rowid, {column} FROM {table} ORDER BY rowid").fetchall()[-1]
            for odd in ODD:
                with suppress(sqlite3.IntegrityError):
                    file.execute(f"UPDATE {table} SET {column} = {odd} WHERE rowid = ?", before[:1])
                    key = f"{column} = {odd}" if column in ("number", "checkpoint") else f"rowid = {before[0]}"
                    if not named(store, keys):
                        unnoticed.append((column, odd))
                    file.execute(f"UPDATE {table} SET {column} = ? WHERE {key}", before[1:])
    file.close()
    assert unnoticed == []
    assert named(store, keys) == []


def test_a_trail_that_was_emptied_whole_is_missed(store: Store, keys: KeyRing, act: Act) -> None:
    with act("worker1") as ctx:
        start(ctx.session, ctx.actor.id, ctx.clock.now())
        record(ctx, "sign-in")
    assert named(store, keys) == []
    tamper(store, *(f"DELETE FROM {name}" for name in ("audit", "audit_head", "audit_stream")))
    assert named(store, keys) == ["streams 1 the whole trail is missing: somebody has signed on, and no act is written"]


@pytest.mark.only_sqlite
def test_bytes_changed_behind_the_index_are_missed(store: Store, keys: KeyRing, streams: dict[str, str]) -> None:
    """The order of rows is read from an index; whoever changes the file itself leaves that behind as it was."""
    path, one = Path(str(store.engine.url.database)), streams["worker1"]
    store.engine.dispose()
    with sqlite3.connect(path, isolation_level=None) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    file.close()
    kept = path.read_bytes()
    row = one.encode() + b"\x02" + b"2026-11-02"  # stream, number and time of a row, as the table holds them
    assert kept.count(row) == 1
    path.write_bytes(kept.replace(row, b"X" + row[1:]))

    assert any(one.startswith("audit 0 the database file is damaged") for one in named(store, keys))


def test_kept_checkpoints_are_held_against_one_that_cannot_be_read(
    store: Store, keys: KeyRing, streams: dict[str, str]
) -> None:
    with store.read() as session:
        kept = [line for _, line in write_lines(session, keys)]
    tamper(store, "UPDATE audit_checkpoint SET signature = digest, digest = signature WHERE number = 1")
    with store.read() as session:
        found = [one.what for one in verify_against(session, keys, iter(kept))]
    assert found == ["the checkpoint is not the one that is kept elsewhere"]
