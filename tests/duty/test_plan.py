"""Cover is a function of posts, absences and thirds: every moment of every absence has one holder or is a gap."""

import itertools
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.duty.plan import Away, Post, Segment, Staffing, holder_at, midnight, plan_cover

MONDAY = date(2026, 11, 30)
WORKERS = ("a", "b", "c", "d")
LINES = ("one", "two")


def at(day: int, hour: int = 0) -> datetime:
    return midnight(MONDAY) + timedelta(days=day, hours=hour)


def staffing(*aways: Away, thirds: Any = None, posts: Any = None) -> Staffing:
    return Staffing(
        posts or {"one": Post("a", "b"), "two": Post("b", "a", False)}, aways, thirds or {}, frozenset("abcd")
    )


def test_b_covers_from_the_first_midnight_to_the_last() -> None:
    away = Away("x", "a", at(0), at(3))
    assert plan_cover(away, ["one"], staffing(away)) == [Segment("one", "b", at(0), at(3))]


def test_a_covers_for_b_and_is_not_bound_by_what_b_may() -> None:
    away = Away("x", "b", at(0), at(3))
    assert plan_cover(away, LINES, staffing(away)) == [
        Segment("one", "a", at(0), at(3)), Segment("two", "a", at(0), at(3), may_settle=False)
    ]  # fmt: skip


def test_a_third_stands_in_for_one_day_then_b_again() -> None:
    away = Away("x", "a", at(0), at(3))
    thirds = {("x", "", MONDAY + timedelta(days=1)): "c"}
    found = plan_cover(away, ["one"], staffing(away, thirds=thirds))
    assert [(one.to_id, one.starts_at, one.ends_at) for one in found] == [
        ("b", at(0), at(1)), ("c", at(1), at(2)), ("b", at(2), at(3))
    ]  # fmt: skip


def test_both_away_is_a_gap_for_as_long_as_both_are() -> None:
    away, other = Away("x", "a", at(0), at(3)), Away("y", "b", at(1), at(2, 12))
    found = plan_cover(away, ["one"], staffing(away, other))
    assert [(one.to_id, one.starts_at, one.ends_at) for one in found] == [
        ("b", at(0), at(1)), ("", at(1), at(2, 12)), ("b", at(2, 12), at(3))
    ]  # fmt: skip


def test_work_on_a_line_of_others_falls_to_its_own_posts() -> None:
    away = Away("x", "c", at(0), at(1))
    assert [one.to_id for one in plan_cover(away, ["one", "none"], staffing(away))] == ["", "a"]


MOMENT = st.tuples(st.integers(0, 6), st.integers(0, 23)).map(lambda one: at(*one))
SPAN = st.tuples(MOMENT, st.integers(1, 96)).map(lambda one: (one[0], one[0] + timedelta(hours=one[1])))
AWAYS = st.lists(st.tuples(st.sampled_from(WORKERS), SPAN), min_size=1, max_size=6)
THIRDS = st.dictionaries(
    st.tuples(st.integers(0, 5), st.sampled_from(("", *LINES)), st.integers(0, 9)), st.sampled_from(WORKERS), max_size=5
)


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(AWAYS, THIRDS, st.sets(st.sampled_from(WORKERS)))
def test_no_moment_of_any_absence_is_without_holder_or_known_gap(aways: Any, thirds: Any, present: Any) -> None:
    known = [Away(str(number), worker, *span) for number, (worker, span) in enumerate(aways)]
    named = {(str(n), line, MONDAY + timedelta(days=day)): who for (n, line, day), who in thirds.items()}
    here = Staffing({"one": Post("a", "b"), "two": Post("b", "c")}, known, named, frozenset(present))
    for away in known:
        found = plan_cover(away, LINES, here)
        for line in LINES:
            mine = [one for one in found if one.line_id == line]
            assert (mine[0].starts_at, mine[-1].ends_at) == (away.starts_at, away.ends_at)
            assert all(one.ends_at == then.starts_at for one, then in itertools.pairwise(mine))
            for one in mine:
                for moment in (one.starts_at, one.ends_at - timedelta(seconds=1)):
                    assert one.to_id == holder_at(away, line, moment, here)
                    assert one.to_id != away.worker_id
                    assert one.to_id in ("", *present)
                    assert not any(other.worker_id == one.to_id and other.covers(moment) for other in known)
