"""An enquiry about an item known by name: taken in once, answered or passed on with a slip, found again, counted."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from screens import Count, World, make_person, text_of, world_at_line
from sqlmodel import select

from workbench.cases.models import CaseRow
from workbench.enquiries.models import EnquiryRow
from workbench.hubs.open_lines import close_line
from workbench.store.context import Context

Act = Callable[..., AbstractContextManager[Context]]
PAGE = "/h/wutong/enquiries"
CODE = "NY-001"


@pytest.fixture
def world(settings, store, monkeypatch, act: Act) -> Iterator[World]:
    rooms = ("people", "catalogue", "reception", "cases", "delivery", "enquiries", "agenda", "duty", "desk", "admin")
    with world_at_line("agriculture", act, settings, store, monkeypatch, *rooms) as world:
        yield world


def ask(world: World, **said: str) -> str:
    """Take an enquiry in; gives the address of its page."""
    form = {"question": "种地补贴什么时候发？", "asked_by": "隔壁老人", "phone": "19900000002"} | said
    answer = world.sign_in("worker1", "en").post(f"{PAGE}/new/{CODE}", data=form)
    assert answer.status_code == 303, text_of(answer.text)
    return str(answer.headers["Location"])


def rows(act: Act) -> list[EnquiryRow]:
    with act() as ctx:
        found = list(ctx.session.exec(select(EnquiryRow).order_by(EnquiryRow.id)))
        ctx.session.expunge_all()
        return found


def test_guide_says_name_only_and_leads_to_an_enquiry_taken_in_once(world: World, act: Act) -> None:
    client = world.sign_in("worker1", "en")
    guide = client.get(f"/h/wutong/items/{CODE}").text
    assert "Only the name of this item is known here" in guide and f"{PAGE}/new/{CODE}" in guide
    assert "known by name only" in client.get("/h/wutong/items?q=种地补贴").text
    form = text_of(client.get(f"{PAGE}/new/{CODE}").text)
    assert "Only the name of this item is known here" in form
    wrong = client.post(f"{PAGE}/new/{CODE}", data={"question": " ", "asked_by": "隔壁老人"})
    assert wrong.status_code == 422 and "Write down what is asked" in wrong.text and "隔壁老人" in wrong.text
    key = "01M8C9XW5DXY6X3WT9X0QZ7M3A"
    assert ask(world, key=key) == ask(world, key=key)
    (row,) = rows(act)
    assert row.number.startswith("ZX990100001001-") and (row.item_code, row.state) == (CODE, "open")
    with act() as ctx:
        assert ctx.session.exec(select(CaseRow)).all() == []  # an enquiry is no case


def test_answer_needs_words_and_way_and_closes_it(world: World, act: Act) -> None:
    place, client = ask(world), world.sign_in("worker1", "en")
    said = {"state": "answered", "version": "1"}
    wrong = client.post(place, data=said)
    assert wrong.status_code == 422
    assert "Write the answer" in wrong.text and "Choose how it was answered" in wrong.text
    said |= {"answer": "每年10月底前", "answered_how": "phone"}
    assert client.post(place, data=said).status_code == 303
    assert client.post(place, data=said).status_code == 409
    page = text_of(client.get(place).text)
    assert "每年10月底前" in page and "by phone" in page


def test_passed_on_paper_it_has_a_slip_and_the_departments_receipt(world: World, act: Act) -> None:
    place, client = ask(world), world.sign_in("worker1", "en")
    said = {"state": "passed-on", "version": "1", "passed_to": "区农业农村局", "passed_how": "paper"}
    assert client.post(place, data=said).status_code == 303
    slip = client.get(f"{place}/slip.pdf")
    assert (
        slip.mimetype == "application/pdf" and slip.data.startswith(b"%PDF") and slip.data.count(b"/Type /Page\n") <= 1
    )
    assert client.post(place, data={"version": "2", "receipt": ""}).status_code == 422
    client.post(place, data={"version": "2", "receipt": "农字17号 王某签收"})
    listed = text_of(client.get(f"{PAGE}?state=passed-on").text)
    assert "区农业农村局" in listed and "农字17号" in listed
    client.post(place, data={"state": "answered", "version": "3", "answer": "已电话告知", "answered_how": "phone"})
    assert rows(act)[0].state == "answered"


def test_it_is_found_in_the_list_by_number_on_the_residents_page_and_at_home(world: World, act: Act) -> None:
    with act("worker1") as ctx:
        person = make_person(ctx)
    client = world.sign_in("worker1", "en")
    client.get("/h/wutong/")
    with Count(world) as without:
        client.get("/h/wutong/")
    place = ask(world, person=person)
    ask(world)
    with Count(world) as with_some:
        home = text_of(client.get("/h/wutong/").text)
    assert "2 enquiries to answer" in home and len(with_some.statements) == len(without.statements)
    (mine, _other) = rows(act)
    found = client.post(PAGE, data={"number": mine.number}).text
    assert place in found and found.count(f'href="{PAGE}/0') == 1
    assert "2 Asked this month" in text_of(client.get(PAGE).text)
    assert f"{PAGE}/of/{person}" in client.get(f"/h/wutong/people/{person}").text
    panel = client.get(f"{PAGE}/of/{person}").text
    assert mine.number in panel and _other.number not in panel
    assert "Only an enquiry" in client.get(f"/h/wutong/people/{person}/items?q=种地补贴").text


def test_enquiry_about_a_line_closed_meanwhile_is_still_listed_and_answered(world: World, act: Act) -> None:
    place = ask(world)
    with act() as ctx:
        close_line(ctx, "agriculture")
    client = world.sign_in("worker1", "en")
    assert place in client.get(PAGE).text
    said = {"state": "answered", "version": "1", "answer": "每年10月底前", "answered_how": "phone"}
    assert client.post(place, data=said).status_code == 303
    assert client.get(f"{PAGE}/new/{CODE}").status_code == 404


def test_others_see_no_enquiry(world: World) -> None:
    place = ask(world)
    assert world.sign_in("hubadmin1").get(place).status_code == 403
    assert world.sign_in("worker21").get(place.replace("wutong", "yinxing")).status_code == 404
    assert world.sign_in("reviewer1").post(place, data={"state": "answered"}).status_code == 403
    assert world.sign_in("worker1").get(f"{PAGE}/new/RS-001").status_code == 404
