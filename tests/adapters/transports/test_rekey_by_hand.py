"""Typing a sheet into the pretend systems the way a worker does: sign in, two screens, a number, a look-up."""

import importlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
from lxml import html
from waiting import PATIENCE

from adapters.transports.rekey import SheetRow, make_adapter
from workbench.api import Parcel

ADAPTERS = Path(__file__).parents[3] / "adapters"
SAMPLES = {
    "disability_federation.fuel_subsidy": ADAPTERS / "disability_federation/fuel_subsidy/samples/wheelchair_fuel.json",
    "civil_affairs.two_allowances": ADAPTERS / "civil_affairs/two_allowances/samples/living_allowance.json",
}
PREFIX = {"disability_federation.fuel_subsidy": "RB", "civil_affairs.two_allowances": "LX"}


class Typist:
    """A worker at the department's screen: reads labels, types what the sheet says."""

    def __init__(self, settings: dict[str, Any], charset: str) -> None:
        at = settings["base_url"]
        self.client = httpx2.Client(base_url=at, follow_redirects=True, trust_env=False, timeout=PATIENCE)
        self.settings = settings
        self.charset = charset

    def read(self, answer: httpx2.Response) -> html.HtmlElement:
        return html.document_fromstring(answer.content.decode(self.charset))

    def send(self, form: html.HtmlElement) -> html.HtmlElement:
        text = urlencode(form.form_values(), encoding=self.charset, errors="xmlcharrefreplace")
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.read(self.client.post(form.action, content=text, headers=kind))

    def sign_in(self, password: str = "") -> html.HtmlElement:
        form = self.read(self.client.get("/")).forms[0]
        form.fields["username"] = self.settings["username"]
        form.fields["password"] = password or self.settings["password"]
        return self.send(form)

    def type_sheet(self, rows: tuple[SheetRow, ...], skip: str = "") -> html.HtmlElement:
        page = self.read(self.client.get("/entry"))
        while page.forms and page.forms[0].action == "/entry":
            screen = page.findtext(".//h2")
            mine = [row for row in rows if row.page == screen]
            labels = page.xpath("//form//label")
            assert [label.text for label in labels] == [row.label_zh for row in mine]
            for label, row in zip(labels, mine, strict=True):
                if row.fact != skip:
                    fill(label.for_element, row.theirs)
            page = self.send(page.forms[0])
            if page.findtext(".//h2") == screen:
                return page
        return page

    def look_up(self, text: str) -> list[list[str]]:
        page = self.read(self.client.get("/query", params={"q": text}))
        return [[cell.text_content() for cell in row.findall("td")] for row in page.xpath("//table[@id='result']//tr")][
            1:
        ]


def fill(control: html.HtmlElement, text: str) -> None:
    if control.tag == "select":
        by_text = {option.text: option.get("value") for option in control.iter("option")}
        control.value = by_text[text or "请选择"]
    else:
        control.value = text


@pytest.fixture(params=sorted(SAMPLES))
def desk(request, start_department) -> Iterator[tuple[Typist, Any, Any, Parcel]]:
    department = start_department(request.param, decides_after=0.0)
    sample = json.loads(SAMPLES[request.param].read_text("utf-8"))["parcel"]
    parcel = Parcel(**(sample | {"accepted_at": datetime.fromisoformat(sample["accepted_at"])}))
    codec = importlib.import_module(department.platform.codec)
    adapter = make_adapter(department.platform, department.settings, codec)
    typist = Typist(department.settings, department.platform.charset)
    yield typist, department, adapter, parcel
    typist.client.close()


def test_sheet_follows_the_screens_and_ends_with_a_number_and_a_decision(desk):
    typist, department, adapter, parcel = desk
    typist.sign_in()
    page = typist.type_sheet(adapter.sheet(parcel))
    number = page.get_element_by_id("number").text
    assert number.startswith(PREFIX[department.platform.id])
    assert f"{department.platform.rekey_result}：" in page.text_content()
    [(reference, source, state, _)] = typist.look_up(parcel.case_no)
    assert (reference, source, state) == (number, parcel.case_no, "已办结")


def test_typing_the_same_case_twice_makes_one_entry(desk):
    typist, department, adapter, parcel = desk
    typist.sign_in()
    numbers = {typist.type_sheet(adapter.sheet(parcel)).get_element_by_id("number").text for _ in range(2)}
    assert len(numbers) == 1
    assert [line["key"] for line in department.ledger()] == [parcel.case_no]


def test_entry_without_a_required_field_stays_on_its_screen(desk):
    typist, department, adapter, parcel = desk
    typist.sign_in()
    page = typist.type_sheet(adapter.sheet(parcel), skip="name")
    assert "请填写" in page.text_content()
    assert department.ledger() == []


def test_decision_of_a_refused_case_is_shown_in_their_words(desk):
    typist, department, adapter, parcel = desk
    department.set_faults(refuse=[parcel.case_no])
    typist.sign_in()
    typist.type_sheet(adapter.sheet(parcel))
    assert [row[2] for row in typist.look_up(parcel.case_no)] == ["不予"]


def test_books_survive_a_kill_and_the_program_comes_back_at_its_address(desk):
    typist, department, adapter, parcel = desk
    typist.sign_in()
    number = typist.type_sheet(adapter.sheet(parcel)).get_element_by_id("number").text
    before = department.settings
    department.kill()
    assert adapter.check().state == "degraded"
    department.start()
    assert department.settings == before
    assert adapter.check().state == "up"
    again = Typist(department.settings, department.platform.charset)
    again.sign_in()
    assert [row[0] for row in again.look_up(number)] == [number]
    again.client.close()


def test_stranger_sees_nothing_but_the_sign_in_page(desk):
    typist, _, _, _ = desk
    typist.sign_in(password="wrong")
    page = typist.read(typist.client.get("/query", params={"q": "1"}))
    assert page.findtext(".//h2") == "用户登录"


def test_check_of_a_sick_program_says_degraded(desk):
    _, department, adapter, _ = desk
    department.set_faults(down=True)
    assert adapter.check().state == "degraded"


def test_rare_name_reaches_the_books_as_a_browser_sends_it(desk):
    typist, department, adapter, parcel = desk
    typist.sign_in()
    typist.type_sheet(adapter.sheet(replace(parcel, values=dict(parcel.values) | {"name": "测试𬭎"})))
    [entry] = department.home.entries()
    expected = f"测试&#{ord('𬭎')};" if department.platform.charset == "gbk" else "测试𬭎"
    assert expected in entry.message.values()
