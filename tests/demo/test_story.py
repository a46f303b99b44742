from datetime import date

import pytest
from sqlmodel import Session, select

from workbench.api.nouns import Fact, Hub, Worker
from workbench.people.facts import conflicts, current_facts
from workbench.people.find import find_people
from workbench.people.households import members_of
from workbench.people.models import PersonRow
from workbench.people.view import age_on
from workbench.store.clock import Clock
from workbench.store.context import Context

TODAY = date(2026, 11, 20)


@pytest.fixture
def look(filled, settings, keys):
    """Look at the demonstration from one of its hubs."""

    def at(hub_id: str, session: Session) -> Context:
        hub = Hub(hub_id, hub_id, hub_id, "990100001")
        return Context(session, Worker("w", "w", "w"), hub, Clock(), keys, settings.file_store(keys))

    return at


def facts_of(ctx: Context, name: str) -> dict[str, Fact]:
    person = ctx.session.exec(select(PersonRow).where(PersonRow.name == name, PersonRow.hub_id == ctx.hub.id)).first()
    assert person is not None
    return current_facts(ctx, person.id)


@pytest.mark.parametrize(
    ("hub", "typed", "name"),
    [
        ("wutong", "99010019430512901X", "张伟"),
        ("wutong", "lxy", "李秀英"),
        ("wutong", "huanga", "黄安"),
        ("yinxing", "买买提", "阿依古丽·买买提"),
        ("yinxing", "王𠮷", "王𠮷"),
        ("xiangzhang", "shanxiong", "单雄"),
    ],
)
def test_story_residents_are_found(filled, look, hub: str, typed: str, name: str) -> None:
    with filled.read() as session:
        assert name in [hit.name for hit in find_people(look(hub, session), typed)]


def test_old_man_has_all_a_form_needs_from_departments(filled, look) -> None:
    with filled.read() as session:
        ctx = look("wutong", session)
        (hit,) = find_people(ctx, "99010019430512901X")
        assert (age_on(hit.birth_date, TODAY) or 0) >= 80
        facts = current_facts(ctx, hit.id)
        wanted = ("name", "id_no", "sex", "birth_date", "hukou_division", "hukou_address", "residence_address")
        assert {facts[f"person.{key}"].rank for key in wanted} == {"department"}
        assert facts["hukou.local"].value is True
        assert {"bank.payee", "bank.bank_code", "bank.account_no", "person.phone"} <= set(facts)


def test_disabled_woman_receives_dibao(filled, look) -> None:
    with filled.read() as session:
        facts = facts_of(look("wutong", session), "李秀英")
    assert facts["dibao.active"].value is facts["disability.holder"].value is True
    assert facts["tekun.active"].value is facts["work_injury_care.active"].value is False
    assert facts["disability.card_no"].value == facts["person.id_no"].value + "41"


def test_conflicting_sources_are_on_file(filled, look) -> None:
    with filled.read() as session:
        ctx = look("xiangzhang", session)
        (hit,) = find_people(ctx, "吴桂芳")
        found = conflicts(ctx, hit.id, ["person.marital_status"])["person.marital_status"]
        assert [(fact.rank, fact.value) for fact in found] == [("department", "30"), ("word", "20")]


def test_newborn_lives_with_the_parents_without_a_number(filled, look) -> None:
    with filled.read() as session:
        ctx = look("wutong", session)
        child = session.exec(select(PersonRow).where(PersonRow.name == "黄安")).one()
        assert child.id_no is None
        assert [member.name for member in members_of(ctx, child.household_id or "")] == ["黄磊", "林芳", "黄安"]
        assert current_facts(ctx, child.id, ["guardian.name"])["guardian.name"].value == "林芳"


def test_facts_are_known_unknown_and_of_every_rank(filled, look) -> None:
    with filled.read() as session:
        ctx = look("yinxing", session)
        ids = session.exec(select(PersonRow.id).where(PersonRow.hub_id == "yinxing")).all()
        facts = [current_facts(ctx, person_id) for person_id in ids]
    answers = [known["dibao.active"].value if "dibao.active" in known else None for known in facts]
    assert {True, False, None} == set(answers)
    ranks = {known["person.name"].rank for known in facts}
    assert ranks == {"department", "document", "word"}
