"""What is on file about a resident, and where it came from: departments, papers seen, the resident's word.

Much is known to a department and fresh, some has gone stale, some only the resident said, and some
nobody knows: so forms are mostly prefilled and rules answer yes, no and unknown.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from ..people.facts import FactInput
from ..people.view import age_on
from .chance import Chance
from .origins import draw_rank, make_fact
from .resident import Household, Resident

BANKS = ("ICBC", "ABC", "BOC", "CCB", "PSBC", "RCB")
Pairs = Iterator[tuple[str, Any]]


def known_facts(chance: Chance, person: Resident, home: Household, today: date) -> list[FactInput]:
    """Give all facts on file about a resident, each with rank, source and day."""
    facts = [make_fact(chance, key, value, person.rank, today) for key, value in _identity(person)]
    facts += [
        make_fact(chance, key, value, draw_rank(chance), today)
        for key, value in _at_departments(chance, person, home, today)
    ]
    facts += [FactInput(key, value, "word", "本人", today) for key, value in _by_word(person)]
    return facts


def _identity(person: Resident) -> Pairs:
    yield "person.name", person.name
    yield "person.sex", person.sex
    yield "person.birth_date", person.birth_date
    yield "person.ethnic", person.ethnic
    yield "person.nationality", "156"
    yield "person.id_type", "111"
    if person.id_no:
        yield "person.id_no", person.id_no


def _at_departments(chance: Chance, person: Resident, home: Household, today: date) -> Pairs:
    age = age_on(person.birth_date, today) or 0
    yield from _place(chance, home)
    yield from _papers(chance, person, age)
    yield from _family(chance, person, age)
    yield from _money(chance, person, home)
    if person.disability is not None:
        yield from _disability(person)
    if age >= 16:
        yield from _work(chance, person, age)


def _by_word(person: Resident) -> Pairs:
    if person.phone:
        yield "person.phone", person.phone
    if not person.id_no:
        yield "person.no_id_reason", "新生儿尚未登记户口"
    if person.education:
        yield "person.education", person.education
    if person.unemployed_since:
        yield "person.can_work", True
    yield from person.said


def _place(chance: Chance, home: Household) -> Pairs:
    yield "person.residence_division", home.community_id
    yield "person.residence_address", home.address
    if home.is_local:
        yield "person.hukou_division", home.community_id
        yield "person.hukou_address", home.address
    elif home.is_local is False:
        yield "person.hukou_division", chance.one_of(("320000", "340000", "410000", "510000"))
        yield "person.hukou_address", f"示例县示例镇幸福村{chance.number(1, 99)}号"
        yield "residence_permit.active", chance.happens(0.7)
        yield "resident_months", chance.number(2, 80)
    if home.is_local is not None:
        yield "hukou.local", home.is_local
    if home.kind:
        yield "hukou.kind", home.kind


def _papers(chance: Chance, person: Resident, age: int) -> Pairs:
    if person.id_no and age >= 3 and chance.happens(0.92):
        yield "document.id_card", True
    if chance.happens(0.85):
        yield "document.hukou_book", True


def _family(chance: Chance, person: Resident, age: int) -> Pairs:
    if person.marital:
        yield "person.marital_status", person.marital
    if person.spouse:
        yield "marriage.registered", True
        yield "spouse.name", person.spouse.name
        yield "spouse.id_no", person.spouse.id_no
    if person.children and chance.happens(0.6):
        yield "children.alive_count", len(person.children)
        yield "family.children", [_child(child) for child in person.children]
    if person.guardian:
        yield "guardian.name", person.guardian.name
        yield "guardian.id_no", person.guardian.id_no
        yield "guardian.relation", "51" if person.guardian.sex == "1" else "52"
        yield "guardian.phone", person.guardian.phone
    if 6 <= age < 18 or (age >= 22 and chance.happens(0.6)):
        yield "person.in_school", age < 18


def _child(child: Resident) -> dict[str, Any]:
    return {
        "name": child.name,
        "id_no": child.id_no,
        "sex": child.sex,
        "birth_date": child.birth_date.isoformat(),
        "adopted": False,
        "alive": True,
    }


def _money(chance: Chance, person: Resident, home: Household) -> Pairs:
    if home.dibao is not None:
        yield "dibao.active", home.dibao
        yield "tekun.active", False
        if chance.happens(0.6):
            yield "orphan_allowance.active", False
            yield "work_injury_care.active", False
    if home.dibao:
        yield "dibao.card_no", f"9901{home.id[-8:]}"
    if home.income is not None:
        yield "household.size", len(home.members)
        yield "household.income_per_capita_month", home.income
        yield "household.assets_ok", chance.happens(0.9)
    if person.account:
        yield "bank.payee", person.name
        yield "bank.bank_code", chance.one_of(BANKS)
        yield "bank.account_no", person.account
        yield "bank.is_social_card", chance.happens(0.7)


def _disability(person: Resident) -> Pairs:
    yield "disability.holder", bool(person.disability)
    if person.disability and person.id_no:
        category, level = person.disability
        yield "disability.card_no", person.id_no + category + level
        yield "disability.category", category
        yield "disability.level", level


def _work(chance: Chance, person: Resident, age: int) -> Pairs:
    if person.employment:
        employed = person.employment != "none"
        yield "employment.kind", person.employment
        yield "employment.active", employed
        yield "employment.status", "employed" if employed else "none"
        yield "employment.registered", employed
        yield "unemployment.registered", person.unemployed_since is not None
        yield "pension.employee_insured", person.employment == "employee"
    if person.unemployed_since:
        yield from _unemployment(chance, person.unemployed_since)
    if person.has_pension is not None:
        yield "pension.receiving", person.has_pension
    if age >= 60 and chance.happens(0.5):
        yield "resident_pension.insured", chance.happens(0.6)


def _unemployment(chance: Chance, since: date) -> Pairs:
    ended = since - timedelta(days=chance.number(1, 40))
    yield "unemployment.registered_since", since
    yield "unemployment.date", ended
    yield "unemployment.reason", "contract_ended"
    yield "termination.date", ended
    yield "termination.reason", "contract_ended"
    yield "termination.involuntary", True
    yield "unemployment_insurance.paid_months", chance.number(3, 180)
    yield "hard_employment.recognized", chance.happens(0.6)
