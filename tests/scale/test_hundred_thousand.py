"""Home, queue and case page at a hundred thousand cases: as many queries as at ten, and none reads a table whole."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from plans import Sent, listening, read_whole
from screens import World
from sqlalchemy import func, insert, literal, select
from sqlmodel import col

from workbench.cases.models import CaseRow

CASES = 100_000
#: Pages that every worker opens all day -> who opens them.
ALL_DAY = {"": "worker1", "review": "reviewer1", "cases/{case_id}": "worker1"}


@pytest.fixture(scope="module")
def huge(tall: World) -> Iterator[World]:
    """The ten thousand cases, each ten times; the copies go again, because others count the ten thousand."""
    columns = CaseRow.__table__.columns  # type: ignore[attr-defined]
    engine = tall.store.engine
    with engine.begin() as connection:
        for number in range(CASES // 10_000):
            made = {
                "id": literal(f"0{number:03d}") + func.substr(col(CaseRow.id), 5),
                "case_no": col(CaseRow.case_no) + literal(f"-{number}"),
                "reception_id": literal(f"0{number:03d}") + func.substr(col(CaseRow.reception_id), 5),
            }
            originals = select(*[made.get(c.name, c) for c in columns]).where(col(CaseRow.id) > "01")
            connection.execute(insert(CaseRow).from_select([c.name for c in columns], originals))
        if not tall.store.is_sqlite:
            connection.exec_driver_sql("ANALYZE cases")
    yield tall
    with engine.begin() as connection:
        connection.execute(CaseRow.__table__.delete().where(col(CaseRow.id) < "01"))  # type: ignore[attr-defined]


def ask(world: World, places: Callable[[World], Any], path: str) -> Sent:
    """Open a page a second time and give what it asked the database."""
    world.clients.clear()
    client = world.sign_in(ALL_DAY[path])
    address = f"/h/wutong/{path.format(case_id=places(world).case_id)}"
    client.get(address)  # what a program reads once
    with listening(world.store.engine) as sent:
        assert client.get(address).status_code == 200
    return [one for one in sent if not one[0].startswith(("BEGIN", "SAVEPOINT", "RELEASE"))]


@pytest.mark.parametrize("path", ALL_DAY)
def test_pages_of_all_day_ask_the_same_at_a_hundred_thousand(
    small: World, huge: World, places: Callable[[World], Any], path: str
) -> None:
    with huge.store.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(CaseRow)).scalar_one() > CASES
    few, many = ask(small, places, path), ask(huge, places, path)
    assert len(many) == len(few)
    with huge.store.engine.connect() as connection:
        reads = [(statement, values) for statement, values in many if statement.lstrip().startswith("SELECT")]
        assert [step for statement, values in reads for step in read_whole(connection, statement, values)] == []
        connection.rollback()
