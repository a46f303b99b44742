"""No list reads a big table, or a hub, from end to end: what the database says it will do behind the pages.

Each case runs the verb itself; every statement it sends is explained with the values it was sent with.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from screens import World
from sqlalchemy import Connection, event
from sqlmodel import Session

from workbench.admin.look_back import Asked, look_back
from workbench.agenda.found import ENTRIES, count_lists
from workbench.cases import find
from workbench.delivery.find import OPEN, list_deliveries
from workbench.delivery.lease import claim
from workbench.delivery.outcomes import unapplied_outcomes
from workbench.desk.today import stopped_deliveries
from workbench.desk.trail import last_looks
from workbench.people.facts import read_history
from workbench.people.find import find_people
from workbench.people.find_homes import find_households
from workbench.people.models import PersonRow
from workbench.store.context import Context
from workbench.store.rows import run

#: Tables that grow with every resident or case.
BIG = frozenset(
    {
        "person", "person_key", "address_key", "household_event", "household_change", "fact",
        "document", "household", "household_member", "reception", "cases", "draft",
        "agenda", "case_step", "case_material", "case_event", "payload", "delivery", "delivery_event", "outcome",
        "audit",
    }
)  # fmt: skip
HUB, PLATFORM = "wutong", "civil_affairs.case_gateway"
#: The one list that is the hub's newest rows whosever they are: its index gives them in their order.
WHOLE_HUB = "audit"
#: PostgreSQL may walk from the newest row of a table for as long as it takes to fill a page.
FEW = 500
Sent = list[tuple[str, Any]]
Ask = Callable[[Context, Any], object]

LISTS: dict[str, Ask] = {
    "people by name": lambda ctx, at: find_people(ctx, "张"),
    "people by phone": lambda ctx, at: find_people(ctx, "15400000001"),
    "people by id": lambda ctx, at: find_people(ctx, _id_no(ctx, at)),
    "people by id, citywide": lambda ctx, at: find_people(ctx, _id_no(ctx, at), citywide=True),
    "households by address": lambda ctx, at: find_households(ctx, "梧桐路"),
    "households by address, two words": lambda ctx, at: find_households(ctx, "梧桐路 3-2-101"),
    "households by head": lambda ctx, at: find_households(ctx, "户主张"),
    "open cases": lambda ctx, at: find.open_cases(ctx),
    "open cases, next page": lambda ctx, at: find.open_cases(ctx, after=("2026-11-20", at.case_id)),
    "open cases of the hub": lambda ctx, at: find.open_cases(ctx, mine=False),
    "cases to review": lambda ctx, at: find.cases_to_review(ctx, frozenset({"reviewer", "approver:civil_affairs"})),
    "decided cases": lambda ctx, at: find.recent_cases(ctx, ("concluded",)),
    "cases of a resident": lambda ctx, at: find.cases_of(ctx, at.person_id),
    "case by number": lambda ctx, at: find.find_by_number(ctx, at.case_no),
    "parked forms": lambda ctx, at: find.parked_drafts(ctx),
    "claim": lambda ctx, at: _claim(ctx),
    "deliveries under way": lambda ctx, at: list_deliveries(ctx, states=OPEN),
    "all deliveries": lambda ctx, at: list_deliveries(ctx),
    "deliveries of a platform, next page": lambda ctx, at: list_deliveries(ctx, platform_id=PLATFORM, after=at.case_id),
    "stopped deliveries": lambda ctx, at: stopped_deliveries(ctx),
    "news for cases": lambda ctx, at: unapplied_outcomes(ctx.session),
    "lists of the night": lambda ctx, at: count_lists(ctx),
    "people of a list": lambda ctx, at: run(ctx.session, ENTRIES, **_listed(ctx)),
    "facts of a resident": lambda ctx, at: read_history(ctx, at.person_id),
    "last looks at a resident": lambda ctx, at: last_looks(ctx, at.person_id),
    "trail of a resident": lambda ctx, at: look_back(ctx.session, Asked((HUB, ""), person_id=at.person_id)),
    "trail of a worker": lambda ctx, at: look_back(ctx.session, Asked((HUB, ""), worker_id=ctx.actor.id)),
    "trail of the hub": lambda ctx, at: look_back(ctx.session, Asked((HUB,))),
    "trail of the hub, next page": lambda ctx, at: look_back(ctx.session, Asked((HUB, ""), before="1795000000-5")),
}


def _listed(ctx: Context) -> dict[str, Any]:
    return {"hub": ctx.hub.id, "item": "MZ-005", "kind": "entitled", "after": "", "most": 21}


def _id_no(ctx: Context, at: Any) -> str:
    return ctx.session.get_one(PersonRow, at.person_id).id_no or ""


def _claim(ctx: Context) -> object:
    found = claim(ctx.session, ctx.files, worker_id="w", platform_id=PLATFORM, limit=10, now=ctx.clock.now())
    assert found
    return found


@contextmanager
def listening(session: Session) -> Iterator[Sent]:
    """Collect the statements of a session with their values."""
    sent: Sent = []
    engine = session.get_bind().engine

    def note(connection: Any, cursor: Any, statement: str, values: Any, *rest: Any) -> None:
        sent.append((statement, values))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def read_whole(connection: Connection, statement: str, values: Any) -> list[str]:
    """Give the steps of a statement that read a big table, or all of a hub, from end to end."""
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        return [step for *_, step in rows if is_whole_in_sqlite(step)]
    # Tables that are still small are read and joined whole because that is quicker; is there another way?
    for way in ("seqscan", "hashjoin", "mergejoin"):
        connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
    plan = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values).scalar_one()
    read = plan if isinstance(plan, list) else json.loads(plan)
    return [step for step in walk(read[0]["Plan"]) if step]


def is_whole_in_sqlite(step: str) -> bool:
    found = re.match(r"(SCAN|SEARCH) (\w+?)(?:_\d+)?\b(.*)", step)
    if found is None or found[2] not in BIG:
        return False
    return found[1] == "SCAN" or ("(hub_id=?)" in found[3] and found[2] != WHOLE_HUB)


def walk(node: dict[str, Any], table: str = "") -> Iterator[str]:
    """Name each node of a PostgreSQL plan that read much of a big table with no condition that an index answers."""
    table = node.get("Relation Name", table)
    condition = node.get("Index Cond", "")
    is_read = node["Node Type"] in ("Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Index Scan")
    of_hub = re.fullmatch(r"\(\(?hub_id\)?(::text)? = '\w*'(::text|::character varying)?\)", condition)
    rows = (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
    if is_read and table in BIG and (not condition or of_hub) and rows > FEW:
        yield f"{node['Node Type']} on {table} {condition}: {rows} rows"
    for part in node.get("Plans", ()):
        yield from walk(part, table)


@pytest.mark.parametrize("name", LISTS)
def test_list_reads_no_big_table_whole(
    tall: World,
    places: Callable[[World], Any],
    acting: Callable[..., AbstractContextManager[Context]],
    name: str,
) -> None:
    at = places(tall)
    with acting(tall) as ctx:
        with listening(ctx.session) as sent:
            LISTS[name](ctx, at)
        connection = ctx.session.connection()
        asked = [(statement, values) for statement, values in sent if statement.lstrip().startswith("SELECT")]
        assert asked
        assert {statement: read_whole(connection, statement, values) for statement, values in asked} == {
            statement: [] for statement, _ in asked
        }
        ctx.session.rollback()


def test_plan_that_reads_a_big_table_is_noticed(
    tall: World, acting: Callable[..., AbstractContextManager[Context]]
) -> None:
    with acting(tall) as ctx:
        connection = ctx.session.connection()
        empty: Any = () if tall.store.is_sqlite else {}
        assert read_whole(connection, "SELECT title_zh FROM cases WHERE title_zh = 'x'", empty)
        assert read_whole(connection, "SELECT title_zh FROM cases WHERE hub_id = 'wutong' AND title_zh = 'x'", empty)
        assert not read_whole(connection, "SELECT title_zh FROM cases WHERE id = 'x'", empty)
        assert not read_whole(connection, "SELECT name_zh FROM hub", empty)
