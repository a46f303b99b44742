"""The core's migrations and its tables say the same, and can be undone."""

import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from alembic import command
from sqlalchemy import text

import workbench
from workbench.identity.chain import REGISTER, START, link
from workbench.identity.models import AuditHeadRow, AuditRow
from workbench.identity.verify import verify
from workbench.store.crypto import KeyRing
from workbench.store.engine import Store, open_store
from workbench.store.migrate import Chain, ForeignSchema, differences, is_current, remove, upgrade
from workbench.store.rows import add
from workbench.tables import METADATA

CORE = Chain("core", Path(workbench.__file__).with_name("migrations"), METADATA)


@pytest.fixture
def empty(tmp_path: Path, keys: KeyRing) -> Store:
    return open_store(f"sqlite:///{tmp_path / 'empty.db'}", keys)


def test_upgrade_twice_gives_exactly_the_tables_in_code(empty: Store) -> None:
    upgrade(empty, CORE)
    upgrade(empty, CORE)

    assert differences(empty, CORE) == []
    assert is_current(empty, CORE)


def test_remove_leaves_nothing(empty: Store) -> None:
    upgrade(empty, CORE)
    remove(empty, CORE)

    with empty.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT name FROM sqlite_master").fetchall() == []


def test_upgrade_refuses_a_newer_schema(empty: Store) -> None:
    upgrade(empty, CORE)
    with empty.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version_core SET version_num = '9999'")

    with pytest.raises(ForeignSchema, match="9999"):
        upgrade(empty, CORE)


KILLED = """
import os, signal, sys
from pathlib import Path
from alembic import op
from workbench.store.key_file import make_keys
from workbench.store.engine import open_store
from workbench.store.migrate import upgrade
from workbench.tables import CORE

left = int(sys.argv[3])
real = op.create_table

def create_table(*given, **named):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*given, **named)

op.create_table = create_table
upgrade(open_store(sys.argv[1], make_keys(Path(sys.argv[2]))), CORE)
"""


@pytest.mark.parametrize("step", [1, 7, 25])
def test_migration_that_was_killed_half_way_is_done_again(tmp_path: Path, keys: KeyRing, step: int) -> None:
    url = f"sqlite:///{tmp_path / 'killed.db'}"
    killed = subprocess.run([sys.executable, "-c", KILLED, url, tmp_path / "keys.toml", str(step)], check=False)
    assert killed.returncode == -signal.SIGKILL

    store = open_store(url, keys)
    upgrade(store, CORE)

    assert differences(store, CORE) == []
    store.close()


def test_a_trail_written_before_heads_were_sealed_holds_afterwards(empty: Store) -> None:
    """An installation of an earlier version comes with rows and heads; the migration seals what stands."""
    with empty.engine.begin() as connection:
        command.upgrade(CORE.config(connection), "0014")
    row = SimpleNamespace(
        stream="old", seq=1, at=datetime(2026, 11, 2, 2, tzinfo=UTC), actor_id="old", hub_id="wutong", action="lock",
        person_id="", subject="", purpose="", detail={},
    )  # fmt: skip
    row.mac = link(empty.keys, START, row)
    with empty.write() as session:
        add(session, AuditRow, [vars(row)])
        session.connection().execute(text("INSERT INTO audit_head VALUES ('old', 1, :mac)"), {"mac": row.mac})
    upgrade(empty, CORE)

    with empty.read() as session:
        assert list(verify(session, empty.keys)) == []
        assert session.get_one(AuditHeadRow, REGISTER).seq == 1
    empty.close()
