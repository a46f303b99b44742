"""The core's migrations and its tables say the same, and can be undone."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

import workbench
from workbench.store.crypto import KeyRing
from workbench.store.engine import Store, open_store
from workbench.store.migrate import Chain, ForeignSchema, differences, is_current, remove, upgrade
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
