"""What the database says it will do: which statements read a big table, or all of a hub, from end to end."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event

#: Tables that grow with every resident or case.
BIG = frozenset(
    {
        "person", "person_key", "address_key", "household_event", "household_change",
        "fact", "document", "household", "household_member", "reception", "cases", "draft",
        "case_step", "case_material", "case_event", "payload", "delivery", "delivery_event", "outcome", "audit",
        "agenda", "assigned_task", "enquiry", "ticket", "appointment", "visit_rating", "matter_rating",
    }
)  # fmt: skip
#: The one list that is the hub's newest rows whosever they are: its index gives them in their order.
WHOLE_HUB = "audit"
#: PostgreSQL may walk from the newest row of a table for as long as it takes to fill a page.
FEW = 500
Sent = list[tuple[str, Any]]


@contextmanager
def listening(engine: Engine) -> Iterator[Sent]:
    """Collect the statements of an engine with their values."""
    sent: Sent = []

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
