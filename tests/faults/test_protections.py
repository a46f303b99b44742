"""Without a protection the books no longer agree: each comparison can fail, and fails for its own reason."""

from typing import Any

import pytest
from waiting import PATIENCE

from workbench.faults.books import Ours, Verdict, judge_ours, judge_theirs
from workbench.faults.town import Town, is_present, wait_for

GATEWAY, SOCIAL = "civil_affairs.case_gateway", "social_security.integrated"


def is_entered_again(cases: Any) -> bool:
    entered = cases.entered(GATEWAY)
    return len(entered) > len(set(entered))


def test_without_asking_first_a_parcel_in_doubt_is_doubled(town: Town, intake: Any, judge: Any) -> None:
    # What it tells of them, once collected, would take away the doubt as well.
    town.set_faults(GATEWAY, lose_answer=True, forgets_keys=True, tells_nothing=True)
    cases = intake()
    cases.accept(5)
    town.start("worker", without="find is asked before a parcel in doubt is sent")
    wait_for(lambda: is_entered_again(cases), PATIENCE, "some are entered again")
    town.set_faults(GATEWAY, forgets_keys=True)

    assert judge(cases, clean=False).doubled


def test_without_presence_two_workers_take_from_each_other(town: Town, intake: Any, judge: Any) -> None:
    town.set_faults(GATEWAY, slow_ms=1500, forgets_keys=True)
    cases = intake()
    asking = "find is asked before a parcel in doubt is sent"  # it alone would still notice
    without = f"a worker is dead only when its lock is free|{asking}"
    workers = [town.start("worker", without=without) for _ in range(2)]
    wait_for(lambda: all(is_present(town.store, worker) for worker in workers), PATIENCE, "both are there")
    cases.accept(8)  # one alone would send them before the other has started
    wait_for(lambda: is_entered_again(cases), PATIENCE, "some are entered again")
    town.set_faults(GATEWAY)

    assert judge(cases, clean=False).doubled


def test_without_rescue_what_a_dead_worker_held_stays_for_ever(town: Town, intake: Any, judge: Any) -> None:
    cases = intake()
    cases.accept(5)
    step = "lease: committed, nothing sent"
    dying = town.start("worker", step=step)
    wait_for(lambda: dying.poll() is not None, PATIENCE, step)
    town.start("worker", without="what a dead worker held is taken over")

    assert judge(cases, seconds=5, clean=False).unfinished


def test_with_errors_taken_for_success_something_is_invented(town: Town, intake: Any, judge: Any) -> None:
    town.set_faults(GATEWAY, error_in_200=True)  # its sign of life is well, or nothing would be sent
    cases = intake()
    cases.accept(5)
    town.start("worker", without="an error is never a success")
    assert judge(cases, clean=False).invented


def test_entries_in_the_wrong_order_are_named() -> None:
    def ours(key: str, position: int) -> Ours:
        return Ours(key, f"N{key}", SOCIAL, "apply", "accepted", "", key, "lane", position, has_proof=True)

    verdict = Verdict()
    wrong_way = [("b", "Nb", "apply", "b"), ("a", "Na", "apply", "a")]
    judge_theirs(verdict, [ours("a", 1), ours("b", 2)], {SOCIAL: wrong_way})
    assert verdict.disordered


@pytest.mark.parametrize(
    ("state", "reference", "found"),
    [("accepted", "", "unfinished"), ("accepted", "N2", "invented"), ("done", "", "invented"), ("done", "N1", "")],
)
def test_number_that_was_not_told_yet_is_waited_for_and_a_wrong_one_is_named(
    state: str, reference: str, found: str
) -> None:
    ours = Ours("a", "Na", SOCIAL, "apply", state, "", reference, "lane", 1, has_proof=True)
    verdict = Verdict()
    judge_ours(verdict, [ours], {SOCIAL: [("a", "Na", "apply", "N1")]})

    assert {name for name in ("unfinished", "lost", "doubled", "invented") if getattr(verdict, name)} == {found} - {""}
    assert verdict.is_clean is (found == "")
