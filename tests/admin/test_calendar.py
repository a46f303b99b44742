"""The working calendar by year, and a year whose notice is not out."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
import time_machine

from workbench.cases.calendar import seed_calendar
from workbench.store.context import Context

Act = Callable[..., AbstractContextManager[Context]]
PAGE = "/h/wutong/admin/calendar"


@pytest.fixture(autouse=True)
def seeded(act: Act) -> None:
    with act() as ctx:
        seed_calendar(ctx.session)


@pytest.fixture(autouse=True)
def november() -> Any:
    with time_machine.travel("2026-11-22T04:00:00+00:00"):
        yield


def test_this_year_shows_holidays_and_days_worked_for_them(sign_in: Callable[..., Any]) -> None:
    text = sign_in().read(PAGE)

    assert "2026-10-01 – 2026-10-07 · 7 days" in text
    assert "2026-09-20, 2026-10-10" in text
    assert "2026 has 248 working days." in text
    assert "2027 is not announced yet." in text


def test_a_year_that_is_not_announced_says_so(sign_in: Callable[..., Any]) -> None:
    text = sign_in().read(f"{PAGE}?year=2027")

    assert "2027 is not announced yet." in text
    assert "only weekends are days off" in text
    assert "working days." not in text


def test_every_seeded_year_is_offered(sign_in: Callable[..., Any]) -> None:
    text = sign_in().read(PAGE)

    assert all(f"?year={year}" in text for year in range(2020, 2028))
