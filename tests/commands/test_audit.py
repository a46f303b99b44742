"""`workbench audit`: sign, keep a copy elsewhere, prove the trail against it; and what a long trail costs."""

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import text

from workbench.store.engine import Store

Call = Callable[..., Result]


def test_a_checkpoint_kept_elsewhere_tells_of_a_trail_that_was_taken_away(
    call: Call, store: Store, tmp_path: Path
) -> None:
    kept = tmp_path / "kept.jsonl"
    call("lines", "open", "civil_affairs", "--hub", "yinxing")
    assert "Checkpoint 1 signs 2 streams." in call("audit", "sign").output
    assert "signed already" in call("audit", "sign").output
    assert "Wrote 1 checkpoints" in call("audit", "export", str(kept)).output
    proof = call("audit", "verify", "--against", str(kept))
    assert proof.exit_code == 0
    assert re.fullmatch(r"The trail holds: \d+ rows in 1 streams, 1 checkpoints.\n", proof.output)

    with store.write() as session:
        for table in ("audit_anchor", "audit_checkpoint", "audit_stream", "audit_head", "audit"):
            session.connection().execute(text(f"DELETE FROM {table}"))
    assert call("audit", "verify").exit_code == 0  # an empty trail is whole in itself
    proof = call("audit", "verify", "--against", str(kept))
    assert proof.exit_code == 1
    assert "checkpoint 1: the checkpoint is kept elsewhere and missing here" in proof.output
    assert re.search(r"stream system, row \d: what the kept checkpoint 1 signed is missing", proof.output)


def test_a_file_that_is_no_checkpoint_is_said_to_be_none(call: Call, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("hello\n")
    proof = call("audit", "verify", "--against", str(other))
    assert proof.exit_code == 1
    assert "other.txt" in proof.output


def test_a_row_changed_in_the_database_is_named_and_fails(call: Call, store: Store) -> None:
    call("lines", "open", "civil_affairs", "--hub", "yinxing")
    with store.write() as session:
        session.connection().execute(text("UPDATE audit SET subject = 'line:other'"))
    proof = call("audit", "verify")
    assert proof.exit_code == 1
    assert "stream system, row 1: the row was changed or moved" in proof.output


@pytest.mark.only_sqlite
def test_a_database_file_that_is_damaged_is_said_to_be(call: Call, store: Store) -> None:
    call("lines", "open", "civil_affairs", "--hub", "yinxing")
    path = Path(str(store.engine.url.database))
    with store.read() as session:
        page = "SELECT rootpage FROM sqlite_master WHERE name = 'audit'"
        place = (session.connection().execute(text(page)).scalar_one() - 1) * 4096
    store.engine.dispose()
    with sqlite3.connect(path, isolation_level=None) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    file.close()
    with path.open("r+b") as raw:
        raw.seek(place)
        raw.write(b"\xee" * 64)
    proof = call("audit", "verify")
    assert proof.exit_code == 1
    assert "the database cannot be read to the end of the trail: database disk image is malformed" in proof.output


def test_a_made_trail_holds_and_its_cost_is_told(call: Call) -> None:
    said = call("audit", "measure", "--rows", "3000").output
    assert "The trail holds: 3030 rows in 501 streams, 30 checkpoints." in said
    assert re.search(r"\d+\.\d s, peak memory \d+ MB", said)
