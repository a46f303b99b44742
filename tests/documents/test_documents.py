"""All fifteen documents print, in Chinese with rare characters, two copies on A4, black only, each in the register."""

import re
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader
from screens import World, make_person, open_world
from sqlmodel import select

from workbench.cases.models import CaseEventRow, CaseMaterialRow, CaseRow, SuspensionRow
from workbench.catalogue.loaded import catalogue
from workbench.documents.barcode import STOP, WIDTHS, barcode_svg, code_values
from workbench.documents.kinds import load_asks, load_kinds
from workbench.documents.models import DocumentRow, SealUseRow
from workbench.hubs.open_lines import open_line
from workbench.people.models import PersonRow
from workbench.reception.draft import begin
from workbench.store.ids import new_id

RARE = "镕㛃𬭎䶮"
GREYS = {(b"0", b"0", b"0"), (b"1", b"1", b"1")}
#: kind -> how a case stands when it is printed.
STANDS: dict[str, dict[str, str]] = {
    "acceptance": {}, "materials_receipt": {}, "handover_slip": {}, "payment_notice": {}, "postal_address": {},
    "one_time_notice": {}, "supplement_notice": {}, "correction_notice": {"state": "correction"},
    "special_procedure": {"state": "suspended"}, "concluded": {"state": "concluded", "result": "granted"},
    "certificate_slip": {"state": "concluded", "result": "granted"},
    "concluded_refused": {"state": "concluded", "result": "refused", "result_text": "收入超过标准"},
    "delivery_receipt": {"state": "delivered", "result": "granted"},
    "not_accepted": {"state": "refused", "result": "refused", "result_text": "不属于本站点办理"},
    "refused_acceptance": {"state": "refused", "result": "refused", "result_text": "不符合户籍条件"},
}  # fmt: skip


@pytest.fixture
def world(settings: Any, store: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    opened = open_world(settings, store, monkeypatch, "delivery", "cases", "reception", "documents", "admin")
    yield opened
    opened.app.extensions["workbench"].store.close()


def stand_for(world: World, act: Any, kind: str) -> str:
    """Let a case stand as a kind of document wants it, for a resident with a rare name."""
    with act("worker1") as ctx:
        ctx.session.get_one(PersonRow, make_person(ctx)).name = RARE
        case = world.make_case(ctx, **STANDS[kind])
        if kind == "supplement_notice":
            item = catalogue(world.installed).find("MZ-001", ctx.hub.division, ctx.clock.today())
            assert item is not None
            key, day = item.manifest.materials[0].key, ctx.clock.today()
            ctx.session.add(CaseMaterialRow(case_id=case.id, key=key, state="late", supply_by=day))
        if kind in ("correction_notice", "special_procedure"):
            which = "correction" if kind == "correction_notice" else "special_procedure"
            day = ctx.clock.today()
            ctx.session.add(
                SuspensionRow(case_id=case.id, kind=which, reason="待鉴定", from_day=day, reply_by=day, until=day)
            )
        if case.state == "refused":
            refusal = "not_here" if kind == "not_accepted" else "conditions"
            event = CaseEventRow(
                case_id=case.id, at=ctx.clock.now(), kind="refuse_acceptance", actor_id="x", detail={"refusal": refusal}
            )
            ctx.session.add(event)
        return case.id


def print_kind(world: World, case_id: str, kind: str, **said: str) -> Any:
    typed = {f"{kind}-{key}": f"样例{RARE}" for key in load_kinds()[kind].asks} | said
    form = {"kind": kind, "key": new_id(), **typed}
    return world.sign_in("worker1").post(f"/h/wutong/cases/{case_id}/documents", data=form)


def last_document(act: Any) -> tuple[str, str]:
    with act("worker1") as ctx:
        row = ctx.session.exec(select(DocumentRow).order_by(DocumentRow.id.desc())).first()
        return row.id, row.number


def text_of_pdf(content: bytes) -> tuple[str, PdfReader]:
    reader = PdfReader(BytesIO(content))
    return re.sub(r"\s+", "", "".join(page.extract_text() for page in reader.pages)), reader


def test_there_are_fifteen_and_each_has_its_case() -> None:
    assert len(load_kinds()) == 15
    assert set(STANDS) == set(load_kinds())


@pytest.mark.parametrize("kind", STANDS)
def test_document_prints_with_rare_characters(world: World, act: Any, kind: str) -> None:
    case_id = stand_for(world, act, kind)
    answer = print_kind(world, case_id, kind)
    assert answer.status_code == 303, answer.text
    document_id, number = last_document(act)
    pdf = world.sign_in("worker1").get(f"/h/wutong/documents/{document_id}.pdf")
    text, reader = text_of_pdf(pdf.data)
    assert len(reader.pages) == 2  # one for the resident, one for the hub
    assert {tuple(round(float(v)) for v in page.mediabox[2:]) for page in reader.pages} == {(595, 842)}
    for words in (*RARE, RARE, number, load_kinds()[kind].zh, "申请人留存联", "站点留存联", "MZ-001"):
        assert words in text, words
    colours = {
        c for page in reader.pages for c in re.findall(rb"[\d.]+ [\d.]+ [\d.]+ rg\b", page.get_contents().get_data())
    }
    assert colours <= {b"0 0 0 rg", b"1 1 1 rg"}


def test_pressing_twice_prints_once_and_numbers_go_up(world: World, act: Any) -> None:
    case_id = stand_for(world, act, "acceptance")
    form = {"kind": "acceptance", "key": new_id()}
    client = world.sign_in("worker1")
    assert [client.post(f"/h/wutong/cases/{case_id}/documents", data=form).status_code for _ in range(2)] == [303, 303]
    _, first = last_document(act)
    print_kind(world, case_id, "acceptance")
    _, second = last_document(act)
    assert (first[-5:], second[-5:]) == ("00001", "00002")


def test_second_print_is_the_paper_of_then(world: World, act: Any) -> None:
    case_id = stand_for(world, act, "concluded_refused")
    print_kind(world, case_id, "concluded_refused")
    document_id, _ = last_document(act)
    with act("worker1") as ctx:
        ctx.session.get_one(CaseRow, case_id).result_text = "后来改写的理由"
    text, _ = text_of_pdf(world.sign_in("worker1").get(f"/h/wutong/documents/{document_id}.pdf").data)
    assert "收入超过标准" in text
    assert "后来改写的理由" not in text
    assert "行政复议" in text


def test_document_that_does_not_fit_and_missing_words_are_refused(world: World, act: Any) -> None:
    case_id = stand_for(world, act, "acceptance")
    assert print_kind(world, case_id, "concluded").status_code == 409
    answer = print_kind(world, case_id, "postal_address", **{"postal_address-recipient": ""})
    assert answer.status_code == 422
    assert load_asks()["postal_address"].zh in answer.text
    assert f"样例{RARE}" in answer.text  # what was typed is kept
    with act("worker1") as ctx:
        assert ctx.session.exec(select(DocumentRow)).all() == []


def test_seal_is_noted_beside_the_document(world: World, act: Any) -> None:
    case_id = stand_for(world, act, "acceptance")
    print_kind(world, case_id, "acceptance")
    document_id, number = last_document(act)
    client, url = world.sign_in("worker1"), f"/h/wutong/documents/{document_id}/seal"
    form = {f"seal-{document_id}": "受理专用章", f"copies-{document_id}": "2"}
    assert client.post(url, data=form | {f"seal-{document_id}": ""}).status_code == 422
    assert [client.post(url, data=form).status_code for _press in range(2)] == [303, 303]
    other = world.sign_in("worker2").post(url, data=form)  # a colleague who had the page open
    assert (other.status_code, "刚刚已登记" in other.text) == (422, True)
    with act("worker1") as ctx:
        used = ctx.session.exec(select(SealUseRow)).one()
        assert (used.seal, used.copies, used.by_name) == ("受理专用章", 2, "worker1")
    page = client.get("/h/wutong/documents").text
    assert number in page
    assert "盖章 1 次" in page


def test_admin_changes_a_template_for_the_hub_and_goes_back(world: World, act: Any) -> None:
    case_id = stand_for(world, act, "acceptance")
    admin, url = world.sign_in("hubadmin1"), "/h/wutong/admin/documents/acceptance"
    source = '#import "frame.typ": data, paper\n#paper[本站点自己的话 #data.to #data.about.at(0).at(1) MZ-001]'
    assert admin.post(url, data={"source": source + "#broken("}).status_code == 422
    assert admin.post(url, data={"source": '#import "@preview/x:1.0.0": x'}).status_code == 422
    assert admin.post(url, data={"source": '#read("/etc/hostname")'}).status_code == 422
    assert admin.post(url, data={"source": source}).status_code == 303
    print_kind(world, case_id, "acceptance")
    changed, _ = last_document(act)
    assert admin.post(url, data={"action": "reset"}).status_code == 303
    print_kind(world, case_id, "acceptance")
    standard, _ = last_document(act)
    client = world.sign_in("worker1")
    texts = [text_of_pdf(client.get(f"/h/wutong/documents/{one}.pdf").data)[0] for one in (changed, standard)]
    assert ["本站点自己的话" in text for text in texts] == [True, False]
    assert admin.get(f"{url}/sample.pdf").data[:4] == b"%PDF"


def test_document_of_another_hub_is_not_found(world: World, act: Any) -> None:
    case_id = stand_for(world, act, "acceptance")
    print_kind(world, case_id, "acceptance")
    document_id, _ = last_document(act)
    other = world.sign_in("worker21")
    assert other.get(f"/h/yinxing/documents/{document_id}.pdf").status_code == 404
    assert other.get(f"/h/yinxing/cases/{case_id}/documents").status_code == 404
    assert "还没有打印" in other.get("/h/yinxing/documents").text


def test_form_is_not_accepted_with_a_number_and_a_notice(world: World, act: Any) -> None:
    with act("worker1") as ctx:
        person = ctx.session.get_one(PersonRow, make_person(ctx))
        item = catalogue(world.installed).find("MZ-001", ctx.hub.division, ctx.clock.today())
        assert item is not None
        open_line(ctx, world.installed, "civil_affairs")
        case_id = begin(ctx, item, person).id
    client, url = world.sign_in("worker1"), f"/h/wutong/cases/{case_id}/refuse"
    assert client.get(url).status_code == 200
    assert client.post(url, data={"kind": "conditions", "reason": ""}).status_code == 422
    assert client.post(url, data={"kind": "conditions", "reason": "不符合户籍条件"}).status_code == 303
    with act("worker1") as ctx:
        case = ctx.session.get_one(CaseRow, case_id)
        assert (case.state, bool(case.case_no), case.result_text) == ("refused", True, "不符合户籍条件")
    page = client.get(f"/h/wutong/cases/{case_id}/documents").text
    assert "不予受理通知单" in page
    assert "不受理通知单</button>" not in page


def test_bar_code_is_code_128() -> None:
    assert len(WIDTHS) == 106
    assert len(set(WIDTHS)) == 106
    assert all(sum(map(int, one)) == 11 for one in WIDTHS)
    assert sum(map(int, STOP)) == 13
    assert barcode_svg("SGZ-1").startswith("<svg")
    with pytest.raises(ValueError, match="ASCII"):
        code_values("镕")
