"""The night finds who is entitled and has not applied, and what follows from deaths and lost claims; each once."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from screens import Count, World, load_made, open_world
from sitting import id_number
from sqlmodel import col, select

from workbench.agenda.lists import make_list
from workbench.agenda.models import AgendaRow
from workbench.agenda.night import Done, do_night, done_items, night_of
from workbench.cases.models import CaseRow
from workbench.catalogue.loaded import catalogue
from workbench.hubs.open_lines import open_line
from workbench.identity.models import AuditRow
from workbench.people.check import PersonInput
from workbench.people.facts import FactInput, record_facts
from workbench.people.models import PersonRow
from workbench.people.register import register_person
from workbench.store.clock import SHANGHAI, Clock

DAY = date(2026, 11, 26)


def on(day: date) -> Clock:
    return Clock(datetime.combine(day, time(10), SHANGHAI) - datetime.now(SHANGHAI))


@pytest.fixture
def world(settings: Any, store: Any, act: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    opened = open_world(settings, store, monkeypatch, "people", "delivery", "cases", "reception", "agenda", "desk")
    with act("worker1") as ctx:
        load_made(ctx)
        open_line(ctx, opened.installed, "civil_affairs")
    yield opened
    opened.app.extensions["workbench"].store.close()


def make(act: Any, name: str, number: int, **facts: Any) -> str:
    """Register somebody born in 1940, with what departments said."""
    with act("worker1") as ctx:
        id_no = id_number(f"9901011940030{number:04d}")
        person = register_person(ctx, PersonInput.model_validate({"name": name, "id_no": id_no}))
        learn(ctx, person.id, **facts)
        return person.id


def learn(ctx: Any, person_id: str, **facts: Any) -> None:
    said = [FactInput(key.replace("__", "."), value, "department", "民政局", DAY) for key, value in facts.items()]
    record_facts(ctx, person_id, said, purpose="测试")


def night(world: World, act: Any, code: str, day: date = DAY) -> Done:
    with act("worker1") as ctx:
        item = catalogue(world.installed).find(code, ctx.hub.division, day)
    assert item is not None

    @contextmanager
    def opened() -> Iterator[Any]:
        with act("worker1", clock=on(day)) as ctx:
            yield ctx

    return do_night(opened, opened, item)


def names(act: Any, code: str, state: str = "open") -> list[str]:
    with act("worker1") as ctx:
        query = select(PersonRow.name).join(AgendaRow, col(AgendaRow.person_id) == col(PersonRow.id))
        query = query.where(AgendaRow.item_code == code, AgendaRow.state == state)
        return sorted(ctx.session.exec(query))


ENTITLED = {"hukou__local": True, "dibao__active": True}


def test_entries_come_once_go_and_come_back(world: World, act: Any) -> None:
    first = make(act, "测试老甲", 7101, **ENTITLED)
    make(act, "测试老乙", 7103, hukou__local=True, dibao__active=False)
    make(act, "测试老丙", 7105, hukou__local=True)
    assert night(world, act, "MZ-005") == Done(found=1, came=1)
    assert night(world, act, "MZ-005") == Done(found=1)
    assert names(act, "MZ-005") == ["测试老甲"]
    with act("worker1") as ctx:
        learn(ctx, first, dibao__active=False)
    assert night(world, act, "MZ-005") == Done(went=1)
    assert names(act, "MZ-005") == []


def test_who_applied_is_not_found(world: World, act: Any) -> None:
    person = make(act, "测试老甲", 7101, **ENTITLED)
    with act("worker1") as ctx:
        world.make_case(ctx, "MZ-005", person)
    assert night(world, act, "MZ-005") == Done()


def test_declined_stays_away_until_facts_change(world: World, act: Any) -> None:
    person = make(act, "测试老甲", 7101, **ENTITLED)
    night(world, act, "MZ-005")
    client = world.sign_in("worker1")
    page = client.get("/h/wutong/found/MZ-005").text
    assert "测试老甲" in page
    assert "民政局" in page
    with act("worker1") as ctx:
        row_id = ctx.session.exec(select(AgendaRow.id)).one()
    url = f"/h/wutong/found/MZ-005/{row_id}"
    assert client.post(url, data={"action": "decline", f"reason-{row_id}": ""}).status_code == 422
    assert client.post(url, data={"action": "decline", f"reason-{row_id}": "本人不愿申请"}).status_code == 303
    assert client.post(url, data={"action": "decline", f"reason-{row_id}": "再次"}).status_code == 409
    assert night(world, act, "MZ-005", DAY + timedelta(days=200)) == Done(found=1)
    with act("worker1") as ctx:
        learn(ctx, person, hukou__local=False)
        learn(ctx, person, pension__receiving=True)
    assert night(world, act, "MZ-005") == Done()
    with act("worker1") as ctx:
        record_facts(ctx, person, [FactInput("hukou.local", True, "department", "公安局", DAY + timedelta(days=1))])
        record_facts(ctx, person, [FactInput("dibao.active", True, "department", "民政局", DAY + timedelta(days=1))])
    assert night(world, act, "MZ-005", DAY + timedelta(days=1)).returned == 0, "the same facts as when it was declined"
    with act("worker1") as ctx:
        ctx.session.get_one(PersonRow, person).birth_date = date(1930, 3, 7)
    assert night(world, act, "MZ-005", DAY + timedelta(days=1)) == Done(found=1, returned=1)
    assert "本人不愿申请" in client.get("/h/wutong/found/MZ-005").text


def test_taken_up_opens_the_form_and_leaves_the_list(world: World, act: Any) -> None:
    make(act, "测试老甲", 7101, **ENTITLED)
    night(world, act, "MZ-005")
    with act("worker1") as ctx:
        row_id = ctx.session.exec(select(AgendaRow.id)).one()
    answer = world.sign_in("worker1").post(f"/h/wutong/found/MZ-005/{row_id}", data={"action": "take"})
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("/form")
    with act("worker1") as ctx:
        row = ctx.session.exec(select(AgendaRow)).one()
        assert ctx.session.get_one(CaseRow, row.made_case_id).item_code == "MZ-005"
    assert night(world, act, "MZ-005") == Done()


@pytest.mark.parametrize(("what", "note"), [("dead", "死亡"), ("moved", "迁出"), ("card", "不符合")])
def test_lost_claim_is_proposed_to_be_stopped_once(world: World, act: Any, what: str, note: str) -> None:
    person = make(act, "测试老甲", 7101, **ENTITLED)
    stays = make(act, "测试老乙", 7103, **ENTITLED)
    with act("worker1") as ctx:
        for one in (person, stays):
            world.make_case(ctx, "MZ-005", one, state="concluded", result="granted")
        if what == "card":
            learn(ctx, person, hukou__local=False)
        else:
            ctx.session.get_one(PersonRow, person).status = what
    assert night(world, act, "MZ-005") == Done(proposed=1)
    assert night(world, act, "MZ-005") == Done()
    client = world.sign_in("worker1")
    page = client.get("/h/wutong/agenda").text
    assert note in page
    with act("worker1") as ctx:
        row = ctx.session.exec(select(AgendaRow)).one()
        assert (row.kind, row.person_id) == ("stop", person)
        row_id = row.id
    assert client.get(f"/h/wutong/found/MZ-005/{row_id}").status_code == 200
    form = {"action": "dismiss", f"reason-{row_id}": "数据有误"}
    assert client.post(f"/h/wutong/agenda/{row_id}", data=form).status_code == 303
    assert night(world, act, "MZ-005") == Done(), "dismissed on these facts"


def test_night_begins_after_midnight_and_an_item_is_done_once(world: World, act: Any) -> None:
    assert night_of(datetime(2026, 11, 25, 17, 29, tzinfo=SHANGHAI)) == date(2026, 11, 25)
    assert night_of(datetime(2026, 11, 26, 1, 29, tzinfo=SHANGHAI)) == date(2026, 11, 25)
    assert night_of(datetime(2026, 11, 26, 1, 30, tzinfo=SHANGHAI)) == DAY
    night(world, act, "MZ-005")
    with act("worker1") as ctx:
        assert done_items(ctx.session, "wutong", DAY) == {"MZ-005"}
        assert done_items(ctx.session, "wutong", DAY + timedelta(days=1)) == set()


def test_pages_ask_the_same_for_one_and_for_three_and_stand_in_the_trail(world: World, act: Any) -> None:
    client, asked = world.sign_in("worker1"), []
    for number in range(3):
        make(act, f"测试老{'甲乙丙'[number]}", 7101 + 2 * number, **ENTITLED)
        night(world, act, "MZ-005")
        client.get("/h/wutong/found/MZ-005")
        with Count(world) as count:
            page = client.get("/h/wutong/found/MZ-005")
        assert page.text.count("<article") == number + 1
        asked.append(len(count.statements))
    assert asked[0] == asked[2]
    with act("worker1") as ctx:
        looks = ctx.session.exec(select(AuditRow.person_id).where(AuditRow.action == "found.look")).all()
    assert len(set(looks)) == 3
    assert ">3<" in client.get("/h/wutong/found").text.replace("<span>3</span>", ">3<")


def test_others_do_not_see_the_lists(world: World, act: Any) -> None:
    make(act, "测试老甲", 7101, **ENTITLED)
    night(world, act, "MZ-005")
    assert "测试老甲" not in world.sign_in("worker21").get("/h/wutong/found/MZ-005").text
    assert world.sign_in("hubadmin1").get("/h/wutong/found").status_code in (403, 404)
    elsewhere = world.sign_in("worker21").get("/h/yinxing/found/MZ-005")
    assert "测试老甲" not in elsewhere.text


def test_automatic_list_is_confirmed_page_by_page(world: World, act: Any) -> None:
    make(act, "测试老甲", 7101, **ENTITLED)
    make(act, "测试老乙", 7103, **ENTITLED)
    with act("worker1", clock=on(DAY)) as ctx:
        item = catalogue(world.installed).find("MZ-004", ctx.hub.division, DAY)
        assert make_list(ctx, ctx.hub, item, DAY) == 2
        ids = list(ctx.session.exec(select(AgendaRow.id).order_by(AgendaRow.id)))
    client = world.sign_in("worker1")
    assert "测试老甲" in client.get("/h/wutong/found/MZ-004?kind=automatic").text
    form = {"kind": "automatic", "row": ids, "out": [ids[0]], "reason": "已去世"}
    assert client.post("/h/wutong/found/MZ-004", data=form).status_code == 303
    with act("worker1") as ctx:
        assert sorted(ctx.session.exec(select(AgendaRow.state))) == ["dismissed", "taken"]
