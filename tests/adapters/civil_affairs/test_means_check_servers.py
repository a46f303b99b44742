"""The same exchange on PostgreSQL and on MariaDB, whose tables are in GBK as the real ones are."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from waiting import wait_for

from workbench.api import Adapter, NeedsCredentials, NeedsSettings, Outcome, Parcel, Refused, TryLater

PLATFORM = "civil_affairs.means_check"
PARCEL = Parcel(
    key="01JD0000000000000000000201",
    case_no="MZ202611220201",
    item_code="MZ-001",
    item_version="1",
    item_title="最低生活保障对象认定及给付",
    operation="apply",
    hub_id="H1",
    division="990101001002",
    accepted_at=datetime(2026, 11, 22, 1, 30, tzinfo=UTC),
    worker_name="社工甲",
    values={"name": "王㛃", "id_type": "111", "id_no": "990101197001010012", "remark": "𬭎"},
)
SERVERS = [
    pytest.param("postgres_url", marks=pytest.mark.postgres, id="postgresql"),
    pytest.param("mariadb_url", marks=pytest.mark.mariadb, id="mariadb"),
]


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database without tables."""
    url: str = request.getfixturevalue(request.param)
    yield url
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        for table in ("EX_GDBS_SB", "PRE_TRANSACT"):
            connection.exec_driver_sql(f"DROP TABLE {table}")


@pytest.fixture
def department(server: str, start_department: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("DEPARTMENT_DATABASE_URL", server)
    running = start_department(PLATFORM)
    yield running
    running.stop()


class Wire:
    """Passes bytes on to a server; told to, it lets a COMMIT through and cuts the line before the answer."""

    def __init__(self, port: int) -> None:
        self.target = port
        self.cuts = self.cutting = False
        self.sockets: list[socket.socket] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                far = socket.create_connection(("127.0.0.1", self.target))
                self.sockets += [near, far]
                for ends in ((near, far), (far, near)):
                    threading.Thread(target=self._pass_on, args=ends, daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if self.cutting:  # the answer to the COMMIT, which nobody hears
                    break
                self.cutting = self.cuts and b"COMMIT" in data
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        for each in (self.listener, *self.sockets):
            # Closing alone would leave it open for as long as a thread waits on it.
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


@pytest.fixture
def wire(server: str) -> Iterator[Wire]:
    opened = Wire(sa.make_url(server).port or 0)
    yield opened
    opened.close()


def address(department: Any, **changes: Any) -> str:
    return sa.make_url(department.settings["database_url"]).set(**changes).render_as_string(hide_password=False)


def collect_until(adapter: Adapter, status: str) -> list[Outcome]:
    outcomes, cursor = [], ""

    def came() -> bool:
        nonlocal cursor
        batch = adapter.collect(cursor)
        cursor = batch.cursor
        outcomes.extend(batch.outcomes)
        return any(outcome.status == status for outcome in outcomes)

    wait_for(came, show=lambda: outcomes)
    return outcomes


def test_push_is_taken_once_and_answered(department: Any, open_adapter: Any) -> None:
    adapter = open_adapter(department)
    assert adapter.check().state == "up"
    assert adapter.find(PARCEL.key) is None
    assert adapter.push(PARCEL).state == "queued"
    adapter.push(PARCEL)
    outcomes = collect_until(adapter, "granted")
    assert [(outcome.key, outcome.status) for outcome in outcomes] == [
        (PARCEL.key, "accepted"),
        (PARCEL.key, "granted"),
    ]
    assert adapter.find(PARCEL.key).reference == department.ledger()[0]["reference"]
    assert adapter.collect("").outcomes[0] == outcomes[0]
    assert len(department.ledger()) == 1


@pytest.mark.parametrize("number", range(1, 4))  # what we wrote once, they cannot come to before we are done
def test_department_that_comes_between_two_statements_is_told_in_order(
    department: Any, open_adapter: Any, number: int
) -> None:
    adapter, seen = open_adapter(department), 0
    department.set_faults(never_taken=True)
    adapter.push(PARCEL)

    @sa.event.listens_for(adapter.database.engine, "after_cursor_execute")
    def come(*about: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == number:
            department.set_faults()
            with sa.create_engine(address(department), poolclass=sa.NullPool).connect() as other:
                ours = sa.text("SELECT 1 FROM PRE_TRANSACT WHERE PROJID = :it")
                wait_for(lambda: (other.rollback(), other.execute(ours, {"it": PARCEL.case_no}).first())[1])

    outcomes = collect_until(adapter, "granted")

    assert seen >= number
    assert [outcome.status for outcome in outcomes] == ["accepted", "granted"]


def test_report_again_is_the_next_version(department: Any, open_adapter: Any) -> None:
    adapter = open_adapter(department)
    for key in (PARCEL.key, "01JD0000000000000000000202"):
        adapter.push(replace(PARCEL, key=key))
    collect_until(adapter, "granted")
    engine = sa.create_engine(address(department), poolclass=sa.NullPool)
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT SBLSH, VERSION, SQRMC, BZ FROM EX_GDBS_SB ORDER BY VERSION").all()
    note = "SQRMC:U+36C3以拼音JIE代替"
    assert [tuple(row) for row in rows] == [(PARCEL.case_no, version, "王JIE", note) for version in (1, 2)]


def test_locked_table_is_tried_later(department: Any, open_adapter: Any) -> None:
    adapter = open_adapter(department, limits={"timeout_seconds": 1.0})
    department.set_faults(locked=True)
    wait_for(lambda: adapter.check().state == "down")
    with pytest.raises(TryLater):
        adapter.push(PARCEL)
    department.set_faults()
    wait_for(lambda: adapter.check().state == "up")
    assert open_adapter(department).find(PARCEL.key) is None


def test_value_too_long_is_refused(department: Any, open_adapter: Any) -> None:
    long = replace(PARCEL, values={**PARCEL.values, "name": "长" * 61})
    with pytest.raises(Refused) as refused:
        open_adapter(department).push(long)
    assert refused.value.field in ("name", None)
    assert "长长" not in refused.value.text


def test_lost_answer_is_found_and_not_written_again(department: Any, open_adapter: Any, wire: Wire) -> None:
    adapter = open_adapter(department, database_url=address(department, port=wire.port))
    assert adapter.check().state == "up"
    wire.cuts = True
    with pytest.raises(TryLater):
        adapter.push(PARCEL)
    wire.cuts = wire.cutting = False
    assert adapter.find(PARCEL.key).state in ("queued", "accepted")
    adapter.push(PARCEL)
    collect_until(adapter, "granted")
    assert len(department.ledger()) == 1


def test_server_that_is_away_is_tried_later(department: Any, open_adapter: Any, wire: Wire) -> None:
    wire.close()
    with pytest.raises(TryLater):
        open_adapter(department, database_url=address(department, port=wire.port)).push(PARCEL)


def test_wrong_database_asks_for_settings(department: Any, open_adapter: Any) -> None:
    for wrong in ({"database_url": address(department, database="elsewhere")}, {"table_prefix": "OTHER_"}):
        with pytest.raises(NeedsSettings):
            open_adapter(department, **wrong).find(PARCEL.key)


@pytest.mark.mariadb
def test_wrong_password_asks_for_credentials(
    mariadb_url: str, start_department: Any, open_adapter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEPARTMENT_DATABASE_URL", mariadb_url)
    department = start_department(PLATFORM)
    with pytest.raises(NeedsCredentials):
        open_adapter(department, database_url=address(department, password="wrong")).find(PARCEL.key)
