"""The database is locked, full, cut off or read-only while cases come in and parcels go out; the clock jumps."""

import os
import shutil
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from waiting import PATIENCE

from workbench.faults.mix import CUT
from workbench.faults.plan import PLAN
from workbench.faults.town import Town, wait_for

GATEWAY = "civil_affairs.case_gateway"
#: When the server's own processes were started last.
SERVER_BEGAN = "SELECT backend_start FROM pg_stat_activity WHERE backend_type = 'checkpointer'"


@pytest.fixture
def handing_in(town: Town, intake: Any) -> Any:
    """Cases coming in over HTTP, and a worker process that sends them."""
    cases = intake()
    town.start("worker")
    thread = threading.Thread(target=cases.hand_in, args=(40,))
    thread.start()
    wait_for(lambda: len(cases.receipts.shown) >= 3, PATIENCE, "cases come in")
    yield cases
    thread.join()


def finished(cases: Any) -> bool:
    return len(cases.receipts.shown) == 40


def end_of_log(town: Town) -> int:
    """Give where SQLite writes next in its log; the file itself may be longer, from before the log began anew."""
    index = Path(f"{town.store.engine.url.database}-shm").read_bytes()[:20]
    return 32 + int.from_bytes(index[16:20], sys.byteorder) * (24 + 4096)


@pytest.mark.only_sqlite
def test_full_disk_loses_nothing_that_was_shown(town: Town, handing_in: Any, judge: Any) -> None:
    processes = [*town.running("web"), *town.running("worker")]
    with town.store.read() as session:  # while somebody reads, the log does not begin anew where there is room
        session.execute(text("SELECT count(*) FROM cases"))
        full = end_of_log(town) + 2000  # within a page
        for process in processes:
            town.limit_files(process, full)
        shown = len(handing_in.receipts.shown)
        threading.Event().wait(1.0)
        assert len(handing_in.receipts.shown) <= shown + 8, "what cannot be written is not shown as accepted"

    for process in processes:
        town.limit_files(process)

    wait_for(lambda: finished(handing_in), PATIENCE, "all are accepted")
    assert judge(handing_in).delivered == 40


@pytest.mark.only_sqlite
def test_locked_database_is_waited_for(town: Town, handing_in: Any, judge: Any) -> None:
    with closing(sqlite3.connect(str(town.store.engine.url.database), PATIENCE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        threading.Event().wait(2.0)
        other.execute("ROLLBACK")

    wait_for(lambda: finished(handing_in), PATIENCE, "all are accepted")
    assert judge(handing_in).delivered == 40


@pytest.mark.only_postgresql
def test_cut_connections_are_made_anew(town: Town, handing_in: Any, judge: Any) -> None:
    for _ in range(5):
        with town.store.engine.connect() as connection:
            connection.execute(text(CUT))
        threading.Event().wait(0.4)

    wait_for(lambda: finished(handing_in), PATIENCE, "all are accepted")
    assert judge(handing_in).delivered == 40


@pytest.mark.only_postgresql
def test_database_that_crashes_is_back_without_anybody_at_it(town: Town, handing_in: Any, judge: Any) -> None:
    if "TEST_POSTGRES_URL" in os.environ:
        pytest.skip("could not try: the server that is named is not this test's to crash")
    with town.store.engine.connect() as connection:
        before = connection.execute(text(SERVER_BEGAN)).scalar_one()
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        os.kill(pid, signal.SIGKILL)  # the server ends all others, forgets its memory and recovers from its log
        connection.invalidate()
    town.store.engine.dispose()

    wait_for(lambda: finished(handing_in), PATIENCE, "all are accepted")
    assert judge(handing_in).delivered == 40
    with town.store.engine.connect() as connection:
        assert connection.execute(text(SERVER_BEGAN)).scalar_one() > before


@pytest.mark.only_postgresql
def test_read_only_database_accepts_nothing_and_goes_on(town: Town, handing_in: Any, judge: Any) -> None:
    name = town.store.engine.url.database
    with town.store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))
        connection.execute(text(CUT))
        threading.Event().wait(1.0)
        connection.execute(text("SET default_transaction_read_only = off"))
        connection.execute(text(f"ALTER DATABASE {name} RESET default_transaction_read_only"))
        connection.execute(text(CUT))
    town.store.engine.dispose()

    wait_for(lambda: finished(handing_in), PATIENCE, "all are accepted")
    assert judge(handing_in).delivered == 40


@pytest.mark.parametrize("jump", [400 * 86400.0, -7200.0], ids=["400 days on", "2 hours back"])
def test_clock_that_jumps_stops_nothing(town: Town, handing_in: Any, judge: Any, jump: float) -> None:
    town.set_clock(speed=30, jump=jump)
    try:
        wait_for(lambda: finished(handing_in), PATIENCE, "all are accepted")
        assert judge(handing_in).delivered == 40
    finally:
        town.set_clock(speed=30)


@pytest.fixture
def make_host(town: Town, tmp_path: Path) -> Callable[[str], Path]:
    """Make the instance of another worker host: empty but for where the departments are and what time it is."""

    def make(name: str) -> Path:
        (tmp_path / name).mkdir()
        for shared in ("departments", PLAN):
            (tmp_path / name / shared).symlink_to(town.settings.instance / shared)
        return tmp_path / name

    return make


@pytest.mark.only_postgresql
def test_worker_host_that_is_lost_with_its_whole_instance(
    town: Town, intake: Any, judge: Any, make_host: Callable[[str], Path]
) -> None:
    town.patience = PATIENCE  # it would enter again what it was slow to answer
    town.set_faults(GATEWAY, forgets_keys=True, slow_ms=200)
    cases, lost = intake(), make_host("lost")
    cases.hand_in(60)
    worker = town.start("worker", host=lost)
    wait_for(lambda: cases.under_way(), PATIENCE, "something is sent")

    town.kill(worker)
    shutil.rmtree(lost)
    town.set_faults(GATEWAY, forgets_keys=True)
    town.start("worker", host=make_host("new"))

    assert judge(cases).delivered == 60
