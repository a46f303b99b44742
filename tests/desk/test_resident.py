"""The resident's page: masked, audited, explained, complete even when a line is not."""

from datetime import date

import pytest
from screens import Count, text_of
from sqlmodel import select

from workbench.hubs.open_lines import close_line
from workbench.identity.models import AuditRow
from workbench.people.documents import keep_document
from workbench.people.facts import FactInput, record_facts
from workbench.people.households import add_member, create_household

#: Session, hub, person, trail, household twice, facts, parameters, cases, documents, looks, frame twice.
RESIDENT_QUERIES = 12


@pytest.fixture
def person(act, register) -> str:
    with act() as ctx:
        return register(ctx, hukou__local=True, dibao__active=True, disability__card_no="99010019400301901X42")


def acts_about(act, person_id: str) -> list[tuple[str, str]]:
    with act() as ctx:
        rows = ctx.session.exec(select(AuditRow).where(AuditRow.person_id == person_id).order_by(AuditRow.id))
        return [(row.action, row.purpose) for row in rows]


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_page_shows_no_full_number(world, person, number, locale) -> None:
    page = world.sign_in("worker1", locale).get(f"/h/wutong/people/{person}").text
    assert "测试老人" in page
    assert number() not in page.replace(" ", "")
    assert "19900000901" not in page
    assert "99010019400301901X42" not in page


def test_every_look_is_written_down(world, act, person) -> None:
    world.sign_in("worker1").get(f"/h/wutong/people/{person}")
    assert ("person.look", "reception") in acts_about(act, person)


def test_who_lives_there_and_is_named_is_named_in_the_trail_too(world, act, register, person) -> None:
    with act() as ctx:
        other = register(ctx, "测试家人", 902)
        home = create_household(ctx, person, "示范路1号").id
        add_member(ctx, home, other, "20")
    world.sign_in("worker1").get(f"/h/wutong/people/{person}")
    with act() as ctx:
        query = select(AuditRow).where(AuditRow.person_id == person, AuditRow.action == "person.look")
        assert [row.detail.get("people") for row in ctx.session.exec(query)] == [[other]]


def test_resident_of_another_hub_is_not_there(world, act, person) -> None:
    assert world.sign_in("worker21").get(f"/h/yinxing/people/{person}").status_code == 404
    assert world.sign_in("worker1").get("/h/wutong/people/01ZZZZZZZZZZZZZZZZZZZZZZZZ").status_code == 404


def test_hub_admin_sees_no_resident(world, person) -> None:
    assert world.sign_in("hubadmin1").get(f"/h/wutong/people/{person}").status_code == 403
    assert world.sign_in("sysadmin").get(f"/h/wutong/people/{person}").status_code == 403


def test_reveal_needs_a_reason_and_leaves_a_trace(world, act, person, number) -> None:
    client, url = world.sign_in("worker1", "en"), f"/h/wutong/people/{person}/reveal"
    assert number() not in client.get(url).text
    refused = client.post(url, data={"field": "person.id_no", "reason": ""})
    assert (refused.status_code, number() in refused.text) == (422, False)
    shown = client.post(url, data={"field": "person.phone", "reason": "约定上门时间"})
    assert "1990000" in text_of(shown.text).replace(" ", "")
    assert ("person.reveal", "约定上门时间") in acts_about(act, person)


def test_reveal_shows_only_masked_kinds(world, person) -> None:
    url = f"/h/wutong/people/{person}/reveal"
    page = world.sign_in("worker1", "en").post(url, data={"field": "dibao.active", "reason": "核对"}).text
    assert "True" not in text_of(page)


def test_sources_that_disagree_stand_side_by_side(world, act, person) -> None:
    with act() as ctx:
        record_facts(ctx, person, [FactInput("person.residence_address", "甲街一号", "department", "公安局")])
        record_facts(ctx, person, [FactInput("person.residence_address", "乙街二号")])
    page = text_of(world.sign_in("worker1", "en").get(f"/h/wutong/people/{person}").text)
    assert "The sources disagree" in page
    assert page.count("甲街一号") == 2
    assert page.count("乙街二号") == 1


def test_entitlements_are_explained_clause_by_clause(world, person) -> None:
    page = text_of(world.sign_in("worker1", "en").get(f"/h/wutong/people/{person}").text)
    met = page.index("Elder allowance (age 80 and over)")
    asked = page.index("ask:")
    assert met < asked
    assert "must be at least 80" in page


def test_what_a_line_derives_is_marked_so(world, person) -> None:
    page = text_of(world.sign_in("worker1", "en").get(f"/h/wutong/people/{person}").text)
    assert "worked out by Disabled persons" in page


def test_closed_line_brings_no_items_and_no_panel(world, act, person) -> None:
    with act("hubadmin1") as ctx:
        close_line(ctx, "civil_affairs")
    page = world.sign_in("worker1", "en").get(f"/h/wutong/people/{person}").text
    assert "Elder allowance (age 80" not in page
    assert "/h/wutong/civil_affairs/" not in page
    assert "/h/wutong/social_security/panel/" in page


def test_faulty_line_breaks_one_box_only(world, person, monkeypatch) -> None:
    caller = world.app.extensions["workbench"].caller
    world.sign_in("worker1").get(f"/h/wutong/people/{person}")
    broken = dict(caller._plugins["civil_affairs"])
    monkeypatch.setattr(broken["person_panels"], "function", lambda hub, person: 1 / 0)
    page = world.sign_in("worker1", "en").get(f"/h/wutong/people/{person}").text
    assert page.count("This line did not answer.") == 1
    assert "/h/wutong/family_planning/panel/" in page


@pytest.mark.parametrize("many", [1, 3])
def test_page_asks_as_often_for_one_of_all_as_for_three(world, act, register, person, many) -> None:
    with act() as ctx:
        household = create_household(ctx, person).id
        for sequence in range(910, 910 + many):
            add_member(ctx, household, register(ctx, "测试家人", sequence, "19700101"), "20")
            keep_document(ctx, person, "id_card", None, valid_until=date(2030, 1, 1))
            record_facts(ctx, person, [FactInput(f"item.x.{sequence}", "v"), FactInput("person.ethnic", str(sequence))])
            world.make_case(ctx, "MZ-001", person)
    client = world.sign_in("worker1")
    client.get(f"/h/wutong/people/{person}")
    world.app.extensions.pop("workbench.platform_health")
    with Count(world) as count:
        assert client.get(f"/h/wutong/people/{person}").status_code == 200
    reads = [one for one in count.statements if one.startswith("SELECT")]
    assert len(reads) == RESIDENT_QUERIES, reads
