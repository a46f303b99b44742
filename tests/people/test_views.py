"""Opening and changing a file: everything wrong at once, nothing typed lost, nobody twice."""

import re
from collections.abc import Iterator
from datetime import date

import pytest
from screens import World, open_world, text_of
from sqlmodel import func, select

from workbench.identity.models import AuditRow
from workbench.people.check import PersonInput
from workbench.people.facts import FactInput, current_facts, record_facts
from workbench.people.households import add_member, create_household
from workbench.people.merge import merge_people
from workbench.people.models import PersonRow
from workbench.people.register import register_person
from workbench.settings import Settings
from workbench.store.engine import Store
from workbench.store.problems import Problem

NEW = "/h/wutong/people/new"


@pytest.fixture
def world(settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    opened = open_world(settings, store, monkeypatch, "people", "delivery", "cases", "reception", "desk")
    yield opened
    opened.app.extensions["workbench"].store.close()


def count_people(act) -> int:
    with act() as ctx:
        return ctx.session.exec(select(func.count()).select_from(PersonRow)).one()


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_new_shows_an_empty_form(world, locale) -> None:
    assert world.sign_in("worker1", locale).get(NEW).text.count('name="name"') == 1


def test_search_text_is_carried_into_the_form(world) -> None:
    page = world.sign_in("worker1").post(NEW, data={"_begin": "1", "name": "测试丙"}).text
    assert 'value="测试丙"' in page
    assert "error-summary-title" not in page


def test_all_that_is_wrong_is_told_and_all_typed_is_kept(world, act) -> None:
    typed = {"name": "测试9", "id_no": "990100198001019010", "phone": "123", "birth_date": "1980-13-45"}
    answer = world.sign_in("worker1", "en").post(NEW, data=typed)
    assert answer.status_code == 422
    assert answer.text.count('<li><a href="#f-') == 4
    assert all(text in answer.text for text in ("测试9", 'value="123"'))
    assert count_people(act) == 0


def test_create_opens_the_file_and_writes_it_down(world, act, make_number) -> None:
    typed = {"name": "测试丙", "id_no": make_number(), "phone": "19900000009", "evidence": "card"}
    answer = world.sign_in("worker1").post(NEW, data=typed)
    assert answer.status_code == 303
    person_id = answer.headers["Location"].rpartition("/")[2]
    with act() as ctx:
        facts = current_facts(ctx, person_id)
        assert (facts["person.name"].value, facts["person.name"].rank) == ("测试丙", "document")
        acts = ctx.session.exec(select(AuditRow.action).where(AuditRow.person_id == person_id)).all()
        assert "person.new" in acts


@pytest.mark.parametrize("has_number", [True, False])
def test_second_press_leads_to_the_file_the_first_one_opened(world, act, make_number, has_number: bool) -> None:
    client = world.sign_in("worker1")
    (key,) = re.findall(r'name="key" value="(\w{26})"', client.get(NEW).text)
    typed = {"key": key, "name": "测试丙", "phone": "19900000009", "evidence": "card"}
    typed |= {"id_no": make_number()} if has_number else {"no_id_reason": "证件遗失", "birth_date": "1980-01-01"}
    places = [client.post(NEW, data=typed).headers.get("Location") for _press in range(2)]
    assert places == [f"/h/wutong/people/{key}"] * 2
    with act() as ctx:
        opened = ctx.session.exec(select(AuditRow.person_id).where(AuditRow.action == "person.new")).all()
    assert (count_people(act), opened) == (1, [key])


def test_likely_duplicate_is_shown_first_and_created_only_with_a_reason(world, act, make_input, make_number) -> None:
    with act() as ctx:
        held = register_person(ctx, make_input("测试丙", id_no=make_number(sequence=903), phone="19900000009")).id
    client = world.sign_in("worker1", "en")
    typed = {"name": "测试丙", "id_no": make_number(sequence=905), "phone": "19900000009"}
    shown = client.post(NEW, data=typed)
    assert shown.status_code == 409
    assert f"/h/wutong/people/{held}" in shown.text
    assert "This is the person" in shown.text
    assert 'value="测试丙"' in shown.text
    assert count_people(act) == 1
    assert client.post(NEW, data=typed | {"duplicate_reason": "同名的两个人"}).status_code == 303
    assert count_people(act) == 2


def test_same_number_is_never_created_twice(world, act, make_input, make_number) -> None:
    with act("worker21") as ctx:
        register_person(ctx, make_input("测试丙", id_no=make_number()))
    typed = {"name": "测试丙", "id_no": make_number(), "duplicate_reason": "确实是另一个人"}
    answer = world.sign_in("worker1", "en").post(NEW, data=typed)
    assert answer.status_code == 409
    assert "look in the whole city" in answer.text
    assert "Create anyway" not in answer.text
    assert count_people(act) == 1


@pytest.fixture
def person(act, make_input) -> str:
    with act() as ctx:
        row = register_person(ctx, make_input("测试丙", phone="19900000009"))
        record_facts(ctx, row.id, [FactInput("person.residence_address", "甲街一号", "department", "公安局")])
        return row.id


def test_edit_needs_a_reason_to_overrule_a_department(world, act, person) -> None:
    client, url = world.sign_in("worker1", "en"), f"/h/wutong/people/{person}/edit"
    assert "甲街一号" in client.get(url).text
    refused = client.post(url, data={"person.residence_address": "乙街二号"})
    assert (refused.status_code, "乙街二号" in refused.text) == (422, True)
    assert "state why it is different" in text_of(refused.text)
    reason = {"person.residence_address": "乙街二号", "person.residence_address__reason": "上月搬家"}
    assert client.post(url, data=reason).status_code == 303
    with act() as ctx:
        fact = current_facts(ctx, person)["person.residence_address"]
        assert (fact.value, fact.rank) == ("甲街一号", "department")  # overruled, never hidden


def test_edit_changes_the_phone_and_shows_it_masked(world, act, person) -> None:
    client, url = world.sign_in("worker1"), f"/h/wutong/people/{person}/edit"
    assert "19900000009" not in client.get(url).text
    client.post(url, data={"person.phone": "199 0000 0010", "person.residence_address": "甲街一号"})
    with act() as ctx:
        assert current_facts(ctx, person)["person.phone"].value == "19900000010"
        edits = [row for row in ctx.session.exec(select(AuditRow)) if row.action == "person.edit"]
        assert [row.detail["keys"] for row in edits] == [["person.phone"]]


def test_edit_of_another_hub_is_not_there(world, person) -> None:
    assert world.sign_in("worker21").get(f"/h/yinxing/people/{person}/edit").status_code == 404
    assert world.sign_in("reviewer1").get(f"/h/wutong/people/{person}/edit").status_code == 403


def test_a_form_kept_open_while_the_file_was_merged_writes_nothing_and_loses_nothing(world, act) -> None:
    with act("worker1") as ctx:
        kept, gone = (
            register_person(ctx, PersonInput(name="测试甲", no_id_reason="证件遗失", birth_date=date(1960, 1, 1))).id
            for _ in range(2)
        )
        merge_people(ctx, kept, gone, "同一个人")
    client, at = world.sign_in("worker1"), f"/h/wutong/people/{gone}/edit"

    answer = client.post(at, data={"person.residence_address": "梧桐路九号"})

    assert (answer.status_code, "已并入另一份档案" in answer.text, "梧桐路九号" in answer.text) == (409, True, True)
    assert client.get(at).headers["Location"].endswith(f"/people/{kept}/edit")
    with act("worker1") as ctx:
        assert "person.residence_address" not in current_facts(ctx, gone)
        household = create_household(ctx, kept).id
        with pytest.raises(Problem):
            add_member(ctx, household, gone, "10")
        ctx.session.get_one(PersonRow, gone).merged_into = None  # as an erased one
    assert client.get(at).status_code == 404
    assert client.post(at, data={"person.residence_address": "梧桐路九号"}).status_code == 404
