"""Means checks through an exchange database that the pretend centre works on."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from waiting import PATIENCE, wait_for

from adapters.civil_affairs.means_check import codec
from adapters.transports.exchange_db import ExchangeAdapter, make_adapter
from workbench.api import AdapterError, BrokenPromise, NeedsSettings, Outcome, Parcel, Refused, TryLater

PLATFORM = "civil_affairs.means_check"
PARCEL = Parcel(
    key="01JD0000000000000000000101",
    case_no="MZ202611220001",
    item_code="MZ-001",
    item_version="1",
    item_title="最低生活保障对象认定及给付",
    operation="apply",
    hub_id="H1",
    division="990101001002",
    accepted_at=datetime(2026, 11, 22, 1, 30, tzinfo=UTC),
    worker_name="社工甲",
    values={
        "name": "测试甲",
        "id_type": "111",
        "id_no": "990101197001010012",
        "sex": "1",
        "household_members": [{"member_name": "测试乙", "member_relation": "10", "member_income": 120000}],
        "income_month": 120000,
        "assets": [{"kind": "房产", "value": 1}],
    },
)


@pytest.fixture
def connect() -> Iterator[Callable[..., ExchangeAdapter]]:
    opened: list[ExchangeAdapter] = []

    def open_one(
        department: Any, *, policy: str = "pinyin", timeout: float = PATIENCE, **settings: Any
    ) -> ExchangeAdapter:
        limits = department.platform.limits.model_copy(update={"timeout_seconds": timeout})
        platform = department.platform.model_copy(update={"rare_characters": policy, "limits": limits})
        opened.append(make_adapter(platform, department.settings | settings, codec))
        return opened[-1]

    yield open_one
    for adapter in opened:
        adapter.close()


def sql(department: Any, statement: str, *values: object) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(department.home.folder / "exchange.db", timeout=PATIENCE)) as db, db:
        return db.execute(statement, values).fetchall()


def collect_until(adapter: ExchangeAdapter, status: str, cursor: str = "") -> tuple[list[Outcome], str]:
    outcomes: list[Outcome] = []

    def came() -> bool:
        nonlocal cursor
        batch = adapter.collect(cursor)
        cursor = batch.cursor
        outcomes.extend(batch.outcomes)
        return any(outcome.status == status for outcome in outcomes)

    wait_for(came, show=lambda: outcomes)
    return outcomes, cursor


def raised_by(call: Callable[[], object], wanted: type[AdapterError]) -> AdapterError:
    def raised() -> AdapterError | None:
        try:
            call()
        except wanted as error:
            return error
        return None

    found: AdapterError = wait_for(raised)
    return found


def test_check_says_up_and_unconfigured(start_department: Any, connect: Any) -> None:
    department = start_department(PLATFORM)
    assert connect(department).check().state == "up"
    assert connect(department, database_url="").check().state == "unconfigured"
    with pytest.raises(NeedsSettings):
        connect(department, database_url="").push(PARCEL)


def test_push_is_taken_once_and_answered(start_department: Any, connect: Any) -> None:
    department = start_department(PLATFORM)
    adapter = connect(department)
    assert adapter.find(PARCEL.key) is None
    assert adapter.push(PARCEL).state == "queued"
    assert adapter.push(PARCEL).state in ("queued", "duplicate")
    outcomes, cursor = collect_until(adapter, "granted")
    assert [(outcome.key, outcome.status) for outcome in outcomes] == [
        (PARCEL.key, "accepted"),
        (PARCEL.key, "granted"),
    ]
    (line,) = department.ledger()
    assert (line["key"], line["reference"]) == (PARCEL.key, outcomes[1].reference)
    receipt = adapter.find(PARCEL.key)
    assert (receipt.state, receipt.reference) == ("accepted", line["reference"])
    assert adapter.push(PARCEL) == replace(receipt, state="duplicate")
    assert adapter.collect(cursor).outcomes == ()


def test_report_again_is_the_next_version_of_the_same_row(start_department: Any, connect: Any) -> None:
    department = start_department(PLATFORM)
    department.set_faults(correction=[PARCEL.case_no])
    adapter = connect(department)
    adapter.push(PARCEL)
    _, cursor = collect_until(adapter, "correction")
    department.set_faults()
    again = replace(PARCEL, key="01JD0000000000000000000102")
    adapter.push(again)
    outcomes, _ = collect_until(adapter, "granted", cursor)
    assert {outcome.key for outcome in outcomes} == {again.key}
    rows = sql(department, "SELECT SBLSH, VERSION, BY1 FROM EX_GDBS_SB ORDER BY VERSION")
    assert rows == [(PARCEL.case_no, 1, PARCEL.key), (PARCEL.case_no, 2, again.key)]
    assert [line["key"] for line in department.ledger()] == [PARCEL.key, again.key]


def test_same_cursor_gives_the_same_answer(start_department: Any, connect: Any) -> None:
    department = start_department(PLATFORM)
    adapter = connect(department)
    adapter.push(PARCEL)
    collect_until(adapter, "granted")
    first = adapter.collect("")
    adapter.push(replace(PARCEL, key="01JD0000000000000000000102", case_no="MZ202611220002"))
    collect_until(adapter, "granted", adapter.collect("").cursor)
    assert adapter.collect("") == replace(first, more=True)
    replayed, cursor = [], ""
    while (batch := adapter.collect(cursor)).outcomes:
        replayed += batch.outcomes
        cursor = batch.cursor
    assert [outcome.status for outcome in replayed].count("granted") == 2
    assert sql(department, "SELECT COUNT(*) FROM PRE_TRANSACT") == [(2,)]


def test_answer_committed_late_is_not_missed(start_department: Any, connect: Any) -> None:
    department = start_department(PLATFORM)
    department.set_faults(no_result=True)
    adapter = connect(department)
    adapter.push(PARCEL)
    _, cursor = collect_until(adapter, "accepted")
    insert = (
        "INSERT INTO PRE_TRANSACT VALUES (?, ?, '05', '核对中', 'I', '1', '990101', NULL, '2026-11-22 10.0.0.0', ?)"
    )
    extend = "<HDJG><VERSION>1</VERSION><HDBH>HD1</HDBH><YJ>已发函</YJ></HDJG>"
    sql(department, insert, "HD-0009", PARCEL.case_no, extend)
    (nine,) = (batch := adapter.collect(cursor)).outcomes
    sql(department, insert, "HD-0001", PARCEL.case_no, extend)
    (one,) = adapter.collect(batch.cursor).outcomes
    assert (nine.message_id, one.message_id) == ("HD-0009:1", "HD-0001:1")
    assert (nine.status, nine.text, nine.at) == ("progress", "已发函", datetime(2026, 11, 22, 2, tzinfo=UTC))


def test_rows_of_others_are_left_alone(start_department: Any, connect: Any) -> None:
    department = start_department(PLATFORM)
    adapter = connect(department)
    others = [("X", "OTHER", "I", None), ("Y", "OTHER", "S", "B2024")]
    for row in others:
        sql(department, "INSERT INTO PRE_TRANSACT (UNID, PROJID, SYNC_STATUS, BATCHNO) VALUES (?, ?, ?, ?)", *row)
    assert adapter.collect("").outcomes == ()
    assert sql(department, "SELECT UNID, PROJID, SYNC_STATUS, BATCHNO FROM PRE_TRANSACT ORDER BY UNID") == others
    adapter.push(PARCEL)
    collect_until(adapter, "granted")


def test_half_written_report_of_ours_is_finished(start_department: Any, connect: Any) -> None:
    department = start_department(PLATFORM)
    department.set_faults(never_taken=True)
    adapter = connect(department)
    adapter.push(PARCEL)
    sql(department, "UPDATE EX_GDBS_SB SET REC_FLAG = 9")
    assert adapter.find(PARCEL.key) is None
    adapter.push(PARCEL)
    assert sql(department, "SELECT REC_FLAG, VERSION FROM EX_GDBS_SB") == [(0, 1)]


def test_never_taken_stays_queued_and_shows(start_department: Any, connect: Any) -> None:
    department = start_department(PLATFORM)
    department.set_faults(never_taken=True)
    adapter = connect(department, stale_minutes="0")
    adapter.push(PARCEL)
    assert adapter.find(PARCEL.key).state == "queued"
    assert adapter.collect("").outcomes == ()
    health = adapter.check()
    assert (health.state, health.detail) == ("degraded", "1 reports not taken for 0 minutes")


def test_no_result_leaves_it_taken_without_a_number(start_department: Any, connect: Any) -> None:
    department = start_department(PLATFORM)
    department.set_faults(no_result=True)
    adapter = connect(department)
    adapter.push(PARCEL)
    *_, taken = collect_until(adapter, "accepted")[0]
    assert (taken.reference, taken.raw_status) == ("", "REC_FLAG=1")
    assert adapter.find(PARCEL.key).state == "queued"


def test_swapped_columns_and_odd_dates_are_understood(start_department: Any, connect: Any) -> None:
    department = start_department(PLATFORM)
    department.set_faults(swapped_columns=True, odd_dates=True)
    adapter = connect(department)
    adapter.push(PARCEL)
    outcome = collect_until(adapter, "granted")[0][-1]
    assert (outcome.raw_status, outcome.at) == ("核对完成|10 核对完成", None)
    assert "1970-1-2 0.0.0.0" in outcome.proof.decode()


@pytest.mark.parametrize("fault", ["half_row", "garbage"])
def test_unreadable_answer_is_a_broken_promise_until_put_right(start_department: Any, connect: Any, fault: str) -> None:
    department = start_department(PLATFORM)
    department.set_faults(**{fault: True})
    adapter = connect(department)
    adapter.push(PARCEL)
    _, cursor = collect_until(adapter, "accepted")
    raised_by(lambda: adapter.collect(cursor), BrokenPromise)
    assert adapter.find(PARCEL.key).state == "queued"
    department.set_faults()
    wait_for(lambda: sql(department, "SELECT 1 FROM PRE_TRANSACT WHERE EXTEND LIKE '%</HDJG>'"))
    assert [outcome.status for outcome in adapter.collect(cursor).outcomes] == ["granted"]


def test_locked_table_is_tried_later(start_department: Any, connect: Any) -> None:
    department = start_department(PLATFORM)
    adapter = connect(department, timeout=0.3)
    department.set_faults(locked=True)
    raised_by(lambda: adapter.find(PARCEL.key), TryLater)
    with pytest.raises(TryLater):
        adapter.push(PARCEL)
    assert adapter.check().state == "down"
    department.set_faults()
    wait_for(lambda: adapter.check().state == "up")
    assert connect(department).find(PARCEL.key) is None


def test_database_that_is_away_is_tried_later(start_department: Any, connect: Any) -> None:
    department = start_department(PLATFORM)
    department.set_faults(down=True)
    wait_for(lambda: not (department.home.folder / "exchange.db").exists())
    with pytest.raises(TryLater):
        connect(department).push(PARCEL)
    assert not (department.home.folder / "exchange.db").exists()


def test_wrong_settings_are_named(start_department: Any, connect: Any) -> None:
    department = start_department(PLATFORM)
    for wrong in ({"table_prefix": "OTHER_"}, {"table_prefix": "X; DROP"}, {"database_url": "nonsense"}):
        with pytest.raises(NeedsSettings):
            connect(department, **wrong).push(PARCEL)


def test_columns_that_changed_are_a_broken_promise(start_department: Any, connect: Any) -> None:
    department = start_department(PLATFORM)
    sql(department, "ALTER TABLE EX_GDBS_SB RENAME COLUMN XZQHDM TO QHDM")
    with pytest.raises(BrokenPromise):
        connect(department).push(PARCEL)


def test_rare_characters_are_noted_and_whole_in_xml(start_department: Any, connect: Any) -> None:
    department = start_department(PLATFORM)
    rare = replace(PARCEL, values={**PARCEL.values, "name": "王㛃𬭎"})
    connect(department).push(rare)
    ((name, note, xml),) = sql(department, "SELECT SQRMC, BZ, XML_DATA FROM EX_GDBS_SB")
    assert name == "王JIEHONG"
    assert note == "SQRMC:U+36C3以拼音JIE代替;SQRMC:U+2CB4E以拼音HONG代替"
    assert codec.etree.fromstring(xml).findtext("SQR/XM") == "王㛃𬭎"
    with pytest.raises(Refused) as refused:
        connect(department, policy="refuse").push(replace(rare, key="01JD0000000000000000000199"))
    assert refused.value.field == "name"


def test_department_killed_loses_nothing(start_department: Any, connect: Any) -> None:
    department = start_department(PLATFORM)
    department.kill()
    adapter = connect(department)
    assert adapter.push(PARCEL).state == "queued"
    department.start()
    collect_until(adapter, "granted")
    assert len(department.ledger()) == 1
