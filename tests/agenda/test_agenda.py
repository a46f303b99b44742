"""Consequences, re-checks, samples and automatic lists come up once, and nothing is done by itself."""

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

import pytest
from screens import World, give_role, load_made, make_person, open_world
from sitting import id_number
from sqlmodel import select

from workbench.agenda import propose
from workbench.agenda.find import count_automatic
from workbench.agenda.found import count_lists
from workbench.agenda.lists import confirm, make_list
from workbench.agenda.models import KINDS, AgendaRow
from workbench.agenda.propose import add_months, look_at_concluded
from workbench.cases.models import CaseMaterialRow, CaseRow
from workbench.catalogue.form import form_of
from workbench.catalogue.loaded import catalogue
from workbench.desk.today import count_today
from workbench.hubs.open_lines import close_line, open_line
from workbench.people.check import PersonInput
from workbench.people.facts import FactInput, record_facts
from workbench.people.register import register_person
from workbench.store.clock import SHANGHAI, Clock
from workbench.store.ids import new_id


def on(day: date) -> Clock:
    return Clock(datetime.combine(day, time(10), SHANGHAI) - datetime.now(SHANGHAI))


@pytest.fixture
def world(settings: Any, store: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(propose, "ONE_IN", 10**60)  # no samples, unless a test wants them
    opened = open_world(settings, store, monkeypatch, "people", "delivery", "cases", "reception", "agenda", "desk")
    yield opened
    opened.app.extensions["workbench"].store.close()


def conclude(world: World, act: Any, code: str, day: date, result: str = "granted") -> str:
    with act("worker1", clock=on(day)) as ctx:
        case = world.make_case(ctx, code, state="concluded", result=result)
        case.concluded_at = ctx.clock.now()
        return case.id


def look(world: World, act: Any, day: date) -> list[tuple[str, str, date]]:
    with act("worker1", clock=on(day)) as ctx:
        while look_at_concluded(ctx, catalogue(world.installed)):
            pass
        rows = ctx.session.exec(select(AgendaRow).order_by(AgendaRow.kind, AgendaRow.item_code)).all()
        return [(row.kind, row.item_code, row.due_on) for row in rows]


def test_cancelled_card_proposes_to_stop_both_allowances_once(world: World, act: Any) -> None:
    conclude(world, act, "CL-007", date(2026, 9, 28))
    # Five working days after Mon 28 Sep: 29, 30, 1-7 Oct off, 8, 9, Sat 10 is made up.
    expected = [("stop", "MZ-010", date(2026, 10, 10)), ("stop", "MZ-011", date(2026, 10, 10))]
    assert look(world, act, date(2026, 9, 28)) == expected
    assert look(world, act, date(2026, 9, 29)) == expected
    page = world.sign_in("worker1").get("/h/wutong/agenda").text
    assert "残疾人证已注销，停发困难残疾人生活补贴。" in page


def test_clock_that_was_set_back_hides_no_later_case(world: World, act: Any) -> None:
    conclude(world, act, "MZ-001", date(2027, 11, 1))
    look(world, act, date(2027, 11, 2))  # the clock was 400 days ahead
    conclude(world, act, "CL-007", date(2026, 9, 28))
    stops = [("stop", "MZ-010", date(2026, 10, 10)), ("stop", "MZ-011", date(2026, 10, 10))]
    assert [one for one in look(world, act, date(2026, 9, 28)) if one[0] == "stop"] == stops


def test_refused_case_has_no_consequences(world: World, act: Any) -> None:
    conclude(world, act, "CL-007", date(2026, 9, 28), "refused")
    assert look(world, act, date(2026, 9, 28)) == []


def test_stop_is_settled_with_what_was_done(world: World, act: Any) -> None:
    conclude(world, act, "CL-007", date(2026, 9, 28))
    look(world, act, date(2026, 9, 28))
    with act("worker1") as ctx:
        row_id = ctx.session.exec(select(AgendaRow.id)).first()
    client, url = world.sign_in("worker1"), f"/h/wutong/agenda/{row_id}"
    assert client.post(url, data={"action": "take", f"reason-{row_id}": ""}).status_code == 422
    assert client.post(url, data={"action": "take", f"reason-{row_id}": "已报民政停发"}).status_code == 303
    assert client.post(url, data={"action": "take", f"reason-{row_id}": "再次"}).status_code == 409


def test_recheck_comes_every_half_year_and_opens_a_form(world: World, act: Any) -> None:
    with act("worker1") as ctx:
        open_line(ctx, world.installed, "social_security")
    conclude(world, act, "RS-012", date(2026, 8, 31))
    assert look(world, act, date(2026, 8, 31)) == [("recheck", "RS-012", date(2027, 2, 28))]
    with act("worker1") as ctx:
        row_id = ctx.session.exec(select(AgendaRow.id)).first()
    answer = world.sign_in("worker1").post(f"/h/wutong/agenda/{row_id}", data={"action": "take"})
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("/form")
    with act("worker1") as ctx:
        row = ctx.session.exec(select(AgendaRow)).one()
        assert (row.state, ctx.session.get_one(CaseRow, row.made_case_id).item_code) == ("taken", "RS-012")


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [("2026-08-31", 6, "2027-02-28"), ("2026-12-31", 1, "2027-01-31"), ("2027-08-31", 6, "2028-02-29")],
)
def test_months_end_within_the_month(day: str, months: int, then: str) -> None:
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(then)


def test_sample_is_for_the_policy_post(world: World, act: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(propose, "ONE_IN", 1)
    conclude(world, act, "MZ-001", date(2026, 11, 2), "refused")
    assert look(world, act, date(2026, 11, 2)) == [("sample", "MZ-001", date(2026, 11, 16))]
    with act("worker2", hub="wutong") as ctx:
        give_role(ctx, "worker2", "policy")
        row_id = ctx.session.exec(select(AgendaRow.id)).first()
    form = {"action": "take", f"reason-{row_id}": "材料齐全，理由充分"}
    assert world.sign_in("worker1").post(f"/h/wutong/agenda/{row_id}", data=form).status_code == 409
    assert world.sign_in("worker2").post(f"/h/wutong/agenda/{row_id}", data=form).status_code == 303


def make_elder(ctx: Any, name: str, id_no: str, *, complete: bool = True) -> str:
    person = register_person(ctx, PersonInput.model_validate({"name": name, "id_no": id_no}))
    item = ITEM[0]
    said = [FactInput("hukou.local", True, "department", "公安", ctx.clock.today())]
    if complete:
        for field in form_of(item.manifest).fields.values():
            if field.required and field.fact and not field.fact.startswith("person."):
                value = next(iter(field.choices), "测试")
                said.append(FactInput(field.fact, value, "department", "公安", ctx.clock.today()))
    record_facts(ctx, person.id, said, purpose="测试")
    return person.id


ITEM: list[Any] = []


def test_automatic_list_once_a_month_confirmed_with_an_exception(world: World, act: Any) -> None:
    day = date(2026, 11, 5)
    with act("worker1", clock=on(day)) as ctx:
        load_made(ctx)
        open_line(ctx, world.installed, "civil_affairs")
        item = catalogue(world.installed).find("MZ-004", ctx.hub.division, day)
        ITEM[:] = [item]
        make_elder(ctx, "测试老甲", id_number("99010119400307123"))
        make_elder(ctx, "测试老乙", id_number("99010119400307125"))
        make_person(ctx)
        assert item is not None
        assert make_list(ctx, ctx.hub, item, day) == 2
        assert make_list(ctx, ctx.hub, item, day) == 0
        ids = list(ctx.session.exec(select(AgendaRow.id).order_by(AgendaRow.id)))
    client = world.sign_in("worker1")
    assert "测试老甲" in client.get("/h/wutong/agenda?kind=automatic").text
    form = {"kind": "automatic", "row": ids, "out": [ids[0]], "reason": ""}
    assert client.post("/h/wutong/agenda", data=form).status_code == 422
    answer = client.post("/h/wutong/agenda", data=form | {"reason": "已去世，待核实"})
    assert answer.status_code == 303
    with act("worker1") as ctx:
        rows = {row.id: row for row in ctx.session.exec(select(AgendaRow))}
        assert [rows[one].state for one in ids] == ["dismissed", "taken"]
        # Whoever was left out comes up again next month, whoever has it does not.
        assert make_list(ctx, ctx.hub, ITEM[0], date(2026, 12, 1)) == 1
        case = ctx.session.get_one(CaseRow, rows[ids[1]].made_case_id)
        assert case.state in ("accepted", "draft")
        if case.state == "accepted":
            states = ctx.session.exec(select(CaseMaterialRow.state).where(CaseMaterialRow.case_id == case.id)).all()
            assert set(states) == {"waived"}
        assert make_list(ctx, ctx.hub, ITEM[0], date(2026, 11, 6)) == 0


def test_nobody_stands_on_two_lists_or_gets_it_twice(world: World, act: Any) -> None:
    day = date(2026, 11, 5)
    with act("worker1", clock=on(day)) as ctx:
        load_made(ctx)
        open_line(ctx, world.installed, "civil_affairs")
        item = catalogue(world.installed).find("MZ-004", ctx.hub.division, day)
        assert item is not None
        ITEM[:] = [item]
        person_id = make_elder(ctx, "测试老甲", id_number("99010119400307123"))
        assert make_list(ctx, ctx.hub, item, day) == 1
        assert make_list(ctx, ctx.hub, item, date(2026, 12, 1)) == 0  # nobody has confirmed November's list
        row = ctx.session.exec(select(AgendaRow)).one()
        known = world.make_case(ctx, "MZ-004", person_id).id  # applied for at the table meanwhile
        assert confirm(ctx, catalogue(world.installed), world.installed, [row]) == ([], [])
        assert (row.state, row.made_case_id) == ("taken", known)


def test_of_a_closed_line_only_what_old_cases_left_behind_waits(world: World, act: Any) -> None:
    with act("worker1") as ctx:
        open_line(ctx, world.installed, "civil_affairs")
        person_id, rows = make_person(ctx), {}
        for kind in KINDS:
            row = AgendaRow(
                id=new_id(), mark=kind, kind=kind, hub_id="wutong", line_id="civil_affairs", person_id=person_id,
                item_code="MZ-015", due_on=ctx.clock.today(), made_at=ctx.clock.now(), note_zh=f"提示{kind}",
            )  # fmt: skip
            ctx.session.add(row)
            rows[kind] = row.id
    client, at = world.sign_in("worker1"), "/h/wutong"
    assert client.get(f"{at}/found/MZ-015").status_code == 200
    with act("hubadmin1") as ctx:
        close_line(ctx, "civil_affairs")

    page = client.get(f"{at}/agenda").text
    assert [kind for kind in KINDS if f"提示{kind}" in page] == ["stop", "sample"]
    assert [client.get(f"{at}/found/MZ-015/{rows[kind]}").status_code for kind in ("stop", "entitled")] == [200, 404]
    assert client.get(f"{at}/found/MZ-015").status_code == 404
    assert "MZ-015" not in client.get(f"{at}/found").text
    with act("worker1") as ctx:
        assert (count_automatic(ctx), count_lists(ctx), count_today(ctx).found) == (
            0, [one for one in count_lists(ctx) if one.kind in ("stop", "sample")], 0,
        )  # fmt: skip
    for id in rows.values():  # from a page that was open before
        client.post(f"{at}/found/MZ-015/{id}", data={"action": "take"})
        client.post(f"{at}/agenda/{id}", data={"action": "take"})
    client.post(f"{at}/agenda", data={"kind": "automatic", "row": [rows["automatic"]]})
    with act("worker1") as ctx:
        assert ctx.session.exec(select(CaseRow)).all() == []
        assert set(ctx.session.exec(select(AgendaRow.state))) == {"open"}
