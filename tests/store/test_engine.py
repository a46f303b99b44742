"""Sessions: a write is whole or nothing, a reader cannot write, no update is lost among processes."""

import subprocess
import sys

import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import select
from waiting import PATIENCE

from workbench.hubs.models import HubRow
from workbench.settings import Settings
from workbench.store.engine import Store

ADD_ONE = """
import sys
from pathlib import Path
from workbench.hubs.models import HubRow
from workbench.store.key_file import make_keys
from workbench.store.engine import open_store

store = open_store(sys.argv[1], make_keys(Path(sys.argv[2])))
for _ in range(50):
    with store.write() as session:
        hub = session.get_one(HubRow, "wutong", with_for_update=True)
        hub.version += 1
"""


def test_write_leaves_no_trace_when_something_is_raised(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.write() as session:
        session.get_one(HubRow, "wutong").name_en = "changed"
        session.flush()
        _ = 1 / 0

    with store.read() as session:
        assert session.get_one(HubRow, "wutong").name_en == "wutong"


def test_read_cannot_write_on_postgresql_and_never_commits_on_sqlite(store: Store) -> None:
    if store.is_sqlite:
        with store.read() as session:
            session.get_one(HubRow, "wutong").name_en = "changed"
            session.flush()
    else:
        with pytest.raises(DBAPIError), store.read() as session:
            session.get_one(HubRow, "wutong").name_en = "changed"
            session.flush()

    with store.read() as session:
        assert session.exec(select(HubRow.name_en).where(HubRow.id == "wutong")).one() == "wutong"


def test_no_update_is_lost_among_four_processes(settings: Settings, store: Store, tmp_path) -> None:
    command = [sys.executable, "-c", ADD_ONE, settings.database_url, str(tmp_path / "keys.toml")]
    writers = [subprocess.Popen(command) for _ in range(4)]

    assert [writer.wait(PATIENCE) for writer in writers] == [0, 0, 0, 0]
    with store.read() as session:
        assert session.get_one(HubRow, "wutong").version == 201
