from datetime import date

import pytest

from workbench.rules.derive import age_on, derive
from workbench.rules.evaluate import evaluate
from workbench.rules.parse import parse
from workbench.rules.retirement import has_reached_retirement, retirement_day, retirement_months
from workbench.rules.vocabulary import load_vocabulary

TODAY = date(2026, 3, 15)


@pytest.mark.parametrize(
    ("birth", "age"),
    [
        (date(1960, 3, 15), 66),
        (date(1960, 3, 16), 65),
        (date(2026, 3, 15), 0),
        (date(2026, 3, 16), None),
        (None, None),
    ],
)
def test_age_is_counted_in_completed_years(birth, age):
    assert age_on(birth, TODAY) == age


def test_a_leap_day_child_is_a_year_older_on_the_first_of_march():
    assert age_on(date(2004, 2, 29), date(2022, 2, 28)) == 17
    assert age_on(date(2004, 2, 29), date(2022, 3, 1)) == 18


def test_facts_follow_from_the_columns():
    found = derive({"birth_date": "1950-01-02", "sex": "1"}, TODAY)
    assert found == {
        "today": TODAY,
        "birth_date": date(1950, 1, 2),
        "sex": "1",
        "age": 76,
        "person.retirement_age": 60.0,
        "person.retirement_reached": True,
    }
    assert set(found) <= set(load_vocabulary())


def test_nothing_known_leaves_only_today():
    assert derive({}, TODAY) == {"today": TODAY}
    assert derive({"birth_date": "soon", "sex": "", "id_no": "x"}, TODAY) == {"today": TODAY}
    assert derive({"birth_date": "2030-01-01"}, TODAY) == {"today": TODAY}


def test_ages_of_children_and_of_the_woman_of_the_couple():
    found = derive({"birth_date": "1980-01-01", "sex": "2", "children.first.birth_date": "2020-06-01"}, TODAY)
    assert found["children.first.age"] == 5
    assert found["spouse_or_self.female_age"] == 46
    assert "spouse_or_self.female_age" not in derive({"birth_date": "1980-01-01", "sex": "1"}, TODAY)


def test_a_valid_id_number_stands_in_and_a_wrong_one_does_not():
    # The sample number of GB 11643 itself.
    found = derive({"id_no": "11010519491231002X"}, TODAY)
    assert (found["birth_date"], found["sex"], found["age"]) == (date(1949, 12, 31), "2", 76)
    assert derive({"id_no": "110105194912310021"}, TODAY) == {"today": TODAY}
    assert derive({"id_no": "11010519491231002x", "sex": "1"}, TODAY)["sex"] == "1"


@pytest.mark.parametrize(
    ("birth", "sex", "original", "years", "months"),
    [
        # The first and last rows of the tables of the State Council's measures, and their neighbours.
        (date(1964, 12, 31), "1", None, 60, 0),
        (date(1965, 1, 1), "1", None, 60, 1),
        (date(1965, 4, 30), "1", None, 60, 1),
        (date(1965, 5, 1), "1", 60, 60, 2),
        (date(1976, 8, 31), "1", None, 62, 11),
        (date(1976, 9, 1), "1", None, 63, 0),
        (date(1999, 1, 1), "1", None, 63, 0),
        (date(1969, 12, 31), "2", 55, 55, 0),
        (date(1970, 1, 1), "2", 55, 55, 1),
        (date(1981, 8, 31), "2", 55, 57, 11),
        (date(1981, 9, 1), "2", 55, 58, 0),
        (date(1974, 12, 31), "2", 50, 50, 0),
        (date(1975, 1, 1), "2", 50, 50, 1),
        (date(1975, 3, 1), "2", 50, 50, 2),
        (date(1984, 10, 31), "2", 50, 54, 11),
        (date(1984, 11, 1), "2", 50, 55, 0),
    ],
)
def test_retirement_age_follows_the_gradual_table(birth, sex, original, years, months):
    assert retirement_months(birth, sex, original) == years * 12 + months


@pytest.mark.parametrize(("sex", "original"), [("2", None), ("1", 55), ("2", 60), ("9", None), ("2", 52.5)])
def test_retirement_age_of_an_unknown_category_is_unknown(sex, original):
    assert retirement_months(date(1970, 1, 1), sex, original) is None


def test_retirement_day_keeps_to_the_month():
    assert retirement_day(date(1965, 1, 31), 60 * 12 + 1) == date(2025, 2, 28)
    assert retirement_day(date(1965, 4, 30), 60 * 12 + 1) == date(2025, 5, 30)


@pytest.mark.parametrize(
    ("birth", "original", "reached"),
    [
        (date(1960, 1, 1), None, True),
        (date(1973, 1, 1), None, None),
        (date(1990, 1, 1), None, False),
        (date(1973, 1, 1), 50, True),
        (date(1973, 1, 1), 55, False),
        (date(1973, 1, 1), 45, None),
    ],
)
def test_a_woman_of_unknown_category_is_told_only_where_both_agree(birth, original, reached):
    assert has_reached_retirement(birth, "2", original, TODAY) is reached


def test_whole_years_never_refuse_someone_past_the_month():
    rule = parse("age >= person.retirement_age")
    base = {"birth_date": "1965-01-10", "sex": "1"}
    before, after, later = date(2025, 2, 9), date(2025, 2, 10), date(2026, 2, 10)
    assert [evaluate(rule, derive(base, day)) for day in (before, after, later)] == [None, None, True]
    exact = parse("person.retirement_reached")
    assert [evaluate(exact, derive(base, day)) for day in (before, after, later)] == [False, True, True]
    assert evaluate(rule, derive(base, date(2024, 12, 31))) is False
