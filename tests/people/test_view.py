from datetime import date

import pytest
from sqlmodel import select

from workbench.identity.models import AuditRow
from workbench.people.facts import FactInput, record_facts
from workbench.people.households import add_member, create_household
from workbench.people.register import NoSuchPerson, register_person
from workbench.people.view import age_on, identity_bar, mask_value, person_view, reveal
from workbench.store.problems import Problem


@pytest.fixture
def person_id(act, make_input) -> str:
    with act() as ctx:
        return register_person(ctx, make_input(phone="15400000001")).id


def test_view_holds_the_facts_that_count(act, person_id) -> None:
    with act() as ctx:
        record_facts(ctx, person_id, [FactInput("dibao.active", True, "department", "民政局")])
        view = person_view(ctx, person_id)
        assert (view.name, view.birth_date, view.hub_id) == ("张伟", date(1980, 1, 1), "wutong")
        assert view.facts["dibao.active"].value is True


def test_bar_shows_no_full_number(act, person_id, make_number, make_input) -> None:
    with act() as ctx:
        bar = identity_bar(ctx, person_id)
        assert bar.household_size == 1
        other = register_person(ctx, make_input("李芳", id_no=make_number(sequence=902)))
        add_member(ctx, create_household(ctx, person_id).id, other.id, "10")
        bar = identity_bar(ctx, person_id)
        assert make_number() not in repr(bar) and "15400000001" not in repr(bar)
        assert (bar.id_masked[-4:], bar.household_size) == (make_number()[-4:], 2)


def test_reveal_is_written_into_the_trail(act, person_id, make_number) -> None:
    with act() as ctx:
        record_facts(ctx, person_id, [FactInput("bank.account_no", "6200000000000005")])
        assert reveal(ctx, person_id, "person.id_no", "核对证件") == make_number()
        assert reveal(ctx, person_id, "person.phone", "电话联系") == "15400000001"
        assert reveal(ctx, person_id, "bank.account_no", "核对账号") == "6200000000000005"
        assert reveal(ctx, person_id, "guardian.id_no", "核对监护人") == ""
        trail = select(AuditRow).where(AuditRow.person_id == person_id).order_by(AuditRow.id)
        rows = ctx.session.exec(trail).all()
        assert [(row.action, row.purpose, row.detail["field"]) for row in rows][:2] == [
            ("person.reveal", "核对证件", "person.id_no"),
            ("person.reveal", "电话联系", "person.phone"),
        ]


def test_reveal_without_reason_shows_nothing(act, person_id) -> None:
    with act() as ctx:
        with pytest.raises(Problem) as caught:
            reveal(ctx, person_id, "person.id_no", "  ")
        assert caught.value.code == "reason_needed"
        assert ctx.session.exec(select(AuditRow)).all() == []


def test_person_of_another_hub_is_neither_shown_nor_revealed(act, person_id) -> None:
    with act("worker21") as ctx:
        for look in (person_view, identity_bar):
            with pytest.raises(NoSuchPerson):
                look(ctx, person_id)
        with pytest.raises(NoSuchPerson):
            reveal(ctx, person_id, "person.id_no", "核对证件")
        assert identity_bar(ctx, person_id, citywide=True).name == "张伟"


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(1946, 11, 22), date(2026, 11, 22), 80),
        (date(1946, 11, 23), date(2026, 11, 22), 79),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (None, date(2026, 1, 1), None),
    ],
)
def test_age_counts_completed_years(born: date | None, day: date, age: int | None) -> None:
    assert age_on(born, day) == age


def test_mask_follows_the_field_type() -> None:
    assert mask_value("phone", "15400000001") == "154****0001"
    assert mask_value("bank", "6200000000000005") == "************0005"
    assert mask_value("text", "张伟") == "张伟"
