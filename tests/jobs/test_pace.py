"""A platform's limit per minute is kept by all processes together, and a recovered one is spared."""

import time
from datetime import timedelta
from typing import Any

import pytest

from workbench.api.manifest import Limits
from workbench.jobs.pace import Pace
from workbench.store.clock import Clock

NOW = Clock().now()


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    at = {"seconds": 1000.0}
    monkeypatch.setattr(time, "monotonic", lambda: at["seconds"])
    return at


def spend_a_minute(pace: Pace, moment: dict[str, float], **how: Any) -> int:
    sent = 0
    for _ in range(600):
        sent += pace.allow(1000, now=NOW, **({"recovered_at": None, "processes": 1} | how))
        moment["seconds"] += 0.1
    return sent


def test_platform_without_limit_gets_what_it_can_take() -> None:
    assert Pace(Limits()).allow(7, recovered_at=None, now=NOW, processes=1) == 7


@pytest.mark.parametrize("processes", [1, 3])
def test_limit_is_kept_in_a_minute_and_shared(moment: dict[str, float], processes: int) -> None:
    sent = spend_a_minute(Pace(Limits(per_minute=600)), moment, processes=processes)

    assert 570 <= sent * processes <= 600


def test_what_was_not_used_may_go_later(moment: dict[str, float]) -> None:
    pace = Pace(Limits(per_minute=60))
    assert pace.allow(15, recovered_at=None, now=NOW, processes=1) == 15
    assert pace.allow(15, recovered_at=None, now=NOW, processes=1) == 0

    pace.give_back(4)

    assert pace.allow(15, recovered_at=None, now=NOW, processes=1) == 4


def test_recovered_platform_is_spared_for_a_minute(moment: dict[str, float]) -> None:
    limits = Limits(in_flight=2)

    assert Pace(limits).allow(1000, recovered_at=NOW, now=NOW, processes=1) == 20
    assert Pace(limits).allow(1000, recovered_at=NOW - timedelta(seconds=61), now=NOW, processes=1) == 1000
