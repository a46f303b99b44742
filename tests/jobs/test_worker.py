"""Whole worker processes against pretend departments: once each, in order, through kills and outages."""

import os
import signal
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest
from waiting import PATIENCE

from workbench.delivery.presence import last_beat
from workbench.faults.town import is_present
from workbench.testing.department import DECIDES_AFTER

GATEWAY = "civil_affairs.case_gateway"


def test_parcel_is_delivered_decided_and_told_to_the_cases(town: Any, wait: Any) -> None:
    town.start_department()
    (key,) = town.accept()
    worker = town.start_worker()

    town.wait_for_states("accepted", "done")
    reference = town.row(key).reference
    wait(lambda: town.told())
    town.change_platform(collected_at=None)
    town.wait_for_states("done")
    wait(lambda: len(town.told()) >= 2)

    assert [line["key"] for line in town.ledger()] == [key]
    assert town.told()[0] == f"{key} accepted {reference}"
    assert town.told()[-1] == f"{key} granted {reference}"
    with town.store.read() as session:
        assert last_beat(session) is not None
    assert worker.stop() == 0
    with town.store.read() as session:
        assert last_beat(session) is None


def test_worker_killed_while_sending_delivers_exactly_once(town: Any, wait: Any) -> None:
    town.start_department()
    worker = town.start_worker()
    wait(lambda: town.platform().health == "up")
    town.set_faults(slow_ms=5000)  # until the worker is killed, and no longer
    keys = [town.accept()[0] for _ in range(6)]
    wait(lambda: ("sending", "") in town.states())

    worker.kill()
    assert "sending" in {state for state, _ in town.states()}
    town.set_faults()
    town.start_worker()

    town.wait_for_states("accepted", "done")
    assert Counter(line["key"] for line in town.ledger()) == Counter(keys)


def test_answer_lost_on_the_way_doubles_nothing(town: Any, wait: Any) -> None:
    town.start_department()
    town.set_faults(lose_answer=True)
    worker = town.start_worker()
    (key,) = town.accept()
    wait(lambda: town.row(key).in_doubt)

    town.set_faults()

    town.wait_for_states("accepted", "done")
    assert [line["key"] for line in town.ledger()] == [key]
    assert worker.stop() == 0


def test_two_workers_send_each_once_and_keep_the_order_of_each_case(town: Any, wait: Any) -> None:
    town.start_department()
    workers = [town.start_worker(), town.start_worker()]
    wait(lambda: all(is_present(town.store, worker.process) for worker in workers))
    lanes = [town.accept(5) for _ in range(40)]

    town.wait_for_states("accepted", "done")

    arrived = [line["key"] for line in town.ledger()]
    assert Counter(arrived) == Counter(key for lane in lanes for key in lane)
    place = {key: at for at, key in enumerate(arrived)}
    assert all([place[key] for key in lane] == sorted(place[key] for key in lane) for lane in lanes)
    assert [worker.stop() for worker in workers] == [0, 0]


def test_outage_loses_nothing_and_spares_the_others(town: Any, wait: Any) -> None:
    gateway = town.start_department()
    town.start_department("social_security.card_registry")
    worker = town.start_worker()
    wait(lambda: town.platform().health == "up")
    os.kill(gateway.process.pid, signal.SIGKILL)
    gateway.process.wait()
    gateway.release()

    keys = [town.accept()[0] for _ in range(8)]
    wait(lambda: town.platform().closed_until is not None)
    (other,) = town.accept(platform_id="social_security.card_registry", values=SOCIAL_CARD)
    wait(lambda: town.row(other).state not in ("waiting", "sending"))
    wait(lambda: {state for state, _ in town.states()[:8]} == {"waiting"}, show=town.states)  # it tries again at times
    assert town.platform("social_security.card_registry").closed_until is None

    town.start_department()
    wait(lambda: {town.row(key).state for key in keys} <= {"accepted", "done"}, show=town.states)
    assert Counter(line["key"] for line in town.ledger()) == Counter(keys)
    assert worker.stop() == 0


SOCIAL_CARD = {"name": "测试乙", "id_type": "111", "id_no": "990101199001010011", "sex": "1"}


def test_graceful_stop_ends_the_call_in_flight_and_leaves_nothing_under_way(
    town: Any, wait: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DECIDES_AFTER, "3600")  # what was taken stays as it is
    town.start_department()
    worker = town.start_worker()
    wait(lambda: town.platform().health == "up")
    town.set_faults(slow_ms=1200)
    keys = [town.accept()[0] for _ in range(60)]  # more than are sent until it is asked to stop
    wait(lambda: ("sending", "") in town.states())

    assert worker.stop() == 0

    states = Counter(state for state, _ in town.states())
    assert set(states) == {"waiting", "accepted"}
    assert {line["key"] for line in town.ledger()} == {key for key in keys if town.row(key).state == "accepted"}
    assert not any(town.row(key).in_doubt for key in keys)


#: A worker process with a job that never ends.
STUCK = """
import sys, threading
from pathlib import Path
from workbench.commands.stopping import stop_on_signals
from workbench.commands.worker import end_without_waiting
from workbench.jobs import worker
from workbench.jobs.recurring import RecurringJob
from workbench.settings import Settings

worker.JOBS, worker.ENDS_WITHIN = 0.2, 0.5

def stuck(workshop):
    (Path(sys.argv[1]) / "stuck").touch()
    threading.Event().wait()

job = RecurringJob("stuck", stuck, every_seconds=0.1, right="system")
worker.run_worker(Settings(Path(sys.argv[1]), sys.argv[2]), stop_on_signals(), lambda ctx, told: (), (job,))
end_without_waiting()
"""


def test_job_that_never_ends_does_not_keep_the_process_from_ending(town: Any, wait: Any) -> None:
    settings = town.settings
    worker = subprocess.Popen([sys.executable, "-c", STUCK, str(settings.instance), settings.database_url])
    wait(lambda: (settings.instance / "stuck").exists())

    worker.terminate()

    try:
        assert worker.wait(PATIENCE) == 0
    finally:
        worker.kill()
        worker.wait()
