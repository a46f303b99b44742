"""What stands in the forms of the demonstration's cases: what is on file, and answers to what nobody knows yet."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from ..api.nouns import Fact
from ..catalogue.form import Form, FormField
from ..reception.check_form import asked_sections, is_asked
from ..reception.prefill import fill_known
from ..reception.rule_facts import rule_facts
from .chance import Chance
from .pool import Known

#: Answers to questions in free text, by the field's key.
TEXTS = {
    "reason": "家庭情况有变化",
    "needs": "卫生间加装扶手，门口坡道改造",
    "diagnosis": "见医院诊断证明",
    "school": "示范职业技术学院",
    "hospital": "示范区人民医院",
    "operation_org": "示范区妇幼保健院",
    "disease": "见病历",
    "contact_name": "社区联系人",
    "verifier": "社区工作人员",
}
#: Answers by type, where neither the file nor the person tells.
TYPED: dict[str, Any] = {"number": 1, "money": 320_000, "bool": False, "signature": "paper", "year": 2026}


@dataclass(frozen=True, slots=True)
class Answered:
    """An accepted form: values with their origins, and the facts its rules were judged by."""

    values: dict[str, Any]
    origins: dict[str, dict[str, Any]]
    facts: dict[str, Any]


def answer(chance: Chance, item_code: str, form: Form, known: Known, region: dict[str, Any], day: date) -> Answered:
    """Fill a form as it was accepted on a day."""
    filled = fill_known(known.history, item_code, form, day)
    facts = rule_facts(known.facts | region, known.person, form, filled.values, day)
    values: dict[str, Any] = {}
    origins: dict[str, dict[str, Any]] = {}
    for section, counts in asked_sections(form, facts):
        for field in section.fields:
            if filled.values.get(field.key) not in (None, ""):
                values[field.key], origins[field.key] = filled.values[field.key], filled.origins[field.key]
            elif counts and field.required and is_asked(field.when, facts) is True and field.type not in UNASKED:
                values[field.key] = _say(chance, field, known, day)
                origins[field.key] = {
                    "rank": "word",
                    "source": "本人",
                    "as_of": day.isoformat(),
                    "held": None,
                    "typed": True,
                }
    return Answered(values, origins, facts)


UNASKED = ("derived", "image")


def _say(chance: Chance, field: FormField, known: Known, day: date) -> Any:
    if field.type == "table":
        return [{column.key: _say(chance, column, known, day) for column in field.columns}]
    if field.type == "multi":
        return list(field.choices)[:1]
    if field.choices:
        return chance.one_of(list(field.choices))
    own = _own(field.type, known)
    return own if own else _by_type(chance, field, day)


def _own(kind: str, known: Known) -> Any:
    """Give what the resident would say of themselves."""
    facts = known.facts
    match kind:
        case "id_no":
            return known.person.id_no
        case "phone":
            return known.person.phone or "15490000001"
        case "address":
            return facts.get("person.residence_address") or "示范市示范区示范街道"
        case "bank":
            return facts.get("bank.account_no") or "6200000000000000004"
    return None


def _by_type(chance: Chance, field: FormField, day: date) -> Any:
    before = day - timedelta(days=chance.number(3, 60))
    match field.type:
        case "date" | "datetime":
            return before.isoformat()
        case "month":
            return f"{before:%Y-%m}"
        case "range":
            return {"from": f"{before:%Y-%m}", "to": f"{day:%Y-%m}"}
    if field.key in ("name", "payee", "account_name"):
        return "本人"
    return TYPED.get(field.type, TEXTS.get(field.key, "见申请表"))


def is_spared(fact: Fact | None, day: date) -> bool:
    """Tell whether a department's fresh word spares a paper."""
    return fact is not None and fact.rank == "department" and bool(fact.value) and _age(fact, day) <= 365


def _age(fact: Fact, day: date) -> int:
    return (day - (fact.as_of or day)).days
