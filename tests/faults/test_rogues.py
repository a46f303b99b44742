"""Packages of somebody else's that misbehave: the worker process lives on, and only their own platform is sick."""

from typing import Any

import pytest
from sqlmodel import select
from waiting import PATIENCE

from workbench.delivery.decide import resend_all
from workbench.delivery.models import DeliveryRow
from workbench.faults.town import Town, wait_for

GATEWAY, SOCIAL = "civil_affairs.case_gateway", "social_security.integrated"
#: How the package misbehaves -> where its own parcels stand then.
MISDEEDS = {
    "raises": ("needs-people", "broken-promise"),
    "exits": ("needs-people", "broken-promise"),
    "blocks": ("sending", ""),
    "leaks": ("needs-people", "broken-promise"),
    "import error": ("parked", "adapter-missing"),
    "import exits": ("parked", "adapter-missing"),
    "import slow": ("parked", "adapter-missing"),
}


def standing(town: Town, case_no: str) -> tuple[str, str]:
    with town.store.read() as session:
        query = select(DeliveryRow.state, DeliveryRow.reason).where(DeliveryRow.case_no == case_no)
        return session.exec(query).one()


@pytest.mark.parametrize("misdeed", MISDEEDS)
def test_rogue_package_harms_only_its_own_platform(town: Town, intake: Any, judge: Any, misdeed: str) -> None:
    if SOCIAL not in town.offices:
        town.start_office(SOCIAL)
    theirs, others = intake("MZ-004"), intake("RS-003")
    theirs.accept(1)
    worker = town.start("worker", rogue=f"{GATEWAY}={misdeed}")
    (case_no,) = theirs.receipts.shown.values()
    wait_for(lambda: standing(town, case_no) == MISDEEDS[misdeed], PATIENCE, f"{misdeed}: {standing(town, case_no)}")

    others.accept(20)

    assert judge(others).delivered == 20
    assert town.stop(worker) == 0
    town.start("worker")  # the package was mended
    wait_for(lambda: resend(town) or theirs.delivered() == 1, PATIENCE, "it is delivered after all")
    assert judge(theirs).delivered == 1


def resend(town: Town) -> None:
    town.announce_again(GATEWAY)
    with town.acting() as ctx:
        resend_all(ctx, GATEWAY)
