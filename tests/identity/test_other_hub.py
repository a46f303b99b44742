"""Whoever holds every right at one hub reaches nothing of another: ids of its rows in addresses, queries and bodies."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any

import pytest
import screens
from canaries import ID_NO
from crawl import LINES, OTHER, ROOMS, address, places_around, routes
from screens import NUMBER, World, open_world
from sqlalchemy import Boolean, CheckConstraint, Date, DateTime, Integer, LargeBinary, Table, select
from sqlalchemy.exc import DataError, IntegrityError
from sqlmodel import Session
from sqlmodel import select as select_row

from workbench.hubs.open_lines import open_line
from workbench.identity.may import ROLE_VERBS
from workbench.people.check import PersonInput
from workbench.people.register import register_person
from workbench.staff.models import GrantRow, WorkerRow
from workbench.store.ids import new_id
from workbench.store.tables import ULID
from workbench.tables import METADATA

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
SECRET, NAME = "他站机密", "测试甲"  # what stands in rows of the first hub
#: Tables that say how the program runs; they are no hub's.
RUNNING = {
    "sign_in", "sign_in_attempt", "audit", "audit_head", "audit_stream", "parked_post", "worker_process", "lease",
    "case_presence", "sign_on_begun", "platform_state",
}  # fmt: skip
#: Columns by which a row is somebody's; without one it is the whole installation's.
OF_SOMEBODY = {"hub_id", "person_id", "case_id", "delivery_id", "worker_id", "household_id"}


@pytest.fixture
def world(settings, store, monkeypatch, act) -> Iterator[World]:
    opened = open_world(settings, store, monkeypatch, *ROOMS)
    for hub in ("wutong", "yinxing"):
        with act("hubadmin1", hub=hub) as ctx:
            for line_id in LINES:
                open_line(ctx, opened.installed, line_id)
    with store.write() as session:
        worker = session.exec(select_row(WorkerRow.id).where(WorkerRow.username == "worker21")).one()
        for role in set(ROLE_VERBS) - {"worker"}:
            grant = GrantRow(worker_id=worker, hub_id="yinxing", role=role, valid_from=LONG_AGO, granted_by="system")
            session.add(grant)
    yield opened
    opened.app.extensions["workbench"].store.close()


def words_of(table: Table, column: str) -> list[str]:
    """Give the words a checked column may hold."""
    for check in table.constraints:
        if isinstance(check, CheckConstraint) and str(check.sqltext).startswith(f"{column} IN"):
            return [word.strip(" ')") for word in str(check.sqltext).split("(", 1)[1].split(",")]
    return []


def made(table: Table, known: dict[str, Any], word: str) -> dict[str, Any]:
    """Make a row of a table for the first hub, whatever its columns are."""
    row: dict[str, Any] = {}
    for column in table.columns:
        foreign = next(iter(column.foreign_keys), None)
        if column.name in known and not column.primary_key:
            row[column.name] = known[column.name]
        elif foreign is not None and foreign.column.table.name in known:
            row[column.name] = known[foreign.column.table.name]
        elif column.nullable and not column.primary_key:
            continue
        elif words := words_of(table, column.name):
            row[column.name] = words[0]
        elif column is not table.autoincrement_column:  # which the database gives
            row[column.name] = value_for(column, word if OF_SOMEBODY & set(table.columns.keys()) else "x")
    return row


def value_for(column: Any, word: str) -> Any:
    stored = getattr(column.type, "impl_instance", column.type)
    kind = type(column.type).__name__
    if kind in ("SealedJson", "Json", "JSON") or "JSON" in str(column.type):
        return {}
    if isinstance(stored, Boolean):
        return False
    if isinstance(stored, Integer):
        return 1
    if isinstance(stored, DateTime):
        return datetime(2026, 11, 20, tzinfo=UTC)
    if isinstance(stored, Date):
        return date(2026, 11, 20)
    if isinstance(stored, LargeBinary) and kind not in ("Sealed", "SealedBytes"):
        return new_id().encode()[:16]
    return (new_id() if column.primary_key else word)[: getattr(stored, "length", None)]


#: Which table the ids in addresses name; a route with another word has to be put here.
TABLE_OF = {
    "absence_id": "absence", "account_id": "platform_credential", "admission_id": "admission",
    "authority_id": "authority", "call_id": "cover_call", "case_id": "cases", "client_id": "platform_client",
    "consent_id": "means_consent", "cover_id": "cover", "delivery_id": "delivery", "difference_id": "difference",
    "document_id": "document_print", "emergency_id": "emergency_look", "enquiry_id": "enquiry",
    "erasure_id": "erasure", "event_id": "household_event", "grant_id": "role_grant", "hold_id": "retention_hold",
    "household_id": "household", "import_id": "import_file", "merge_id": "person_merge", "other_id": "person",
    "outcome_id": "outcome", "person_id": "person", "rating_id": "visit_rating", "row_id": "agenda",
    "sitting_id": "reception", "swap_id": "roster_swap", "table_id": "item_table", "task_id": "assigned_task",
    "provider_id": "sign_on_provider", "token_id": "api_token", "worker_id": "worker",
}  # fmt: skip


def seed(session: Session, hub: str, places: dict[str, Any], word: str) -> dict[str, Any]:
    """Put a row of every table into a hub, beside what was made there; gives an id of each table."""
    known = {
        "hub": hub, "person": places["person_id"], "cases": places["case_id"], "delivery": places["delivery_id"],
        "worker": places["worker_id"], "reception": places["sitting_id"], "erasure": places["erasure_id"],
        "retention_hold": places["hold_id"],
    }  # fmt: skip
    names = {"hub_id": hub, "person_id": known["person"], "case_id": known["cases"], "worker_id": known["worker"]}
    names |= {"line_id": "civil_affairs", "role": "worker"}  # which roles somebody has elsewhere is no secret of a hub
    for table in METADATA.sorted_tables:
        if table.name in known or table.name in RUNNING:
            continue
        with suppress(IntegrityError, DataError), session.begin_nested():
            key = (
                session.connection()
                .execute(table.insert().values(made(table, known | names, word)))
                .inserted_primary_key
            )
            known[table.name] = key[0]
        if "hub_id" in table.columns and "id" in table.columns:
            row = (
                session.connection()
                .execute(select(table.c.id).where(table.c.hub_id == hub).order_by(table.c.id.desc()))
                .first()
            )
            assert row is not None, f"{table.name} could not be filled"
            known[table.name] = row.id
    return known


def ids(known: dict[str, Any]) -> dict[str, Any]:
    return {name: known.get(table, "nothing") for name, table in TABLE_OF.items()}


def rows_of_others(store: Any) -> dict[str, list[str]]:
    """Give every row but those of the running program and of the second hub itself, as the database holds them."""
    found: dict[str, list[str]] = {}
    own = {"yinxing", "990100001002"}
    with store.engine.connect() as connection:
        for table in METADATA.sorted_tables:
            if table.name not in RUNNING:
                rows = connection.exec_driver_sql(f"SELECT * FROM {table.name}").mappings()
                others = (row for row in rows if own.isdisjoint(row.get(name) for name in ("id", "hub_id", "division")))
                found[table.name] = sorted(str(dict(row)) for row in others)
    return found


def changed(before: dict[str, list[str]], after: dict[str, list[str]], of: set[str]) -> list[str]:
    """Name rows that came, went or changed and are about something of the first hub."""
    rows = ((name, row) for name in before for row in set(before[name]) ^ set(after[name]))
    return [f"{name}: {row}" for name, row in rows if any(one in row for one in of)]


def judge(world: World, places: dict[str, Any], hub: str, rule: Any, method: str, answer: Any) -> list[Any]:
    """Say what is wrong with an answer: it shows something of the first hub, or an address of it is no dead end."""
    text = answer.get_data().decode("utf-8", "replace")
    answer.close()
    shown = [word for word in (NAME, SECRET, places["case_no"], NUMBER) if word in text]
    is_wrong = shown or (hub == "wutong" and answer.status_code != 404)
    return [(hub, method, rule.rule, answer.status_code, shown)] if is_wrong else []


def test_who_holds_every_right_at_one_hub_reaches_nothing_of_another(world: World, act, monkeypatch) -> None:
    """Their ids in the address, the query and the body, at either hub; the body also where the address is one's own."""
    with act("worker1") as ctx:
        places = places_around(world, ctx, world.make_case(ctx, "MZ-001"))
        known = seed(ctx.session, "wutong", places, SECRET)
    monkeypatch.setattr(screens, "VALUES", screens.VALUES | {"name": "本站乙", "payee": "本站乙", "id_no": ID_NO})
    with act("worker21") as ctx:
        person = register_person(ctx, PersonInput(name="本站乙", id_no=ID_NO))
        case = world.make_case(ctx, "MZ-001", person.id)
        mine = seed(ctx.session, "yinxing", places_around(world, ctx, case), "自己")
    theirs, own, wrong = ids(known), ids(mine), []
    draft = {**theirs, "case_id": places["draft_id"]}
    ways = (("yinxing", theirs, known), ("yinxing", draft, known), ("wutong", theirs, known), ("yinxing", own, mine))
    words = {name.removesuffix("_id"): one for name, one in theirs.items()}
    said = {**theirs, **words, "reason": "复查", "q": NUMBER[:6], "row": theirs["row_id"], "who": theirs["person_id"]}
    client, before = world.sign_in("worker21"), rows_of_others(world.store)
    for rule, _verb in routes(world):
        if "hub" not in rule.arguments:
            continue
        assert rule.arguments - {"hub"} <= TABLE_OF.keys() | OTHER.keys() | {"act", "kind", "item_code"}, rule
        event = "case_event" if "proof" in rule.rule else "household_event"
        for hub, path, tables in ways:
            if path is draft and "case_id" not in rule.arguments:
                continue
            url = address(world, rule, {**path, "event_id": tables[event]}, hub=hub)
            for method in sorted(rule.methods & {"GET", "POST"}):
                given: dict[str, Any] = {"data": said} if method == "POST" else {"query_string": theirs}
                wrong += judge(world, places, hub, rule, method, client.open(url, method=method, **given))
    assert not wrong, wrong
    of = {SECRET, *(one for name, one in theirs.items() if len(str(one)) == ULID and name != "worker_id")}
    assert not (found := changed(before, rows_of_others(world.store), of)), found
