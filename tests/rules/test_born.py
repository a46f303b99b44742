"""What follows from a birth date is the same to a database as to Python, to the day."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Column, Date, Float, Integer, MetaData, String, Table, create_engine, insert, select

from workbench.rules.born import age_column, last_birth_retired, retired_column
from workbench.rules.derive import age_on
from workbench.rules.retirement import has_reached_retirement

DAYS = [date(2026, 11, 26), date(2028, 2, 29), date(2025, 1, 1), date(2040, 12, 31)]
PEOPLE = Table(
    "born", MetaData(), Column("n", Integer, primary_key=True), Column("birth", Date), Column("sex", String(1)),
    Column("original", Float),
)  # fmt: skip


@pytest.mark.parametrize("today", DAYS, ids=str)
def test_age_and_retirement_agree_around_every_edge(empty_database_url: str, today: date) -> None:
    edges = [last_birth_retired(sex, age, today) for sex, age in (("1", 60), ("2", 55), ("2", 50))]
    edges += [date(today.year - 60, today.month, min(today.day, 28)), date(1964, 2, 29), today]
    births: list[Any] = [edge + timedelta(days=n) for edge in edges for n in (-40, -1, 0, 1, 2, 40)]
    people = [
        {"birth": birth, "sex": sex, "original": original}
        for birth in [*births, None]
        for sex in ("0", "1", "2")
        for original in (None, 50.0, 55.0, 60.0, 7.0)
    ]
    rows = [{"n": number, **person} for number, person in enumerate(people)]
    engine = create_engine(empty_database_url)
    with engine.connect() as connection:
        PEOPLE.create(connection)
        connection.execute(insert(PEOPLE), rows)
        columns = PEOPLE.c
        retired = retired_column(columns.birth, columns.sex, columns.original, today)
        found = connection.execute(select(age_column(columns.birth, today), retired).order_by(columns.n)).all()
        connection.rollback()
    engine.dispose()
    said = [(age, None if verdict is None else bool(verdict)) for age, verdict in found]
    assert said == [(age_on(one["birth"], today), _retired(one, today)) for one in people]


def _retired(one: dict[str, Any], today: date) -> bool | None:
    if one["birth"] is None or one["birth"] > today or one["sex"] == "0":
        return None
    return has_reached_retirement(one["birth"], one["sex"], one["original"], today)


@pytest.mark.parametrize(("sex", "original"), [("1", 60), ("2", 55), ("2", 50)])
def test_who_is_born_later_never_retires_earlier(sex: str, original: int) -> None:
    for today in DAYS:
        last = last_birth_retired(sex, original, today)
        assert has_reached_retirement(last, sex, original, today)
        later = [last + timedelta(days=n) for n in range(1, 400)]
        assert not any(has_reached_retirement(birth, sex, original, today) for birth in later)
