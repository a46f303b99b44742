"""A resident's own file as Excel and JSON: every value with source and time, whole, and in the trail."""

import io
import json
import re
import zipfile
from datetime import date

import pytest
from sqlmodel import select

from workbench.identity.models import AuditRow
from workbench.people.facts import FactInput, record_facts

KEY = "person.residence_address"


@pytest.fixture
def person(act, register) -> str:
    with act() as ctx:
        person_id = register(ctx, person__residence_address="示例路1号")
        said = [FactInput(KEY, "=示例路2号", as_of=date(2026, 3, 1), reason="搬家")]
        record_facts(ctx, person_id, said, purpose="update")
        return person_id


def export(world, person: str, kind: str, reason: str = "居民申请"):
    return world.sign_in("worker1").post(f"/h/wutong/people/{person}/export", data={"kind": kind, "reason": reason})


def test_json_carries_source_and_time_of_every_value(world, act, person, number) -> None:
    file = json.loads(export(world, person, "json").data)
    facts = file["facts"]
    assert all(one["source"] and one["recorded_at"] and one["recorded_by"] for one in facts)
    at_home = {one["value"]: one for one in facts if one["key"] == KEY}
    assert (at_home["示例路1号"]["standing"], at_home["示例路1号"]["rank"]) == ("counts", "department")
    said = at_home["=示例路2号"]
    assert (said["standing"], said["as_of"], said["reason"]) == ("differs", "2026-03-01", "搬家")
    assert number() in {one["value"] for one in facts}
    with act() as ctx:
        row = ctx.session.exec(select(AuditRow).where(AuditRow.action == "person.export")).one()
        assert (row.person_id, row.purpose, row.detail["kind"]) == (person, "居民申请", "json")


def test_workbook_holds_text_only(world, person, number) -> None:
    answer = export(world, person, "xlsx")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="resident-{person}.xlsx"'
    with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
        texts = re.findall(r"<t[^>]*>([^<]*)</t>", book.read("xl/sharedStrings.xml").decode())
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert {number(), "=示例路2号", "民政局", "本人", "来源", "记录时间"} <= set(texts)
    assert "<f>" not in sheet
    assert set(re.findall(r'<c r="\w+"(?: s="\d+")?(?: t="(\w+)")?>', sheet)) == {"s"}


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_export_needs_a_kind_and_a_reason(world, person, locale) -> None:
    client, url = world.sign_in("worker1", locale), f"/h/wutong/people/{person}/export"
    assert client.get(url).status_code == 200
    assert client.post(url, data={"kind": "pdf", "reason": ""}).status_code == 422
    assert world.sign_in("reviewer1").get(url).status_code == 403
    assert world.sign_in("worker21").get(f"/h/yinxing/people/{person}/export").status_code == 404
