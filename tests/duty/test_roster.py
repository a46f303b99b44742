"""A month's roster keeps the stated rules, is the same every time, and is fair over a quarter."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from workbench.cases.calendar import FOLDER, make_calendar, read_days
from workbench.duty.roster import Asked, Roster, Rules, Shift, counted, days_of_month, make_roster
from workbench.duty.roster_rules import broken_rules, unfair_by
from workbench.duty.shifts import shift_hours

SIX = tuple("abcdef")
CALENDAR = make_calendar((day, kind) for path in FOLDER.glob("*.csv") for day, kind, _ in read_days(path))
HOURS = shift_hours("09:00", "21:00", two_shifts=True)
QUARTERS = [(year, first) for year in (2025, 2026) for first in (1, 4, 7, 10)]


def make_months(year: int, first: int, count: int = 3, workers: Any = SIX, **more: Any) -> list[Roster]:
    """Make some months one after the other, each carrying over what came before."""
    shifts: list[Shift] = []
    made = []
    for number in range(count):
        month = date(year + (first + number - 1) // 12, (first + number - 1) % 12 + 1, 1)
        carried = counted(shifts, CALENDAR.is_workday)
        asked = Asked(month, workers, CALENDAR.is_workday, before=shifts[-120:], carried=carried, **more)
        made.append(make_roster(asked))
        shifts += made[-1].shifts
    return made


def all_of(made: list[Roster]) -> tuple[list[Shift], list[date]]:
    shifts = [one for roster in made for one in roster.shifts]
    months = sorted({one.day.replace(day=1) for one in shifts})
    return shifts, [day for month in months for day in days_of_month(month)]


@pytest.mark.parametrize("least_off", [1, 2])
@pytest.mark.parametrize(("year", "first"), QUARTERS)
def test_quarter_breaks_no_rule_and_differs_by_at_most_one(year: int, first: int, least_off: int) -> None:
    rules = Rules(least_off=least_off)
    made = make_months(year, first, rules=rules)
    shifts, days = all_of(made)
    assert [roster.gaps for roster in made] == [[], [], []]
    assert broken_rules(shifts, days, rules, HOURS, is_workday=CALENDAR.is_workday) == []
    assert unfair_by(shifts, SIX, CALENDAR.is_workday) <= 1
    for duty, had in counted(shifts, CALENDAR.is_workday).items():
        assert max(had.values()) - min(had[one] for one in SIX) <= (1 if duty in ("off", "late") else 2), duty


def test_fairness_is_carried_over_from_month_to_month() -> None:
    made = make_months(2026, 1, 12)
    shifts, _ = all_of(made)
    assert unfair_by(shifts, SIX, CALENDAR.is_workday) <= 1
    alone = [unfair_by(roster.shifts, SIX, CALENDAR.is_workday) for roster in made]
    assert max(alone) >= 1  # single months do differ; only the sum is fair


def test_roster_is_the_same_every_time() -> None:
    assert make_months(2026, 10)[2] == make_months(2026, 10)[2]


def test_nobody_is_rostered_while_away_and_the_others_fill_in() -> None:
    away = frozenset(("a", date(2026, 11, 2) + timedelta(days=number)) for number in range(12))
    [roster] = make_months(2026, 11, 1, away=away)
    shifts, days = all_of([roster])
    broken = broken_rules(shifts, days, Rules(), HOURS, is_workday=CALENDAR.is_workday, away=away)
    short = {(day, kind) for day, kind in roster.gaps}
    assert {words.partition(" has ")[0] for words in broken if " of 2" in words} == {
        f"{d}: {kind}" for d, kind in short
    }
    assert not [words for words in broken if "away" in words or "works" in words]
    assert not [one for one in shifts if (one.worker, one.day) in away]


@pytest.mark.parametrize("starts", [date(2026, 4, 7), date(2026, 5, 1), date(2026, 5, 30), date(2026, 6, 15)])
@pytest.mark.parametrize("days", [1, 5, 14])
def test_leave_of_one_keeps_the_quarter_fair_among_the_others(starts: date, days: int) -> None:
    away = frozenset(("b", starts + timedelta(days=number)) for number in range(days))
    shifts, _ = all_of(make_months(2026, 4, away=away))
    assert unfair_by(shifts, [one for one in SIX if one != "b"], CALENDAR.is_workday) <= 1


def test_what_nobody_can_take_is_a_gap_and_never_forced() -> None:
    [roster] = make_months(2026, 11, 1, workers=("a", "b", "c"))
    shifts, days = all_of([roster])
    broken = broken_rules(shifts, days, Rules(), HOURS, is_workday=CALENDAR.is_workday)
    assert roster.gaps
    assert not [words for words in broken if "works" in words or "rests" in words]


def test_working_days_only_and_one_shift() -> None:
    rules = Rules(two_shifts=False, seven_days=False, least_work=1, has_extended=False)
    [roster] = make_months(2026, 11, 1, workers=("a", "b"), rules=rules)
    assert roster.gaps == []
    assert {one.day for one in roster.shifts} == {d for d in days_of_month(date(2026, 11, 1)) if CALENDAR.is_workday(d)}
    assert {one.kind for one in roster.shifts} == {"early", "lunch"}


def test_new_colleague_makes_up_for_three_at_most() -> None:
    carried = {"off": dict.fromkeys(SIX[:5], 20), "late": {}, "extended": {}, "lunch": {}}
    roster = make_roster(Asked(date(2026, 11, 1), SIX, CALENDAR.is_workday, carried=carried))
    had = counted(roster.shifts, CALENDAR.is_workday)["off"]
    assert had["f"] - min(had[one] for one in SIX[:5]) <= 4


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda shifts: shifts[1:], "has 1 of 2"),
        (lambda shifts: [*shifts, Shift(shifts[0].day, "late", shifts[0].worker)], "works twice"),
        (lambda shifts: [one for one in shifts if one.kind != "lunch"], "lunch is not staffed"),
        (lambda shifts: [one for one in shifts if one.kind != "extended"], "extended hour is not staffed"),
        (lambda shifts: [*shifts, *(Shift(day, "early", "g") for day in days_of_month(date(2026, 11, 1)))], "in a row"),
    ],
)
def test_judge_notices_a_broken_rule(spoil: Any, said: str) -> None:
    [roster] = make_months(2026, 11, 1)
    spoiled = spoil(list(roster.shifts))
    days = days_of_month(date(2026, 11, 1))
    assert any(said in words for words in broken_rules(spoiled, days, Rules(), HOURS, is_workday=CALENDAR.is_workday))


def test_short_rest_is_noticed() -> None:
    late_hours = shift_hours("07:00", "21:00", two_shifts=True)
    shifts = [Shift(date(2026, 11, 2), "late", "a"), Shift(date(2026, 11, 3), "early", "a")]
    told = broken_rules(shifts, [], Rules(), late_hours, is_workday=CALENDAR.is_workday)
    assert [words for words in told if "rests" in words] == ["2026-11-02: a rests 10:00:00"]
    assert Counter(one.worker for one in shifts)["a"] == 2
