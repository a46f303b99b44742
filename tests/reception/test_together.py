"""One sitting, many matters: one form, each question once, materials once, parts fail alone, sittings never mix."""

import io
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from conftest import Act
from scans import pdf
from screens import Count, World, text_of, world_with_days
from sitting import id_number
from sittings import BUNDLE, CHILD_NUMBER, MOTHER, Table, open_lines_and_mother
from sqlmodel import select

from workbench.cases.models import CaseMaterialRow, CaseRow, DraftRow
from workbench.delivery.models import DeliveryRow, PayloadRow
from workbench.hubs.open_lines import close_line, open_line
from workbench.people.check import PersonInput
from workbench.people.facts import FactInput, record_facts
from workbench.people.households import create_household
from workbench.people.models import DocumentRow, FactRow, PersonRow
from workbench.people.register import register_person
from workbench.reception.newborn import Newborn, register_newborn
from workbench.settings import Settings
from workbench.store.engine import Store
from workbench.store.ids import new_id

#: The clock of this one stands still from the start, until somebody else has assessed.
ASSESSED = {"CL-001": "suspended"}

ROOMS = ("people", "catalogue", "delivery", "cases", "reception", "desk")


@pytest.fixture
def world(settings: Settings, store: Store, act: Act, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with world_with_days(act, settings, store, monkeypatch, *ROOMS) as opened:
        yield opened


@pytest.fixture
def table(world: World, act: Act) -> Table:
    return Table(world, act, world.sign_in("worker1"), open_lines_and_mother(world, act))


def cases_by_code(act: Act) -> dict[str, CaseRow]:
    with act() as ctx:
        found = {case.item_code: case for case in ctx.session.exec(select(CaseRow))}
        ctx.session.expunge_all()
        return found


def test_five_matters_of_four_lines_are_filed_from_one_form(table: Table, act: Act) -> None:
    table.open_together(**{"child-id_no": CHILD_NUMBER})
    page = table.client.get(f"{table.url}/form").text
    assert page.count(f'value="{MOTHER}"') == page.count('name="me.person.name"') + page.count('name="me.bank.payee"')
    assert page.count('name="me.person.name"') == 1
    assert table.fill().status_code == 303
    table.see_materials()
    answer = table.accept()

    cases = cases_by_code(act)
    assert {code: case.state for code, case in cases.items()} == dict.fromkeys(BUNDLE, "accepted") | ASSESSED
    assert len({case.line_id for case in cases.values()}) == 4
    receipt = text_of(table.client.get(answer.headers["Location"]).text)
    follow = text_of(table.client.get(table.url).text)
    for case in cases.values():
        assert (case.case_no in receipt, case.case_no in follow) == (True, True)
    assert table.client.get(f"{table.url}/receipt.pdf").data.startswith(b"%PDF")
    with act() as ctx:
        sent = list(ctx.session.exec(select(DeliveryRow.case_id)))
        assert set(sent) == {case.id for case in cases.values()}
        child = ctx.session.get_one(PersonRow, cases["RS-011"].person_id)
        assert (child.name, cases["CL-001"].person_id) == ("测试宝宝", child.id)


def test_name_of_the_mother_reaches_the_form_of_the_child(table: Table, act: Act) -> None:
    table.open_together()
    with act() as ctx:
        parts = {part.case.item_code: part.draft.values for part in table.read(ctx).parts}
    assert parts["RS-011"]["guardian_name"] == MOTHER
    assert parts["WJ-010"]["child_name"] == parts["RS-011"]["name"] == "测试宝宝"


def test_answer_goes_into_every_form_that_asks_it(table: Table, act: Act) -> None:
    table.open_together()
    table.client.post(f"{table.url}/form/save", data={"me.person.phone": "199 0000 0055"})
    with act() as ctx:
        phones = {
            p.case.item_code: (p.draft.values["phone"], p.draft.values.get("guardian_phone"))
            for p in table.read(ctx).parts
        }
    assert phones["WJ-001"][0] == phones["RS-011"][0] == phones["RS-011"][1] == "19900000055"


def test_answer_typed_into_one_form_alone_reaches_the_common_one(table: Table, act: Act) -> None:
    table.open_together({"WJ-001": "me", "MZ-003": "me"})
    case_id = cases_by_code(act)["MZ-003"].id
    table.client.post(f"/h/wutong/cases/{case_id}/form/save", data={"phone": "19900000066"})
    with act() as ctx:
        assert {part.draft.values["phone"] for part in table.read(ctx).parts} == {"19900000066"}


def test_form_kept_when_a_field_was_left_is_saved_whole_when_it_is_sent_again(table: Table, act: Act) -> None:
    table.open_together({"WJ-001": "me", "MZ-003": "me"})
    case_url = f"/h/wutong/cases/{cases_by_code(act)['MZ-003'].id}"
    for number, (url, name) in enumerate(((table.url, "me.person.phone"), (case_url, "phone"))):
        for way in (f"field/{name}", "save"):
            phone = f"1990000{number}{len(way):03}"
            answer = table.client.post(f"{url}/form/{way}", data={name: phone})
            assert answer.headers["Location"] == f"{url}/form"
            with act() as ctx:
                assert {part.draft.values["phone"] for part in table.read(ctx).parts} == {phone}


def test_what_a_page_asks_by_itself_of_a_form_that_was_accepted_leads_to_its_receipt(table: Table, act: Act) -> None:
    table.open_together({"WJ-001": "me"})
    case_url = f"/h/wutong/cases/{cases_by_code(act)['WJ-001'].id}"
    table.fill()
    table.see_materials()
    table.accept()
    for url, leads_to in ((table.url, table.url), (case_url, f"{case_url}/receipt")):
        answer = table.client.post(f"{url}/form/save", data={"phone": "19900000077"}, headers={"HX-Request": "true"})
        assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, leads_to)


def test_draft_is_there_after_sign_out_at_another_pc_for_its_worker_only(table: Table, world: World) -> None:
    table.open_together()
    table.client.post(f"{table.url}/form/save", data={"WJ001.me.birth_order": "2"})
    world.clients.clear()
    page = world.sign_in("worker1").get(f"{table.url}/form").text
    assert (
        'value="2"'
        in page.partition('name="WJ001.me.birth_order"')[2][:200]
        + page.partition('id="f-WJ001-me-birth_order"')[2][:200]
    )
    assert world.sign_in("worker2").get(f"{table.url}/form").status_code == 404
    assert world.sign_in("worker21").get(table.url.replace("wutong", "yinxing") + "/form").status_code == 404


def test_each_material_is_seen_once_for_all_matters(table: Table, act: Act) -> None:
    table.open_together()
    table.see_materials("me.id_card")
    with act() as ctx:
        marked = list(ctx.session.exec(select(CaseMaterialRow)))
        kept = list(ctx.session.exec(select(DocumentRow)))
        assert {row.state for row in marked} == {"sighted"}
        assert {row.key for row in marked} == {"id_card", "guardian_id_card"}
        assert len(marked) == 5
        assert len(kept) == len({(row.person_id, row.kind) for row in kept}) == 2


def test_what_is_held_of_the_mother_spares_her_papers_in_the_form_of_the_child(table: Table, act: Act) -> None:
    with act() as ctx:
        record_facts(
            ctx, table.mother, [FactInput("document.id_card", True, "department", "公安局", date(2026, 11, 1))]
        )
    table.open_together({"WJ-001": "me", "RS-011": "new"}, **{"child-id_no": CHILD_NUMBER})
    assert "me.id_card" not in table.missing()
    table.fill()
    table.see_materials()
    receipt = text_of(table.client.get(table.accept().headers["Location"]).text)
    assert {case.state for case in cases_by_code(act).values()} == {"accepted"}
    assert receipt.count("免交：公安局已有数据") == 1


def test_newborn_without_name_and_number_files_what_needs_neither(table: Table, act: Act) -> None:
    table.open_together(**{"child-name": "", "child-id_no": ""})
    with act() as ctx:
        values = {part.case.item_code: part.draft.values for part in table.read(ctx).parts}
    assert "name" not in values["RS-011"]
    table.fill(**{"child1.person.name": None, "child1.person.id_no": None})
    table.see_materials()
    check = text_of(table.client.get(f"{table.url}/check").text)
    table.accept()

    states = {code: case.state for code, case in cases_by_code(act).items()}
    assert states == {
        "WJ-001": "accepted",
        "MZ-003": "accepted",
        "WJ-010": "draft",
        "RS-011": "draft",
        "CL-001": "draft",
    }
    assert "证件号码" in check
    receipt = text_of(table.client.get(f"{table.url}/receipt").text)
    assert "请填写" in receipt
    table.fill(**{"child1.person.name": "测试小宝", "child1.person.id_no": CHILD_NUMBER})
    table.accept()
    cases = cases_by_code(act)
    assert {case.state for case in cases.values()} == {"accepted", "suspended"}
    with act() as ctx:
        assert ctx.session.get_one(PersonRow, cases["RS-011"].person_id).name == "测试小宝"


def test_second_press_opens_no_second_file_and_keeps_no_second_paper(table: Table, act: Act) -> None:
    unnamed = {"child-name": "", "child-id_no": "", "child-key": new_id()}
    first = table.open_together(**unnamed).headers["Location"]
    assert table.open_together(**unnamed).headers["Location"] == first
    for name in table.missing():
        for _press in range(2):
            table.client.post(f"{table.url}/materials/{name}", data={"state": "sighted"})
    with act() as ctx:
        people = ctx.session.exec(select(PersonRow.id)).all()
        papers = ctx.session.exec(select(DocumentRow.person_id, DocumentRow.kind)).all()
    assert len(people) == 2
    assert len(papers) == len(set(papers)) > 0


def test_part_whose_line_was_closed_half_way_says_so_and_the_others_are_filed(table: Table, act: Act) -> None:
    table.open_together(**{"child-id_no": CHILD_NUMBER})
    table.fill()
    table.see_materials()
    with act("hubadmin1") as ctx:
        close_line(ctx, "civil_affairs")
    assert "该条线在本站点已关闭" in text_of(table.client.get(f"{table.url}/form").text)
    receipt = text_of(table.client.get(table.accept().headers["Location"]).text)
    states = {code: case.state for code, case in cases_by_code(act).items()}
    assert states.pop("MZ-003") == "draft"
    assert set(states.values()) == {"accepted", "suspended"}
    assert "该条线在本站点已关闭" in receipt


def test_form_whose_line_was_closed_meanwhile_keeps_what_is_typed_and_says_why_it_stops(table: Table, act: Act) -> None:
    table.open_together({"WJ-001": "me", "MZ-003": "me"})
    url, by_page = f"/h/wutong/cases/{cases_by_code(act)['MZ-003'].id}", {"HX-Request": "true"}
    with act("hubadmin1") as ctx:
        close_line(ctx, "civil_affairs")
    for place, sent in (("form/save", {"phone": "19900000088"}), ("materials/none", {"state": "sighted"})):
        answer = table.client.post(f"{url}/{place}", data=sent, headers=by_page)
        assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, f"{url}/form"), place
    beside = table.client.post(f"{url}/form/field/phone", data={"phone": "1"}, headers=by_page)
    assert (beside.status_code, "该条线在本站点已关闭" in beside.text) == (200, True)
    assert table.client.post(f"{url}/form/save", data={}).status_code == 303
    sent = table.client.post(f"{url}/form", data={"phone": "19900000099"})
    assert (sent.status_code, "该条线在本站点已关闭" in text_of(sent.text)) == (409, True)
    with act("hubadmin1") as ctx:
        open_line(ctx, table.world.installed, "civil_affairs")
        kept = ctx.session.get_one(DraftRow, url.rpartition("/")[2])
        assert str((kept.values or {})["phone"]).replace(" ", "") == "19900000099"
    assert table.client.get(f"{url}/form").status_code == 200


def test_item_withdrawn_half_way_says_so_and_the_others_are_filed(table: Table, act: Act) -> None:
    table.open_together({"WJ-001": "me", "MZ-003": "me"})
    table.fill()
    table.see_materials()
    with act() as ctx:
        withdrawn = next(part.case for part in table.read(ctx).parts if part.case.item_code == "MZ-003")
        withdrawn.item_code = "MZ-999"
    assert "该事项已停止办理" in text_of(table.client.get(f"{table.url}/check").text)
    assert "该事项已停止办理" in text_of(table.client.get(table.accept().headers["Location"]).text)
    assert {code: case.state for code, case in cases_by_code(act).items()} == {"WJ-001": "accepted", "MZ-999": "draft"}


def test_matter_taken_out_half_way_leaves_the_others_whole(table: Table, act: Act) -> None:
    table.open_together()
    case_id = cases_by_code(act)["WJ-010"].id
    assert table.client.get(f"{table.url}/leave-out/{case_id}").status_code == 200
    table.client.post(f"{table.url}/leave-out/{case_id}")
    with act() as ctx:
        assert {part.case.item_code for part in table.read(ctx).parts} == set(BUNDLE) - {"WJ-010"}
    assert 'name="me.bank.account_no"' in table.client.get(f"{table.url}/form").text  # the relief asks it too


def test_second_click_files_nothing_twice(table: Table, act: Act) -> None:
    table.open_together({"WJ-001": "me", "MZ-003": "me"})
    table.fill()
    table.see_materials()
    table.accept()
    again = table.client.post(f"{table.url}/accept", data=table.sent)
    assert again.status_code == 303
    with act() as ctx:
        sent = [(row.case_id, row.platform_id) for row in ctx.session.exec(select(DeliveryRow))]
    assert len(sent) == len(set(sent))
    assert len(cases_by_code(act)) == 2


def test_chain_is_filed_in_its_order_and_waits_for_what_stands_before(table: Table, act: Act) -> None:
    chain = dict.fromkeys(("RS-004", "RS-002", "RS-003", "RS-001"), "me")
    table.open_together(chain)
    table.fill(**{"me.unemployment.date": None})
    table.see_materials()
    table.accept()
    assert {case.state for case in cases_by_code(act).values()} == {"draft"}
    table.fill(**{"me.unemployment.date": "2026-03-02"})
    table.accept()
    cases = cases_by_code(act)
    numbers = sorted((case.case_no or "", code) for code, case in cases.items())
    assert [code for _number, code in numbers] == ["RS-001", "RS-003", "RS-002", "RS-004"]


def test_several_sittings_open_at_once_do_not_mix(table: Table, world: World, act: Act) -> None:
    table.open_together({"WJ-001": "me", "MZ-003": "me"})
    other = Table(world, act, table.client, make_other(act))
    other.open_together({"WJ-001": "me", "RS-006": "me"})
    for one, phone in ((table, "19900000011"), (other, "19900000022")):
        one.client.post(f"{one.url}/form/save", data={"me.person.phone": phone})
    for one, phone in ((table, "19900000011"), (other, "19900000022")):
        with act() as ctx:
            assert {part.draft.values["phone"] for part in one.read(ctx).parts} == {phone}
    assert world.sign_in("worker2").get(f"{table.url}/form").status_code == 404


def make_other(act: Act, first17: str = "99010019900101003") -> str:
    with act() as ctx:
        return register_person(ctx, PersonInput(name="测试他人", id_no=id_number(first17))).id


def test_next_matter_after_all_are_filed_is_a_new_sitting(table: Table) -> None:
    table.open_together({"WJ-001": "me"})
    first = table.sitting_id
    table.fill()
    table.see_materials()
    table.accept()
    table.open_together({"MZ-003": "me"})
    assert table.sitting_id != first


@pytest.mark.parametrize("path", ["form", "check"])
def test_pages_of_a_sitting_ask_as_often_for_one_matter_as_for_five(table: Table, path: str) -> None:
    counts = []
    for bundle in ({"WJ-001": "me", "RS-011": "new"}, BUNDLE):
        table.open_together(bundle, **{"child-id_no": CHILD_NUMBER})
        table.client.get(f"{table.url}/{path}")
        with Count(table.world) as count:
            assert table.client.get(f"{table.url}/{path}").status_code == 200
        counts.append(len(count.statements))
    assert counts[0] == counts[1] == PAGE_QUERIES[path]


#: Session, sitting, forms, people, facts, documents, notes, parameters, the bar, parked forms; on the form who may act;
#: three write down the look.
PAGE_QUERIES: dict[str, int] = {"form": 14, "check": 13}


def test_opening_five_forms_asks_as_often_as_opening_two(world: World, act: Act) -> None:
    five = dict.fromkeys(("WJ-001", "MZ-003", "WJ-013", "RS-006", "RS-001"), "me")
    Table(world, act, world.sign_in("worker1"), open_lines_and_mother(world, act)).open_together({"WJ-001": "me"})
    counts = []
    for number, bundle in (("99010019900101003", {"WJ-001": "me", "MZ-003": "me"}), ("99010019900101005", five)):
        table = Table(world, act, world.sign_in("worker1"), make_other(act, number))
        with Count(world) as count:
            table.open_together(bundle)
        counts.append(len(count.statements))
    assert counts[0] == counts[1]


def test_facts_of_a_sitting_are_recorded_on_the_file_they_are_about(table: Table, act: Act) -> None:
    table.open_together(**{"child-id_no": CHILD_NUMBER})
    table.fill()
    table.see_materials()
    table.accept()
    child = cases_by_code(act)["RS-011"].person_id
    with act() as ctx:
        found: Any = select(FactRow.person_id).where(FactRow.key == "disability.cause")
        assert set(ctx.session.exec(found)) == {child}


def test_every_value_of_every_form_says_its_source_and_day_and_travels_with_them(table: Table, act: Act) -> None:
    table.open_together(**{"child-id_no": CHILD_NUMBER})
    table.fill()
    with act() as ctx:
        for part in table.read(ctx).parts:
            values = {key for key, value in part.draft.values.items() if value not in (None, "", []) and key[0] != "_"}
            assert {key for key in values if not says_all(part.draft.origins.get(key))} == set()
    check = table.client.get(f"{table.url}/check").text
    answers = check.count('<div class="summary__row">')
    assert answers == len(re.findall(r'<span class="summary__source">[^<]+ \d{4}-\d\d-\d\d</span>', check)) > 40
    table.see_materials()
    table.accept()
    with act() as ctx:
        for payload in ctx.session.exec(select(PayloadRow)):
            kept = payload.content
            assert [key for key in kept["values"] if not says_all(kept["origins"].get(key))] == []


def says_all(origin: dict[str, Any] | None) -> bool:
    return bool(origin and origin.get("source") and origin.get("as_of"))


def test_paper_is_promised_or_late_only_where_an_item_allows_it(table: Table, act: Act) -> None:
    table.open_together({"WJ-001": "me", "MZ-003": "me"})
    promised = table.client.post(f"{table.url}/materials/me.marriage_certificate", data={"state": "promised"})
    refused = table.client.post(f"{table.url}/materials/me.hukou_book", data={"state": "promised"})
    assert (promised.status_code, refused.status_code) == (303, 422)
    late = table.client.post(f"{table.url}/materials/me.hukou_book", data={"state": "late"})
    assert late.status_code == 303
    with act() as ctx:
        marked = {(row.key, row.state): row.supply_by for row in ctx.session.exec(select(CaseMaterialRow))}
    assert set(marked) == {("marriage_certificate", "promised"), ("hukou_book", "late")}
    assert marked["hukou_book", "late"] is not None
    assert "me.hukou_book" in table.missing()  # the relief needs it today, the registration does not


def test_scan_of_one_sitting_is_used_again_in_the_next_one(table: Table, act: Act) -> None:
    table.open_together({"RS-006": "me", "WJ-013": "me"})
    scan = {"file": (io.BytesIO(pdf()), "id.pdf")}
    assert table.client.post(f"{table.url}/materials/me.id_card", data=scan).status_code == 303
    table.fill()
    table.see_materials()
    table.accept()
    table.open_together({"WJ-001": "me", "RS-001": "me"})
    assert "me.id_card" not in table.missing()
    page = text_of(table.client.get(f"{table.url}/form").text)
    assert "已存档，直接复用" in page
    with act() as ctx:
        scans = [row for row in ctx.session.exec(select(DocumentRow)) if row.kind == "id_card" and row.digest]
    assert len(scans) == 1


def test_filing_five_matters_asks_as_often_as_filing_two(world: World, act: Act) -> None:
    five = ("WJ-001", "MZ-003", "WJ-013", "RS-006", "RS-007")
    warm = Table(world, act, world.sign_in("worker1"), open_lines_and_mother(world, act))
    counts = []
    for first17, codes in (("", five), ("99010019900101003", five[:2]), ("99010019900101005", five)):
        mother = make_other(act, first17) if first17 else warm.mother
        table = Table(world, act, warm.client, mother)
        table.open_together(dict.fromkeys(codes, "me"))
        table.fill()
        table.see_materials()
        with Count(world) as count:
            table.accept()
        counts.append(len(count.statements))
    assert {case.state for case in cases_by_code(act).values()} == {"accepted"}
    assert counts[1] == counts[2]


def test_matters_of_a_child_are_for_the_infant_of_the_household(table: Table, act: Act) -> None:
    with act() as ctx:
        create_household(ctx, table.mother)
        mother = ctx.session.get_one(PersonRow, table.mother)
        infant = register_newborn(ctx, mother, Newborn(ctx.clock.today(), "测试婴儿")).id
    page = table.client.get(f"/h/wutong/people/{table.mother}/together?event=birth").text
    assert f'<option value="{infant}" selected>' in page.partition('name="for-RS-011"')[2][:600]
    table.open_together({"WJ-010": "me", "RS-011": infant})
    with act() as ctx:
        assert {part.who: part.person.id for part in table.read(ctx).parts} == {"me": table.mother, "child1": infant}
