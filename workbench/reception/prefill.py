"""Fills a form with what is known, so that nothing held is typed again; each value keeps its origin.

Sources: the person's facts, the household, and what follows from them. A value older than its
freshness is shown as such and asked again; consent is never carried over.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from ..api.nouns import Fact
from ..catalogue.form import Form, FormField
from ..people.facts import History, choose, differing, read_history
from ..people.households import HEAD
from ..people.models import MemberRow, PersonRow
from ..store.context import Context

#: Asked anew at every sitting.
NEVER_CARRIED = ("consent.",)
SPOUSES = ("10", "11", "12")


@dataclass(frozen=True, slots=True)
class Prefilled:
    """Values by field key with their origins: rank, source, as_of, held, is_stale, conflicts."""

    values: dict[str, Any]
    origins: dict[str, dict[str, Any]]


def own_key(item_code: str, field_key: str) -> str:
    """Name the fact that remembers an item's own field from one case to the next."""
    return f"item.{item_code}.{field_key}"


def prefill(ctx: Context, person: PersonRow, item_code: str, form: Form) -> Prefilled:
    """Fill a form from one reading of the person's facts and one of the household. Two queries."""
    keys = {field.fact or own_key(item_code, key) for key, field in form.fields.items()}
    history = read_history(ctx, person.id, keys | {"person.name", "person.id_no"})
    result = fill_known(history, item_code, form, ctx.clock.today())
    _fill_from_household(ctx, person, form, result)
    return result


def fill_known(history: History, item_code: str, form: Form, today: date) -> Prefilled:
    """Fill a form from what is on file about a person, without asking the database."""
    current, conflicts = choose(history), differing(history)
    result = Prefilled({}, {})
    for key, field in form.fields.items():
        fact_key = field.fact or own_key(item_code, key)
        fact = current.get(fact_key)
        if fact is None or fact_key.startswith(NEVER_CARRIED) or field.type in ("signature", "image"):
            continue
        result.values[key] = fact.value
        result.origins[key] = _origin(fact, field, conflicts, today)
    _fill_payee(form, current, result)
    return result


def _origin(fact: Fact, field: FormField, conflicts: History, today: date) -> dict[str, Any]:
    as_of = fact.as_of or fact.recorded_at.date()
    others = [
        {"value": other.value, "source": other.source, "as_of": str(other.as_of or other.recorded_at.date())}
        for other in conflicts.get(fact.key, ())
    ]
    return {
        "rank": fact.rank,
        "source": fact.source,
        "as_of": as_of.isoformat(),
        "held": fact.value,
        "is_stale": bool(field.freshness_days) and (today - as_of).days > field.freshness_days,
        "conflicts": others,
    }


def _fill_from_household(ctx: Context, person: PersonRow, form: Form, result: Prefilled) -> None:
    wanted = {"household_members", "spouse_name", "spouse_id_no"} & set(form.fields) - set(result.values)
    if not person.household_id or not wanted:
        return
    others, own_relation = _others_at_home(ctx, person)
    origin = {"rank": "department", "source": "户籍（同户成员）", "as_of": ctx.clock.today().isoformat()}
    found: dict[str, Any] = {}
    if others:
        found["household_members"] = [_member_row(other, own_relation) for other in others]
    spouse = next((other for other in others if _are_married(own_relation, other.relation)), None)
    if spouse:
        found |= {"spouse_name": spouse.name, "spouse_id_no": spouse.id_no}
    for key in wanted & set(found):
        result.values[key], result.origins[key] = found[key], origin | {"held": found[key]}


@dataclass(frozen=True, slots=True)
class _AtHome:
    person_id: str
    name: str
    id_no: str | None
    relation: str


def _others_at_home(ctx: Context, person: PersonRow) -> tuple[list[_AtHome], str]:
    """Give the other members of the household, and the applicant's own relation to its head."""
    query = (
        select(col(PersonRow.id), col(PersonRow.name), col(PersonRow.id_no), col(MemberRow.relation))
        .join(MemberRow, col(MemberRow.person_id) == col(PersonRow.id))
        .where(col(MemberRow.household_id) == person.household_id, col(MemberRow.until).is_(None))
        .order_by(col(MemberRow.relation), col(PersonRow.birth_date))
    )
    everybody = [_AtHome(*row) for row in ctx.session.execute(query)]
    own = next((one.relation for one in everybody if one.person_id == person.id), "")
    return [one for one in everybody if one.person_id != person.id], own


def _member_row(other: _AtHome, own_relation: str) -> dict[str, Any]:
    """A relation to the head is the relation to the applicant only where the applicant is the head."""
    relation = other.relation if own_relation == HEAD else "10" if _are_married(own_relation, other.relation) else None
    return {"member_name": other.name, "member_id_no": other.id_no, "member_relation": relation}


def _are_married(one: str, other: str) -> bool:
    return (one == HEAD and other in SPOUSES) or (other == HEAD and one in SPOUSES)


def _fill_payee(form: Form, current: dict[str, Fact], result: Prefilled) -> None:
    """The payee is the applicant unless said otherwise."""
    name = current.get("person.name")
    if "payee" in form.fields and "payee" not in result.values and name:
        result.values["payee"] = name.value
        result.origins["payee"] = _origin(name, form.fields["payee"], {}, name.recorded_at.date())
