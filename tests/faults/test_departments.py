"""A department that is down, slow, silent, wrong or loses its answers: nothing is lost, doubled or invented.

One worker process meets all of it; afterwards everything has arrived, what a person has to look at included.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from sqlmodel import select
from waiting import PATIENCE

from workbench.delivery.decide import resend_all
from workbench.delivery.models import DeliveryRow, PlatformRow
from workbench.faults.town import Town, wait_for

GATEWAY, SOCIAL = "civil_affairs.case_gateway", "social_security.integrated"
#: Cases a fault is tried on.
CASES = int(os.environ.get("FAULTS_CASES", "200"))
#: What the gateway suffers -> its switches.
FAULTS: dict[str, dict[str, Any]] = {
    "down: 503 with Retry-After": {"down": True},
    "500": {"http_500": True},
    "502 with a page": {"server_page": True},
    "429": {"too_many": True},
    "200 with garbage": {"garbage": True},
    "200 with a sign-in page": {"sign_in_page": True},
    "200 with an error inside": {"error_in_200": True},
    "200 without a number": {"no_number": True, "forgets_keys": False},
    "silent": {"slow_ms": 3500},
    "taken, then silent": {"late_ms": 3500, "forgets_keys": True},
    "taken, then cut": {"lose_answer": True, "forgets_keys": True},
    "signature refused": {"expired_credentials": True},
    "its clock is wrong": {"clock_skew_seconds": 4000},
    "one byte a second": {"drip_ms": 1000},
    "100 MB": {"huge": True},
    "100 MB in 100 KB": {"bomb": True},
    "GBK called UTF-8": {"false_charset": True},
    "redirect to another host": {"redirect": "http://192.0.2.1/"},
}


@pytest.fixture
def worker(town: Town) -> Any:
    return town.start("worker")


def platform(town: Town) -> PlatformRow:
    with town.store.read() as session:
        row: PlatformRow = session.get_one(PlatformRow, GATEWAY)
        session.expunge(row)
        return row


def is_noticed(town: Town) -> bool:
    """Tell whether the workers know that something is wrong."""
    row = platform(town)
    return row.closed_until is not None or row.failures > 0


@pytest.fixture(scope="module")
def met(standing_town: Town) -> Iterator[Any]:
    """One worker process for all faults of this module, left alone between them."""
    process = standing_town.start("worker")
    standing_town.processes.remove(process)
    yield process
    standing_town.kill(process)


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_of_a_department_loses_doubles_invents_nothing(
    met: Any, town: Town, intake: Any, judge: Any, fault: str
) -> None:
    wait_for(lambda: platform_is_well(town), PATIENCE, "the gateway is well")
    town.set_faults(GATEWAY, **FAULTS[fault])
    cases = intake()
    cases.accept(CASES)
    wait_for(lambda: is_noticed(town), PATIENCE, f"{fault} is noticed")

    town.set_faults(GATEWAY)
    wait_for(lambda: cases.under_way() == 0, PATIENCE, "what met the fault is back")
    wait_for(lambda: resend(town) or platform_is_well(town), PATIENCE, "the gateway is well again")

    verdict = judge(cases, prod=lambda: resend(town))
    assert (verdict.delivered, verdict.with_people) == (CASES, 0)


def platform_is_well(town: Town) -> bool:
    row = platform(town)
    return row.closed_until is None and row.health in ("up", "unknown")


def resend(town: Town) -> None:
    """What an admin does once the cause is mended: look again, and send what had stopped."""
    town.announce_again(GATEWAY)
    with town.acting() as ctx:
        resend_all(ctx, GATEWAY)


def test_department_that_is_killed_gets_everything_once(town: Town, worker: Any, intake: Any, judge: Any) -> None:
    town.kill_office(GATEWAY)
    cases = intake()
    cases.accept(CASES)
    wait_for(lambda: platform(town).closed_until is not None, PATIENCE, "it is noticed")
    assert cases.delivered() == 0

    town.start_office(GATEWAY)

    assert judge(cases).delivered == CASES


def test_order_of_a_person_is_kept_through_trouble(town: Town, worker: Any, intake: Any, judge: Any) -> None:
    if SOCIAL not in town.offices:
        town.start_office(SOCIAL)
    town.set_faults(SOCIAL, lose_answer=True)
    cases = intake("RS-003", "RS-006")
    cases.people = cases.people[:5]
    cases.accept(50)
    wait_for(lambda: any_in_doubt(town), PATIENCE, "answers are lost")

    town.set_faults(SOCIAL)

    verdict = judge(cases)
    assert (verdict.delivered, verdict.disordered) == (50, [])


def any_in_doubt(town: Town) -> bool:
    with town.store.read() as session:
        return session.exec(select(DeliveryRow.id).where(DeliveryRow.in_doubt).limit(1)).first() is not None
