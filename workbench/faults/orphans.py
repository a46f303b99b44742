"""Rows that belong to something that is not there, and what a removed line left behind.

Both are read from the tables themselves: a new table is judged without anybody thinking of it.
"""

from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Column, ColumnElement, Connection, Table, func, select

from ..host.discover import Installed
from ..hubs.versions import FOLDER
from ..settings import Settings
from ..store.engine import Store
from ..tables import METADATA

#: What a column points to that is bound to nothing in the database, by its name.
POINTS = {
    "hub_id": "hub.id",
    "home_hub_id": "hub.id",
    "parent_id": "hub.id",
    "person_id": "person.id",
    "household_id": "household.id",
    "community_id": "community.id",
    "grid_id": "grid.id",
    "worker_id": "worker.id",
    "owner_id": "worker.id",
    "case_id": "cases.id",
    "made_case_id": "cases.id",
    "payload_id": "payload.id",
    "delivery_id": "delivery.id",
    "reception_id": "reception.id",
    "document_id": "document.id",
    "absence_id": "absence.id",
    "launch_id": "launch.id",
    "ticket_id": "ticket.id",
}
#: How a machine is named where workers are.
TOKEN = "token:"  # noqa: S105 - a word, no secret
#: What outlives what it speaks of: the trail.
OUTLIVE = ("audit",)
#: What stays of a line that was removed, as a record; nothing else that names a line may.
RECORDS = frozenset(
    (
        "cases",
        "agenda",
        "enquiry",
        "assigned_task",
        "item_edition",
        "item_version",
        "entry_meter",
        "matter_rating",
        "cover",
        "handover",
        "emergency_look",
    )
)
#: What of a record still waits for somebody: these states end with the line.
WAITING = {"enquiry": ("open",), "assigned_task": ("open",)}


def find_orphans(store: Store, installed: Installed) -> list[str]:
    """Find rows that belong to something that is not there."""
    platforms, lines = {one.id for one in installed.platforms}, {one.id for one in installed.lines}
    owners = {f"line:{one}" for one in lines} | {f"platform:{one}" for one in platforms}
    with store.engine.connect() as connection:
        found = [said for column, key in _pointers() if (said := _count_lost(connection, column, key))]
        for table in METADATA.sorted_tables:
            if "platform_id" in table.c and table.name != "outcome":
                found += _unknown(connection, table.c.platform_id, platforms)
            if "line_id" in table.c and table.name not in RECORDS:
                found += _unknown(connection, table.c.line_id, lines)
        found += _unknown(connection, METADATA.tables["hub_setting"].c.owner, owners)
    return found


def _pointers() -> Iterator[tuple[Column[str], Column[str]]]:
    """Pair each column that names a row with the key of that row."""
    for table in METADATA.sorted_tables:
        for column in table.columns:
            target = next((key.column for key in column.foreign_keys), None)
            if target is None and column.name in POINTS and not table.name.startswith(OUTLIVE):
                owner, _, key = POINTS[column.name].partition(".")
                target = METADATA.tables[owner].c[key]
            if target is not None and target is not column:
                yield column, target


def _count_lost(connection: Connection, column: Column[str], key: Column[str]) -> str:
    owner, token = key.table.alias(), METADATA.tables["api_token"].alias()
    is_lost = _names_something(column) & ~sa.exists().where(owner.c[key.name] == column)
    if key.table.name == "worker":
        is_lost &= ~sa.exists().where(column == TOKEN + token.c.id)
    count = connection.execute(select(func.count()).select_from(column.table).where(is_lost)).scalar_one()
    return f"{count} rows of {column.table} whose {column.name} is nowhere" if count else ""


def _names_something(column: Column[str]) -> ColumnElement[bool]:
    return column.is_not(None) & (sa.cast(column, sa.String) != "")


def _unknown(connection: Connection, column: Column[str], known: set[str]) -> list[str]:
    named = connection.execute(select(column).where(_names_something(column)).distinct()).scalars()
    return [f"{column.table}.{column.name} names {one}, which is not installed" for one in sorted({*named} - known)]


def find_rests(store: Store, settings: Settings, line_id: str) -> list[str]:
    """Find what a removed line left behind: rows that do something, what waits for somebody, tables, files."""
    with store.engine.connect() as connection:
        found = [said for table, which in _of_line(line_id) if (said := _count(connection, table, which))]
    own = (f"line_{line_id}_", f"alembic_version_{line_id}")
    found += [f"the table {name}" for name in sa.inspect(store.engine).get_table_names() if name.startswith(own)]
    folder: Path = settings.instance / FOLDER / line_id
    return [*found, f"the folder {folder.name}"] if folder.exists() else found


def _of_line(line_id: str) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    for table in METADATA.sorted_tables:
        if table.name == "admission":  # stays, ended
            yield table, (table.c.line_id == line_id) & table.c.ended_at.is_(None)
        elif table.name in WAITING:
            yield table, (table.c.line_id == line_id) & table.c.state.in_(WAITING[table.name])
        elif "line_id" in table.c and table.name not in RECORDS:
            yield table, table.c.line_id == line_id
    lease = METADATA.tables["lease"]
    yield lease, lease.c.name.startswith(f"job:line:{line_id}:", autoescape=True)
    setting = METADATA.tables["hub_setting"]
    yield setting, setting.c.owner == f"line:{line_id}"


def _count(connection: Connection, table: Table, which: ColumnElement[bool]) -> str:
    count = connection.execute(select(func.count()).select_from(table).where(which)).scalar_one()
    return f"{count} rows of {table.name}" if count else ""
