"""Processes killed at every step, stopped under load, started again and again, frozen and woken."""

import signal
import threading
from typing import Any

import pytest
from waiting import PATIENCE

from workbench.faults.points import AT_ACCEPT, AT_WORK
from workbench.faults.town import Town, children_of, is_present, wait_for

GATEWAY = "civil_affairs.case_gateway"


def end_of(worker: Any, what: str) -> int:
    """Wait until a process has ended; gives its exit code."""
    wait_for(lambda: worker.poll() is not None, PATIENCE, what)
    return int(worker.returncode)


def test_worker_killed_at_every_step_delivers_exactly_once(town: Town, intake: Any, judge: Any) -> None:
    town.patience = PATIENCE  # it would enter again what it was slow to answer
    town.set_faults(GATEWAY, forgets_keys=True)
    cases = intake()
    for number, step in enumerate(AT_WORK):
        cases.accept(15)
        worker = town.start("worker", step=step, count=1 + number % 3)
        assert end_of(worker, step) == -signal.SIGKILL, step
        town.kill(worker)

    town.start("worker")

    verdict = judge(cases)
    assert verdict.shown == verdict.delivered == 15 * len(AT_WORK)


@pytest.mark.parametrize("step", AT_ACCEPT)
def test_web_killed_at_accept_shows_each_number_once(town: Town, intake: Any, judge: Any, step: str) -> None:
    town.kill(town.running("web")[0])
    cases = intake()
    dying = town.start_web(step=step, count=10)
    town.start("worker")
    handing_in = threading.Thread(target=cases.hand_in, args=(30,))
    handing_in.start()

    wait_for(lambda: not children_of(dying.pid), PATIENCE, "the web process dies")
    town.kill(dying)
    town.start_web()
    handing_in.join()

    verdict = judge(cases)
    assert (verdict.shown, cases.receipts.open) == (30, set())


def test_web_stopped_under_load_breaks_nothing_off(town: Town, intake: Any, judge: Any) -> None:
    cases = intake()
    town.start("worker")
    handing_in = threading.Thread(target=cases.hand_in, args=(60,))
    handing_in.start()
    wait_for(lambda: len(cases.receipts.shown) >= 5, PATIENCE, "cases come in")

    assert town.stop(town.running("web")[0]) == 0

    town.start_web()
    handing_in.join()
    verdict = judge(cases)
    assert (verdict.shown, cases.receipts.open) == (60, set())
    assert set(cases.receipts.failed) <= {0}, "nothing but a closed door: no request was answered with an error"


def test_worker_started_again_and_again_delivers_exactly_once(town: Town, intake: Any, judge: Any) -> None:
    town.patience = PATIENCE  # it would enter again what it was slow to answer
    town.set_faults(GATEWAY, forgets_keys=True, slow_ms=100)
    cases = intake()
    cases.accept(200)
    for _ in range(4):
        worker = town.start("worker")
        wait_for(lambda: cases.under_way(), PATIENCE, "something is sent")
        town.set_faults(GATEWAY, forgets_keys=True)  # what is being answered now is answered before it is asked for
        town.kill(worker)
        town.set_faults(GATEWAY, forgets_keys=True, slow_ms=100)

    town.set_faults(GATEWAY, forgets_keys=True)
    town.start("worker")

    assert judge(cases).delivered == 200


def test_stop_under_load_ends_what_is_under_way(town: Town, intake: Any, judge: Any) -> None:
    town.set_faults(GATEWAY, slow_ms=200)
    cases = intake()
    cases.accept(100)
    worker = town.start("worker")
    wait_for(lambda: cases.under_way(), PATIENCE, "something is sent")

    assert town.stop(worker) == 0

    assert cases.under_way() == 0
    town.set_faults(GATEWAY)
    town.start("worker")
    assert judge(cases).delivered == 100


def test_process_that_wakes_up_later_does_no_harm(town: Town, intake: Any, judge: Any) -> None:
    town.patience = PATIENCE  # it would enter again what it was slow to answer
    town.set_faults(GATEWAY, forgets_keys=True, slow_ms=60)
    cases = intake()
    cases.accept(200)
    frozen = town.start("worker")
    wait_for(lambda: cases.under_way(), PATIENCE, "something is sent")
    with town.store.write():  # not in the middle of a commit: SQLite has one writer, and would wait with it
        town.freeze(frozen)
    assert cases.under_way() < 200 - cases.delivered()
    other = town.start("worker")
    # What the frozen one holds stays its own, however long, unless the department says that it has it.
    wait_for(lambda: cases.delivered() + cases.under_way() == 200, PATIENCE, "the other one sends the rest")

    town.freeze(frozen, thaw=True)

    assert judge(cases).delivered == 200
    assert [town.stop(frozen), town.stop(other)] == [0, 0]


def test_two_workers_send_each_once(town: Town, intake: Any, judge: Any) -> None:
    town.patience = PATIENCE  # it would enter again what it was slow to answer
    town.set_faults(GATEWAY, forgets_keys=True)
    cases = intake()
    workers = [town.start("worker"), town.start("worker")]
    wait_for(lambda: all(is_present(town.store, worker) for worker in workers), PATIENCE, "both are there")
    cases.accept(200)

    assert judge(cases).delivered == 200
    assert [town.stop(worker) for worker in workers] == [0, 0]
