import sys
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from workbench.rules.evaluate import evaluate
from workbench.rules.parse import parse

A, B = "dibao.active", "tekun.active"
T, F, U = True, False, None


def decide(text, **facts):
    """Facts by keyword: two underscores stand for a dot."""
    return evaluate(parse(text), {name.replace("__", "."): value for name, value in facts.items()})


@pytest.mark.parametrize(
    ("a", "b", "both", "either"),
    [
        (T, T, T, T), (T, F, F, T), (T, U, U, T),
        (F, T, F, T), (F, F, F, F), (F, U, F, U),
        (U, T, U, T), (U, F, F, U), (U, U, U, U),
    ],
)  # fmt: skip
def test_and_and_or_follow_kleene(a, b, both, either):
    facts = {A: a, B: b}
    assert evaluate(parse(f"{A} and {B}"), facts) is both
    assert evaluate(parse(f"{A} or {B}"), facts) is either
    assert evaluate(parse(f"not ({A} and {B})"), facts) is (None if both is None else not both)


@pytest.mark.parametrize(("a", "negated"), [(T, F), (F, T), (U, U)])
def test_not_keeps_unknown_unknown(a, negated):
    assert evaluate(parse(f"not {A}"), {A: a}) is negated


@pytest.mark.parametrize("sign", ["<", "<=", ">", ">=", "==", "!="])
def test_a_comparison_with_an_unknown_is_unknown(sign):
    assert decide(f"age {sign} 60") is None
    assert decide(f"age {sign} person.retirement_age", age=60) is None
    assert decide(f"age {sign} person.retirement_age", person__retirement_age=60) is None


@pytest.mark.parametrize(
    ("sign", "below", "same", "above"),
    [("<", T, F, F), ("<=", T, T, F), (">", F, F, T), (">=", F, T, T), ("==", F, T, F), ("!=", T, F, T)],
)
def test_comparisons_of_numbers(sign, below, same, above):
    found = tuple(decide(f"age {sign} 60", age=age) for age in (59, 60, 61))
    assert found == (below, same, above)


def test_in_and_not_in():
    assert decide("sex in ['1','2']", sex="2") is True
    assert decide("sex in ['1','2']", sex="9") is False
    assert decide("sex not in ['1','2']", sex="9") is True
    assert decide("sex in ['1','2']") is None
    assert decide("age in [1, 2.0]", age=2) is True


def test_division_by_zero_is_unknown():
    assert decide("household.income_year / household.size < 5", household__income_year=1, household__size=0) is None


def test_division_does_not_round():
    assert decide("household.income_year / household.size < 4", household__income_year=7, household__size=2) is True
    assert decide("household.income_year / household.size <= 3", household__income_year=7, household__size=2) is False


def test_a_minus_in_front():
    assert decide("age > -1", age=0) is True
    assert decide("-age < -1", age=2) is True


@pytest.mark.parametrize("day", [date(1940, 5, 6), "1940-05-06", datetime(1940, 5, 6, 23, tzinfo=UTC)])
def test_days_may_be_dates_or_text(day):
    assert decide("birth_date == date('1940-05-06')", birth_date=day) is True
    assert decide("birth_date < today", birth_date=day, today="1940-05-07") is True
    assert decide("birth_date.year == 1940", birth_date=day) is True


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("age >= 60", {"age": "67"}),
        ("age >= 60", {"age": True}),
        ("age >= 60", {"age": float("nan")}),
        ("age >= 60", {"age": float("inf")}),
        ("age >= 60", {"age": 10**400}),
        ("age >= 60", {"age": Decimal("NaN")}),
        ("age >= 60", {"age": [67]}),
        ("sex == '1'", {"sex": 1}),
        ("sex != '1'", {"sex": ""}),
        ("dibao.active", {"dibao.active": 1}),
        ("dibao.active", {"dibao.active": "true"}),
        ("not dibao.active", {"dibao.active": ""}),
        ("birth_date < today", {"birth_date": "1940", "today": date(2025, 1, 1)}),
        ("birth_date < today", {"birth_date": "1940-13-01", "today": date(2025, 1, 1)}),
        ("birth_date < today", {"birth_date": 19400101, "today": date(2025, 1, 1)}),
        ("today.year == 2025", {"today": "soon"}),
    ],
)
def test_a_fact_of_the_wrong_type_is_unknown(text, facts):
    assert evaluate(parse(text), facts) is None


def test_a_decimal_is_a_number():
    assert decide("age >= 60", age=Decimal("60")) is True


def test_an_overflow_is_unknown():
    product = "(" + " * ".join(["household.income_year"] * 12) + ")"
    rule = parse(f"{product} * {product} / 3 > 1")
    assert evaluate(rule, {"household.income_year": 10}) is True
    assert evaluate(rule, {"household.income_year": 10**15}) is None


def test_an_evaluation_is_a_handful_of_calls():
    decide_one = parse("age >= 60 and hukou.local and (dibao.active or sex == '2')").decide
    facts = {"age": 67, "hukou.local": True, "dibao.active": None, "sex": "2"}
    calls = []
    sys.setprofile(lambda frame, event, _: calls.append(frame.f_code.co_qualname) if event == "call" else None)
    try:
        decide_one(facts)
    finally:
        sys.setprofile(None)
    assert len(calls) <= 12, calls
