"""A database of tests on PostgreSQL that is used again holds what the template holds, down to the next number."""

from collections.abc import Iterator

import pytest
from copies import NUMBERS, Copies
from sqlalchemy import create_engine, text

from workbench.tables import METADATA

pytestmark = pytest.mark.only_postgresql


def held(url: str) -> dict[str, list[tuple[object, ...]]]:
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = {table: connection.execute(text(f"SELECT * FROM {table}")).all() for table in METADATA.tables}
        found = {table: [tuple(row) for row in content] for table, content in rows.items() if content}
        found["numbers"] = sorted(tuple(row) for row in connection.execute(text(NUMBERS)))
    engine.dispose()
    return found


def write(url: str, *statements: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@pytest.fixture
def fresh(template: str) -> Iterator[Copies]:
    made = Copies(template)
    yield made
    for name in made.free:
        made._drop(name)


def test_what_a_test_wrote_is_gone(fresh: Copies, template: str) -> None:
    with fresh.one() as first:
        assert held(first) == held(template)
        write(
            first,
            "INSERT INTO role_grant (worker_id, hub_id, role, line_id, valid_from, kind, reason, granted_by)"
            " SELECT worker_id, hub_id, role, line_id, valid_from, kind, reason, granted_by FROM role_grant",
            "DELETE FROM admission",
        )
        assert held(first) != held(template)
    with fresh.one() as second:
        assert second == first
        assert held(second) == held(template)


def test_one_whose_tables_were_changed_is_not_given_again(fresh: Copies) -> None:
    with fresh.one() as first:
        write(first, "DROP TABLE admission")
    with fresh.one() as second:
        assert second != first
