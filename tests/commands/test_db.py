"""The database as a whole: migrate, show, back up, restore, and what is refused."""

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from sqlmodel import select

import workbench
from workbench.hubs.models import HubRow
from workbench.settings import Settings
from workbench.store.engine import Store, open_store
from workbench.store.key_file import make_keys

Call = Callable[..., Result]
MIGRATIONS = Path(workbench.__file__).parent / "migrations"
#: The newest revision of the core's chain.
HEAD = max(path.name.partition("_")[0] for path in MIGRATIONS.glob("[0-9]*.py"))


@pytest.fixture
def copied(call: Call, store: Store, tmp_path: Path) -> Path:
    """A copy made by hand of a command, from a database that migrations made."""
    if not store.is_sqlite and not shutil.which("pg_dump"):
        pytest.skip("could not try: pg_dump is not installed")
    with store.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version_core (version_num VARCHAR(32) NOT NULL)")
        connection.exec_driver_sql(f"INSERT INTO alembic_version_core VALUES ('{HEAD}')")
    copy = tmp_path / "copy"
    answer = call("db", "backup", str(copy))
    assert answer.exit_code == 0, answer.output
    return copy


def names(store: Store) -> list[str]:
    with store.read() as session:
        return sorted(session.exec(select(HubRow.name_en)))


def rename(store: Store) -> None:
    with store.write() as session:
        session.get_one(HubRow, "wutong").name_en = "changed"


def test_migrate_makes_the_tables_and_says_where_it_stands(call_out: Callable[..., object], tmp_path: Path) -> None:
    new = {"WORKBENCH_DATABASE_URL": f"sqlite:///{tmp_path / 'new.db'}"}

    assert call_out("db", "status", **new).returncode == 1
    assert call_out("db", "migrate", **new).stdout == f"core: {HEAD} (was empty)\n"
    assert call_out("db", "migrate", **new).stdout == f"core: {HEAD} (up to date)\n"
    assert call_out("db", "status", **new).stdout.splitlines()[1] == f"core: {HEAD}, up to date"


def test_restored_copy_is_what_was_backed_up(call: Call, copied: Path, store: Store) -> None:
    rename(store)
    store.engine.dispose()

    answer = call("db", "restore", str(copied), "--yes")

    assert answer.exit_code == 0, answer.output
    assert names(store) == ["wutong", "yinxing"]


def test_copy_is_for_its_owner_only(copied: Path) -> None:
    assert copied.stat().st_mode & 0o777 == 0o600


def test_backup_never_replaces_a_file(call: Call, copied: Path) -> None:
    before = copied.read_bytes()

    answer = call("db", "backup", str(copied))

    assert answer.exit_code == 1
    assert "is there already" in answer.output
    assert copied.read_bytes() == before


def test_restore_asks_before_it_replaces(call: Call, copied: Path, store: Store) -> None:
    rename(store)
    store.engine.dispose()

    assert call("db", "restore", str(copied), input="n\n").exit_code == 1
    assert names(store) == ["changed", "yinxing"]


def test_restore_is_refused_while_the_workbench_runs(call: Call, copied: Path, settings: Settings) -> None:
    with (settings.instance / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        answer = call("db", "restore", str(copied), "--yes")

    assert answer.exit_code == 1
    assert "is running; stop it first" in answer.output


@pytest.mark.only_sqlite
def test_file_that_is_no_database_is_refused(call: Call, copied: Path, store: Store) -> None:
    copied.write_text("no database\n" * 100)

    answer = call("db", "restore", str(copied), "--yes")

    assert answer.exit_code == 1
    assert "cannot be read" in answer.output
    assert names(store) == ["wutong", "yinxing"]


@pytest.mark.only_sqlite
def test_copy_sealed_with_other_keys_is_refused(call: Call, copied: Path, tmp_path: Path) -> None:
    other = open_store(f"sqlite:///{copied}", make_keys(tmp_path / "other.toml"))
    with other.engine.begin() as connection:
        sealed = other.keys.seal("payload.content", b"{}").hex()
        connection.exec_driver_sql(
            f"INSERT INTO payload (id, content, digest, created_at) VALUES ('1', x'{sealed}', '', '2026-01-01')"
        )
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    other.close()

    answer = call("db", "restore", str(copied), "--yes")

    assert answer.exit_code == 1
    assert "cannot be read with the keys of this instance" in answer.output
