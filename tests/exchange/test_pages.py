"""Pages of import and export: for who has the right, from upload to taking back, and every look in the trail."""

import io
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from conftest import Act
from exchange_files import TERMS, csv_file, number
from python_calamine import CalamineWorkbook
from screens import World, open_world, text_of
from sqlalchemy import text
from sqlmodel import select

from workbench.desk.trail import last_looks
from workbench.exchange import views
from workbench.exchange.models import ImportRow
from workbench.exchange.upload import get_import
from workbench.identity.models import AuditRow
from workbench.jobs.importing import work_on_imports
from workbench.people.check import PersonInput
from workbench.people.facts import FactInput, record_facts
from workbench.people.register import register_person
from workbench.settings import Settings
from workbench.store.engine import Store
from workbench.store.problems import Problem

AT = "/h/wutong/exchange"
ROWS = (
    ("测试甲", number(961), "男", "19900000961", "示范路1号", "", ""),
    ("测试乙", "3.20525E+17", "", "", "", "", ""),
)


@pytest.fixture
def world(settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    opened = open_world(settings, store, monkeypatch, "people", "delivery", "cases", "reception", "exchange", "desk")
    yield opened
    opened.app.extensions["workbench"].store.close()


class Process:
    """What the worker process gives its jobs."""

    def __init__(self, world: World) -> None:
        services = world.app.extensions["workbench"]
        self.store, self.keys, self.files = services.store, services.keys, services.files
        self.clock, self.stopping = services.clock, threading.Event()


def send(client, content: bytes, key: str = "01M8CCCCCCCCCCCCCCCCCCCCCC") -> str:
    answer = client.post(AT, data={"file": (io.BytesIO(content), "台账.csv"), "key": key})
    assert answer.status_code == 303
    return answer.headers["Location"]


@pytest.mark.parametrize("who", ["worker1", "reviewer1", "hubadmin1", "sysadmin"])
def test_only_the_right_opens_import_and_export(world: World, who: str) -> None:
    client = world.sign_in(who)
    assert {client.get(path).status_code for path in (AT, f"{AT}/out")} == {403}
    assert client.post(f"{AT}/out", data={"keys": "person.name", "kind": "csv", "reason": "试"}).status_code == 403


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_table_goes_from_upload_to_report_and_back(world: World, act: Act, locale: str) -> None:
    client, process = world.sign_in("approver1", locale), Process(world)
    at = send(client, csv_file(*ROWS))
    assert send(client, csv_file(*ROWS)) == at  # a second click
    page = text_of(client.get(at).text)
    assert "证件号码" in page
    columns = {
        f"column-{place}": key
        for place, key in enumerate(("person.name", "person.id_no", "person.sex", "person.phone"))
    }
    refused = client.post(f"{at}/check", data=columns)
    assert refused.status_code == 422
    assert client.post(f"{at}/check", data=columns | TERMS).status_code == 303
    assert {"zh_CN": "正在检查", "en": "being checked"}[locale] in text_of(client.get(at).text)
    work_on_imports(process)  # type: ignore[arg-type]
    page = text_of(client.get(at).text)
    assert {"zh_CN": "1 新建档案 · 1 不予导入", "en": "1 new file · 1 refused"}[locale] in page
    assert {"zh_CN": "不能猜", "en": "nobody can guess"}[locale] in page
    client.post(f"{at}/start")
    work_on_imports(process)  # type: ignore[arg-type]
    sheet = (
        CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"{at}/report").data)).get_sheet_by_index(0).to_python()
    )
    assert [row[0] for row in sheet[1:]] == ["2", "3"]
    assert client.post(f"{at}/undo", data={}).status_code == 422
    client.post(f"{at}/undo", data={"reason": "导错了"})
    work_on_imports(process)  # type: ignore[arg-type]
    assert {"zh_CN": "已撤销", "en": "taken back"}[locale] in text_of(client.get(at).text)
    with act() as ctx:
        assert [row.state for row in ctx.session.exec(select(ImportRow))] == ["undone"]
        trail = ctx.session.exec(select(AuditRow).order_by(AuditRow.id))
        acts = [row.action for row in trail if row.action.startswith("import.")]
        assert acts == ["import.upload", "import.checking", "import.writing", "import.report", "import.undoing"]


def test_import_of_another_hub_is_not_found(world: World, act: Act) -> None:
    at = send(world.sign_in("approver1"), csv_file(*ROWS))
    with act("approver1", hub="yinxing") as ctx, pytest.raises(Problem):
        get_import(ctx, at.rsplit("/", 1)[1])


def test_file_of_no_kind_is_refused_beside_the_field(world: World) -> None:
    answer = world.sign_in("approver1").post(AT, data={"file": (io.BytesIO(b"PK\x03\x04no"), "a.xlsx")})
    assert answer.status_code == 422
    assert "另存为" in text_of(answer.text)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_export_of_many_says_source_and_time_of_every_value_and_stands_in_the_trail(
    world: World, act: Act, kind: str
) -> None:
    with act() as ctx:
        today = ctx.clock.today()
        person_id = register_person(ctx, PersonInput(name="测试丙", id_no=number(971), phone="19900000971")).id
        day = today - timedelta(days=3)
        record_facts(ctx, person_id, [FactInput("person.residence_address", "=路1号", "department", "公安局", day)])
    client = world.sign_in("approver1")
    assert client.post(f"{AT}/out", data={"kind": kind, "keys": "person.name"}).status_code == 422
    keys = ["person.name", "person.id_no", "person.residence_address"]
    answer = client.post(f"{AT}/out", data={"kind": kind, "keys": keys, "reason": "核对台账"})
    assert answer.status_code == 200
    if kind == "csv":
        rows = [line.split(",") for line in answer.data.decode("utf-8-sig").splitlines()]
    else:
        rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    row = [str(cell).strip() for cell in rows[1]]
    assert row[:2] == ["测试丙", "本人"]
    assert row[4] == number(971)
    assert row[8:11] == ["=路1号", "公安局", day.isoformat()]
    assert all(row[place + 1] and row[place + 3] for place in (0, 4, 8))
    with act() as ctx:
        (trail,) = [one for one in ctx.session.exec(select(AuditRow)) if one.action == "people.export"]
        assert trail.purpose == "核对台账"
        assert "测试丙" not in str(trail.detail)
        looks = [one for one in ctx.session.exec(select(AuditRow)) if one.action == "person.hand_out"]
        assert len(looks) == trail.detail["residents"] == len(rows) - 1
        assert [one.purpose for one in looks if one.person_id == person_id] == ["核对台账"]
        assert last_looks(ctx, person_id)[0]["why"] == "核对台账"


def test_export_whose_evidence_cannot_be_written_is_not_given_out(
    world: World, act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    with act() as ctx:
        register_person(ctx, PersonInput(name="测试丙", id_no=number(971), phone="19900000971"))
    client = world.sign_in("approver1")
    monkeypatch.setattr(views, "record_export", lambda ctx, export: ctx.session.execute(text("no statement")))
    asked = {"kind": "csv", "keys": ["person.name"], "reason": "核对台账"}
    answer = client.post(f"{AT}/out", data=asked)
    assert (answer.status_code, "测试丙" in answer.text) == (500, False)
