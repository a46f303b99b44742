"""Every rule must say the same to a database as to Python, unknowns included."""

import random
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    insert,
    literal,
    select,
)

from workbench.rules.evaluate import evaluate
from workbench.rules.parse import parse
from workbench.rules.sql import to_sql
from workbench.rules.vocabulary import FactName, load_vocabulary

PEOPLE = 250
TODAY = date(2025, 9, 1)
STANDARD = 81_000
NUMBERS = {"money": [0, 1, STANDARD, 121_499, 121_500, 972_000, 10_000_000], "number": [0, 0.5, 14.5, 15, 60.25, 63]}
SMALL = [0, 1, 2, 3, 4, 5, 6, 9, 12, 15, 16, 17, 18, 19, 40, 49, 50, 59, 60, 61, 79, 80, 90, 2024, 2025]
DAYS = [date(1932, 12, 31), date(1933, 1, 1), date(1965, 5, 6), date(2015, 12, 31), date(2016, 1, 1), TODAY]


def column_type(fact: FactName, days: type) -> object:
    if fact.kind == "number":
        return Float if fact.type == "number" else Integer
    return {"bool": Boolean, "text": String(40), "date": days() if days is Date else String(10)}[fact.kind]


def people_table(days: type) -> Table:
    facts = load_vocabulary().values()
    return Table(
        "people",
        MetaData(),
        Column("row_no", Integer, primary_key=True),
        *(Column(fact.name, column_type(fact, days)) for fact in facts),
    )


def values_of(fact: FactName) -> list[object]:
    match fact.kind:
        case "bool":
            return [True, False]
        case "text":
            return [option.value for option in fact.options] + ["else"]
        case "date":
            return list(DAYS)
        case _:
            return list(NUMBERS.get(fact.type, SMALL))


def random_facts(chance: random.Random) -> dict[str, object]:
    """Some people are well known, some hardly; every value may be missing."""
    known = chance.choice([0.3, 0.7, 0.95, 1.0])
    return {
        name: chance.choice(values_of(fact)) if chance.random() < known else None
        for name, fact in load_vocabulary().items()
    }


def rows_of(people: list[dict[str, object]], days: type) -> list[dict[str, object]]:
    def stored(value: object) -> object:
        return value.isoformat() if days is str and isinstance(value, date) else value

    return [
        {"row_no": number, **{name: stored(value) for name, value in facts.items()}}
        for number, facts in enumerate(people, start=1)
    ]


@pytest.fixture(scope="module")
def people() -> list[dict[str, object]]:
    chance = random.Random(20250901)
    return [random_facts(chance) for _ in range(PEOPLE)]


@pytest.fixture(scope="module", params=[Date, str], ids=["date columns", "ISO text columns"])
def database(request, people, empty_database_url) -> Iterator[tuple[Connection, Table]]:
    table = people_table(request.param)
    rows = rows_of(people, request.param)
    engine = create_engine(empty_database_url)
    with engine.connect() as connection:
        table.create(connection)
        connection.execute(insert(table), rows)
        yield connection, table
    engine.dispose()


def answers(connection: Connection, table: Table, text: str, **replaced: object) -> list[bool | None]:
    """The verdict for each person in order; `replaced` gives literals in place of columns."""
    verdict = to_sql(parse(text), lambda name: literal(replaced[name]) if name in replaced else table.c[name])
    found = connection.execute(select(verdict).order_by(table.c.row_no)).scalars()
    return [None if value is None else bool(value) for value in found]


def test_the_catalogue_agrees_on_random_people(expressions, database, people):
    seen: set[bool | None] = set()
    for text in expressions:
        rule = parse(text)
        expected = [evaluate(rule, facts) for facts in people]
        assert answers(*database, text) == expected, text
        seen |= set(expected)
    assert seen == {True, False, None}


TRICKY = [
    "household.income_year / household.size < 5",
    "household.income_year / (household.size - household.size) < 5 or age > 5",
    "7 / household.size < 1.5",
    "not (household.income_year / household.size < 5)",
    "-age < -17 and not (sex in ['1'] and dibao.active)",
    "sex not in ['1','else']",
    "sex != '1'",
    "not (not hukou.local)",
    "hukou.local == False or not (age >= 18 and age < 60)",
    "16 <= age < 60",
    "birth_date < children.first.birth_date",
    "birth_date.year + 60 <= today.year",
    "birth_date in [date('1933-01-01'), date('2015-12-31')]",
    "not (birth_date >= date('1933-01-01') or dibao.active)",
    "(age - 1) * (age + 1) - 2 * 3 > 3590",
    "age - (household.size - 1) - 1 > 50",
    "household.income_year / household.size / 12 > region.dibao_standard / 2",
    "household.income_year / (household.size / 12) > region.dibao_standard",
]


@pytest.mark.parametrize("text", TRICKY)
def test_tricky_rules_agree_on_random_people(text, database, people):
    rule = parse(text)
    assert answers(*database, text) == [evaluate(rule, facts) for facts in people]


ATOMS = ["age >= 60", "age != 17", "dibao.active", "sex in ['1']", "sex == '2'", "birth_date.year < 1965",
         "household.income_year / household.size < region.dibao_standard", "age < person.retirement_age"]  # fmt: skip
COMPOUND = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        inner.map(lambda a: f"not ({a})"),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda t: f"({t[0]}) {t[1]} ({t[2]})"),
    ),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(text=COMPOUND)
def test_any_combination_agrees_on_random_people(text, database, people):
    rule = parse(text)
    assert answers(*database, text) == [evaluate(rule, facts) for facts in people]


def test_today_may_be_a_literal_beside_either_kind_of_column(database, people):
    text, tomorrow = "birth_date < today and today.year == 2025", TODAY + timedelta(days=1)
    expected = [evaluate(parse(text), {**facts, "today": tomorrow}) for facts in people]
    assert answers(*database, text, today=tomorrow) == expected


def test_as_a_where_it_finds_only_those_it_certainly_holds_for(database, people):
    connection, table = database
    rule = parse("age >= 60 and hukou.local")
    query = select(table.c["age"]).where(to_sql(rule, lambda name: table.c[name]))
    assert len(connection.execute(query).all()) == sum(evaluate(rule, facts) is True for facts in people)
