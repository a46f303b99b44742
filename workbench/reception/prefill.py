"""Fills a form with what is known, so that nothing held is typed again; each value keeps its origin.

Sources: the person's facts, the household, and what follows from them. A value older than its
freshness is shown as such and asked again; consent is never carried over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ..api.nouns import Fact
from ..catalogue.form import Form, FormField
from ..people.facts import History, choose, differing, read_histories, read_history
from ..people.models import PersonRow
from ..store.clock import local
from ..store.context import Context
from .at_home import KEYS, SOURCE, Home, consenting, member_rows, read_home, spouse_of

#: Asked anew at every sitting.
NEVER_CARRIED = ("consent.",)
#: What a child without a name is called until it has one.
PROVISIONAL_NAME = "person.provisional_name"
CLOCK = "系统时间"
HOME_ORIGIN = {"rank": "department", "source": SOURCE}


@dataclass(frozen=True, slots=True)
class Prefilled:
    """Values by field key with their origins: rank, source, as_of, held, is_stale, conflicts."""

    values: dict[str, Any]
    origins: dict[str, dict[str, Any]]


def own_key(item_code: str, field_key: str) -> str:
    """Name the fact that remembers an item's own field from one case to the next."""
    return f"item.{item_code}.{field_key}"


def prefill(ctx: Context, person: PersonRow, item_code: str, form: Form) -> Prefilled:
    """Fill a form from one reading of the person's facts and one of the household. At most three queries."""
    keys = {field.fact or own_key(item_code, key) for key, field in form.fields.items()}
    history = read_history(ctx, person.id, keys | {"person.name", "person.id_no", PROVISIONAL_NAME})
    home = read_home(ctx, person) if KEYS & set(form.fields) else Home()
    return fill(history, home, item_code, form, ctx.clock.now())


def prefill_together(ctx: Context, forms: Sequence[tuple[PersonRow, str, Form]]) -> list[Prefilled]:
    """Fill several forms, in their order. One query, and two more for each person whose household is asked."""
    people = {person.id: person for person, _code, _form in forms}
    histories = read_histories(ctx.session, people)
    asking = {person.id for person, _code, form in forms if KEYS & set(form.fields)}
    homes = {person_id: read_home(ctx, people[person_id]) for person_id in sorted(asking)}
    now = ctx.clock.now()
    return [
        fill(histories.get(person.id, {}), homes.get(person.id, Home()), code, form, now)
        for person, code, form in forms
    ]


def fill(history: History, home: Home, item_code: str, form: Form, now: datetime) -> Prefilled:
    """Fill a form from a person's file and household, without asking the database."""
    today = local(now).date()
    result = fill_known(history, item_code, form, today)
    fill_from_home(form, home, history, today, result)
    _fill_signing(form, now, result)
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
        if is_provisional(current, fact):
            continue
        result.values[key] = fact.value
        result.origins[key] = _origin(fact, field, conflicts, today)
    _fill_payee(form, current, result)
    return result


def is_provisional(current: Mapping[str, Fact], fact: Fact) -> bool:
    """Tell whether a name only stands in for one that has not been given yet."""
    standing_in = current.get(PROVISIONAL_NAME)
    return fact.key == "person.name" and standing_in is not None and standing_in.value == fact.value


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


def fill_from_home(form: Form, home: Home, history: History, today: date, result: Prefilled) -> None:
    """Fill in what the household tells: members, spouse, and the adults who must consent."""
    told = choose(history).get("household.members")
    spouse = spouse_of(home)
    found = {
        "household_members": member_rows(home, told) if home.others else None,
        "authorize_members": consenting(home, today),
        "spouse_name": spouse.name if spouse else None,
        "spouse_id_no": spouse.id_no if spouse else None,
    }
    for key, value in found.items():
        if not value or key not in form.fields or (key in result.values and key != "household_members"):
            continue
        origin = result.origins.get(key) or HOME_ORIGIN | {"as_of": today.isoformat()}
        result.values[key], result.origins[key] = value, origin | {"held": value}


def _fill_signing(form: Form, now: datetime, result: Prefilled) -> None:
    """Who signs at the table signs now."""
    if "sign_time" in form.fields:
        moment = f"{local(now):%Y-%m-%dT%H:%M}"
        result.values["sign_time"] = moment
        result.origins["sign_time"] = {"rank": "word", "source": CLOCK, "as_of": moment[:10], "held": moment}


def _fill_payee(form: Form, current: dict[str, Fact], result: Prefilled) -> None:
    """The payee is the applicant unless said otherwise."""
    name = current.get("person.name")
    is_named = name is not None and not is_provisional(current, name)
    if "payee" in form.fields and "payee" not in result.values and name and is_named:
        result.values["payee"] = name.value
        result.origins["payee"] = _origin(name, form.fields["payee"], {}, name.recorded_at.date())
