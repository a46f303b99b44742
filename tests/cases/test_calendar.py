"""Working days as the State Council announces them, and the clock of a case that counts them."""

from datetime import date, timedelta

import holidays
import pytest

from workbench.api.manifest import ItemManifest
from workbench.cases.calendar import FOLDER, Calendar, make_calendar, read_days
from workbench.cases.clock import due_on, judge


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    return make_calendar((day, kind) for path in FOLDER.glob("*.csv") for day, kind, _ in read_days(path))


def item(**days: object) -> ItemManifest:
    step = {"key": "accept", "name": "受理", "name_en": "Accept", "actor": "窗口", "by": "worker"}
    known = {"code": "MZ-999", "version": "1", "valid_from": date(2026, 1, 1), "title_zh": "试", "title_en": "Try"}
    return ItemManifest.model_validate(
        known | {"department": "民政局", "confidence": "typical", "steps": [step]} | days
    )


def test_every_day_of_2026_agrees_with_an_independent_calendar(calendar: Calendar) -> None:
    oracle = holidays.country_holidays("CN", years=2026)
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    assert [day for day in days if calendar.is_workday(day) != oracle.is_working_day(day)] == []


@pytest.mark.parametrize("day", [date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9)])
def test_make_up_day_on_a_weekend_counts(calendar: Calendar, day: date) -> None:
    assert day.weekday() >= 5
    assert calendar.is_workday(day)


def test_limit_over_the_spring_festival_skips_it_and_takes_the_make_up_days(calendar: Calendar) -> None:
    # Fri 13 Feb; Sat 14 is made up, 15-23 is the festival.
    assert calendar.add(date(2026, 2, 13), 1) == date(2026, 2, 14)
    assert calendar.add(date(2026, 2, 13), 2) == date(2026, 2, 24)
    assert calendar.count(date(2026, 2, 13), date(2026, 2, 24)) == 2
    assert calendar.count(date(2026, 2, 24), date(2026, 2, 13)) == -2


def test_year_without_a_notice_is_counted_by_weekends_and_says_so(calendar: Calendar) -> None:
    assert not calendar.is_announced(date(2031, 10, 1))
    assert calendar.is_workday(date(2031, 10, 1))
    assert calendar.add(date(2031, 10, 3), 1) == date(2031, 10, 6)


def test_due_day_is_the_promised_one_before_the_statutory(calendar: Calendar) -> None:
    accepted = date(2026, 11, 20)
    assert due_on(item(promised_days=5, statutory_days=20), accepted, calendar) == date(2026, 11, 27)
    assert due_on(item(statutory_days=20), accepted, calendar) == date(2026, 12, 18)
    assert due_on(item(statutory_days=20, days_unit="day"), accepted, calendar) == date(2026, 12, 10)
    assert due_on(item(promised_days=0), accepted, calendar) == accepted
    assert due_on(item(), accepted, calendar) is None


@pytest.mark.parametrize(
    ("today", "level", "left"),
    [
        (date(2026, 11, 20), "normal", 10),
        (date(2026, 11, 26), "normal", 6),
        (date(2026, 11, 27), "yellow", 5),
        (date(2026, 12, 1), "yellow", 3),
        (date(2026, 12, 2), "red", 2),
        (date(2026, 12, 4), "red", 0),
        (date(2026, 12, 5), "overdue", -1),
        (date(2026, 12, 8), "overdue", -2),
    ],
)
def test_level_follows_the_share_of_the_limit_that_is_used(
    calendar: Calendar, today: date, level: str, left: int
) -> None:
    found = judge(date(2026, 11, 20), date(2026, 12, 4), today, calendar)
    assert (found.level, found.left) == (level, left)


def test_closed_case_and_case_without_a_limit_have_no_level(calendar: Calendar) -> None:
    assert judge(date(2026, 11, 20), date(2026, 12, 4), date(2026, 12, 9), calendar, is_open=False).level == "none"
    assert judge(date(2026, 11, 20), None, date(2026, 12, 9), calendar).level == "none"


def test_limit_of_calendar_days_that_ends_on_a_day_off_ends_on_the_next_working_day(calendar: Calendar) -> None:
    # Fri 25 Sep 2026 + 7 days = Fri 2 Oct, in the National Day week that lasts until Wed 7 Oct.
    assert calendar.add(date(2026, 9, 25), 7, "day") == date(2026, 10, 8)
    assert calendar.add(date(2026, 11, 20), 0, "day") == date(2026, 11, 20)
