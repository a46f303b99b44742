"""Birth registration over a real SFTP connection to the pretend department."""

import csv
import io
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from waiting import PATIENCE, wait_for

from adapters.family_planning.birth_registration import codec
from adapters.transports.sftp import SftpAdapter, make_adapter
from workbench.api import (
    AdapterError,
    BrokenPromise,
    NeedsCredentials,
    NeedsSettings,
    Outcome,
    Parcel,
    Refused,
    TryLater,
)
from workbench.api.parcels import File

PLATFORM = "family_planning.birth_registration"
PARCEL = Parcel(
    key="01JD0000000000000000000001",
    case_no="WJ202611220001",
    item_code="WJ-001",
    item_version="1",
    item_title="生育登记",
    operation="apply",
    hub_id="H1",
    division="990101001002",
    accepted_at=datetime(2026, 11, 22, 1, 30, tzinfo=UTC),
    worker_name="社工甲",
    values={
        "name": "测试甲",
        "id_type": "111",
        "id_no": "990101199001010022",
        "sex": "2",
        "birth_date": "1990-01-01",
        "phone": "13800000000",
        "hukou_division": "990101001",
        "hukou_address": "测试路1号",
        "marital_status": "21",
        "spouse_name": "测试乙",
        "birth_order": 2,
        "due_date": "2027-03-01",
        "children": [{"child_name": "测试丙", "child_birth_date": "2020-05-06"}],
    },
    files=(File("ab" * 32, "结婚证.jpg", "image/jpeg", 3, "marriage_certificate"),),
)


@pytest.fixture
def open_adapter() -> Iterator[Callable[..., SftpAdapter]]:
    opened: list[SftpAdapter] = []

    def open_one(department: Any, **settings: Any) -> SftpAdapter:
        patient = department.platform.limits.model_copy(update={"timeout_seconds": PATIENCE})
        platform = department.platform.model_copy(update={"limits": patient} | settings.pop("platform", {}))
        opened.append(make_adapter(platform, department.settings | settings, codec))
        return opened[-1]

    yield open_one
    for adapter in opened:
        adapter.close()


def named(text: str, **values: object) -> Parcel:
    return replace(PARCEL, values={**PARCEL.values, "name": text, **values})


def uploads(department: Any) -> list[str]:
    folders = [department.home.folder / "exchange" / name for name in ("up", "done")]
    return sorted(path.name for folder in folders for path in folder.iterdir())


def uploaded_row(department: Any) -> dict[str, str]:
    (path,) = (department.home.folder / "exchange").glob("*/SYDJ_*[0-9].csv")
    (row,) = csv.DictReader(io.StringIO(path.read_bytes().decode("gbk"), newline=""))
    return dict(row)


def collect_until(adapter: SftpAdapter, status: str, cursor: str = "") -> list[Outcome]:
    def came() -> list[Outcome]:
        outcomes = adapter.collect(cursor).outcomes
        return list(outcomes) if any(outcome.status == status for outcome in outcomes) else []

    outcomes: list[Outcome] = wait_for(came)
    return outcomes


def await_file(path: Path) -> None:
    wait_for(path.exists, show=lambda: path.name)


def raised_by(call: Callable[[], object], wanted: type[AdapterError]) -> AdapterError:
    """Call until the department has noticed its fault switch."""

    def raised() -> AdapterError | None:
        try:
            call()
        except wanted as error:
            return error
        except AdapterError:
            pass
        return None

    found: AdapterError = wait_for(raised, show=lambda: wanted.__name__)
    return found


def test_check_says_up_and_unconfigured(start_department: Any, open_adapter: Any) -> None:
    department = start_department(PLATFORM)
    assert open_adapter(department).check().state == "up"
    health = open_adapter(department, password="").check()
    assert (health.state, health.detail) == ("unconfigured", "settings missing: password / private_key")
    assert open_adapter(department, stale_minutes="soon").check().state == "down"
    for wrong in ({"host": ""}, {"port": "ssh"}, {"host_key": "nonsense"}):
        with pytest.raises(NeedsSettings):
            open_adapter(department, **wrong).push(PARCEL)
    with pytest.raises(NeedsCredentials):
        open_adapter(department, private_key="nonsense").push(PARCEL)


def test_push_is_taken_once_and_granted(start_department: Any, open_adapter: Any) -> None:
    department = start_department(PLATFORM)
    adapter = open_adapter(department)
    assert adapter.find(PARCEL.key) is None
    assert adapter.push(PARCEL).state == "queued"
    assert adapter.push(PARCEL).state in ("queued", "duplicate")
    outcomes = collect_until(adapter, "granted")
    assert [outcome.status for outcome in outcomes] == ["accepted", "granted"]
    assert {outcome.key for outcome in outcomes} == {PARCEL.key}
    assert len(department.ledger()) == 1
    receipt = adapter.find(PARCEL.key)
    assert (receipt.state, receipt.reference) == ("accepted", department.ledger()[0]["reference"])
    assert adapter.push(PARCEL) == replace(receipt, state="duplicate")


def test_upload_holds_everything_and_its_manifest(start_department: Any, open_adapter: Any) -> None:
    department = start_department(PLATFORM)
    department.set_faults(never_fetch=True)
    open_adapter(department).push(PARCEL)
    assert uploads(department) == [f"SYDJ_{PARCEL.key}.csv", f"SYDJ_{PARCEL.key}.ok"]
    manifest = (department.home.folder / "exchange" / "up" / f"SYDJ_{PARCEL.key}.ok").read_text()
    assert manifest.splitlines()[:2] == [f"file=SYDJ_{PARCEL.key}.csv", "rows=1"]
    row = uploaded_row(department)
    assert (row["姓名"], row["证件类型"], row["性别"], row["出生日期"]) == ("测试甲", "01", "女", "1990/1/1")
    assert (row["受理时间"], row["备注"]) == ("2026/11/22 09:30:00", "")
    assert json.loads(row["附加信息"]) == {"children": PARCEL.values["children"]}


def test_rare_characters_by_pinyin_are_noted(start_department: Any, open_adapter: Any) -> None:
    department = start_department(PLATFORM)
    department.set_faults(never_fetch=True)
    open_adapter(department).push(named("王㛃𬭎䶮", remark="㛃"))
    row = uploaded_row(department)
    assert row["姓名"] == "王JIEHONGYAN"
    assert row["备注"] == "姓名:U+36C3以拼音JIE代替;姓名:U+2CB4E以拼音HONG代替;姓名:U+4DAE以拼音YAN代替"
    extra = json.loads(row["附加信息"])
    assert (extra["name"], extra["remark"]) == ("王㛃𬭎䶮", "㛃")


@pytest.mark.parametrize("policy", ["refuse", "keep"])
def test_rare_characters_refused_name_the_field(start_department: Any, open_adapter: Any, policy: str) -> None:
    department = start_department(PLATFORM)
    adapter = open_adapter(department, platform={"rare_characters": policy})
    with pytest.raises(Refused, match="㛃") as refused:
        adapter.push(named("王㛃"))
    assert refused.value.field == "name"
    assert uploads(department) == []


def test_unknown_code_and_date_are_refused(start_department: Any, open_adapter: Any) -> None:
    adapter = open_adapter(start_department(PLATFORM))
    with pytest.raises(Refused) as refused:
        adapter.push(named("测试甲", id_type="777"))
    assert refused.value.field == "id_type"
    with pytest.raises(Refused) as refused:
        adapter.push(named("测试甲", due_date="明年"))
    assert refused.value.field == "due_date"


def test_same_cursor_gives_the_same_answer(start_department: Any, open_adapter: Any) -> None:
    department = start_department(PLATFORM)
    adapter = open_adapter(department)
    adapter.push(PARCEL)
    collect_until(adapter, "granted")
    first = adapter.collect("")
    assert adapter.collect("") == first
    assert adapter.collect(first.cursor).outcomes == ()
    adapter.push(replace(PARCEL, key="01JD0000000000000000000002"))
    (accepted, granted) = collect_until(adapter, "granted", first.cursor)
    assert accepted.key == granted.key == "01JD0000000000000000000002"
    assert adapter.collect("").outcomes[:2] == first.outcomes


def test_half_written_reply_waits_for_its_manifest(start_department: Any, open_adapter: Any) -> None:
    department = start_department(PLATFORM)
    department.set_faults(half_file=True)
    adapter = open_adapter(department)
    adapter.push(PARCEL)
    await_file(department.home.folder / "exchange" / "down" / f"SYDJ_{PARCEL.key}_HZ01.csv")
    assert adapter.collect("").outcomes == ()
    department.set_faults()
    assert collect_until(adapter, "granted")


def test_refused_rows_come_back_in_words(start_department: Any, open_adapter: Any) -> None:
    department = start_department(PLATFORM)
    department.set_faults(refuse_rows=True)
    adapter = open_adapter(department)
    adapter.push(PARCEL)
    (outcome,) = collect_until(adapter, "refused")
    assert (outcome.text, outcome.field) == ("户籍地区划代码已停用,不予接收", "hukou_division")
    assert department.ledger() == []


def test_decisions_name_the_field_to_correct(start_department: Any, open_adapter: Any) -> None:
    department = start_department(PLATFORM)
    department.set_faults(correction=[PARCEL.case_no], excel=True)
    adapter = open_adapter(department)
    adapter.push(PARCEL)
    outcome = collect_until(adapter, "correction")[-1]
    assert (outcome.key, outcome.field) == (PARCEL.key, "marriage_cert_no")
    assert outcome.proof.decode("gbk").count("9.90101E+17") == 1


def test_partial_receipt_is_progress_until_the_number_comes(start_department: Any, open_adapter: Any) -> None:
    department = start_department(PLATFORM)
    department.set_faults(partial=True)
    adapter = open_adapter(department)
    adapter.push(PARCEL)
    (outcome,) = collect_until(adapter, "progress")
    assert outcome.reference == ""
    department.set_faults()
    assert collect_until(adapter, "accepted")[1].reference


def test_never_replying_keeps_it_queued_and_shows(start_department: Any, open_adapter: Any) -> None:
    department = start_department(PLATFORM)
    department.set_faults(never_fetch=True)
    adapter = open_adapter(department, stale_minutes="0")
    adapter.push(PARCEL)
    assert adapter.find(PARCEL.key).state == "queued"
    assert adapter.collect("").outcomes == ()
    time.sleep(1.1)
    health = adapter.check()
    assert (health.state, health.detail) == ("degraded", "1 uploads not fetched for 0 minutes")


def test_garbage_is_a_broken_promise_but_holds_nobody_up(start_department: Any, open_adapter: Any) -> None:
    department = start_department(PLATFORM)
    department.set_faults(garbage=True)
    adapter = open_adapter(department)
    adapter.push(PARCEL)
    raised_by(lambda: adapter.collect(""), BrokenPromise)
    department.set_faults()
    other = replace(PARCEL, key="01JD0000000000000000000002")
    adapter.push(other)
    await_file(department.home.folder / "exchange" / "down" / f"SYDJ_{other.key}_HZ02.ok")
    batch = adapter.collect("")
    assert {(outcome.key, outcome.status) for outcome in batch.outcomes} >= {(other.key, "granted")}
    with pytest.raises(BrokenPromise):
        adapter.collect(batch.cursor)


def test_faults_of_the_line_ask_for_the_right_recovery(start_department: Any, open_adapter: Any) -> None:
    department = start_department(PLATFORM)
    adapter = open_adapter(department)
    department.set_faults(wrong_host_key=True)
    assert "host key" in raised_by(lambda: adapter.find(PARCEL.key), NeedsSettings).text
    department.set_faults(down=True)
    raised_by(lambda: adapter.push(PARCEL), TryLater)
    assert adapter.check().state == "down"
    department.set_faults(expired_credentials=True)
    raised_by(lambda: adapter.push(PARCEL), NeedsCredentials)
    department.set_faults(disk_full=True)
    raised_by(lambda: adapter.push(PARCEL), TryLater)
    assert [name for name in uploads(department) if not name.endswith(".part")] == []


def test_slow_server_times_out_and_is_tried_later(start_department: Any, open_adapter: Any) -> None:
    department = start_department(PLATFORM)
    assert open_adapter(department).check().state == "up"
    limits = department.platform.limits.model_copy(update={"timeout_seconds": 0.5})
    adapter = open_adapter(department, platform={"limits": limits})
    department.set_faults(slow_ms=2000)
    with pytest.raises(TryLater):
        adapter.push(PARCEL)


def test_lost_answer_is_found_and_not_sent_again(start_department: Any, open_adapter: Any) -> None:
    department = start_department(PLATFORM)
    department.set_faults(lose_answer=True)
    adapter = open_adapter(department)
    with pytest.raises(TryLater):
        adapter.push(PARCEL)
    department.set_faults()
    assert adapter.find(PARCEL.key) is not None
    collect_until(adapter, "granted")
    assert len(department.ledger()) == 1


def test_department_killed_comes_back_with_its_books(start_department: Any, open_adapter: Any) -> None:
    department = start_department(PLATFORM)
    adapter = open_adapter(department)
    adapter.push(PARCEL)
    department.kill()
    with pytest.raises(TryLater):
        adapter.find(PARCEL.key)
    department.start()
    collect_until(adapter, "granted")
    assert len(department.ledger()) == 1
