"""A resident as others may see them: the frozen view for lines, the masked bar of a page, one value revealed."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy import select as select_columns
from sqlmodel import col, func

from ..api.nouns import Person
from ..identity import audit
from ..identity.seen import shows
from ..store.context import Context
from ..store.problems import Problem
from ..store.rows import prepare, run
from . import bank_account, id_number, phone
from .facts import current_facts
from .models import MemberRow, PersonRow
from .register import NoSuchPerson, get_person


@dataclass(frozen=True, slots=True)
class IdentityBar:
    """What stands on top of every page about a resident: numbers masked."""

    id: str
    name: str
    sex: str
    birth_date: date | None
    age: int | None
    id_type: str
    id_masked: str
    phone_masked: str
    status: str
    hub_id: str
    community_id: str
    household_id: str | None
    household_size: int
    version: int


_STORED = (
    "id",
    "name",
    "sex",
    "birth_date",
    "id_type",
    "id_masked",
    "phone_masked",
    "status",
    "hub_id",
    "community_id",
    "household_id",
    "version",
)
MEMBERS = prepare(
    select_columns(func.count()).where(
        col(MemberRow.household_id) == bindparam("household"), col(MemberRow.until).is_(None)
    )
)
BAR = prepare(
    select_columns(
        *(col(getattr(PersonRow, name)) for name in _STORED),
        select_columns(func.count())
        .where(col(MemberRow.household_id) == col(PersonRow.household_id), col(MemberRow.until).is_(None))
        .scalar_subquery()
        .label("members"),
    ).where(col(PersonRow.id) == bindparam("person"))
)


def person_view(ctx: Context, person_id: str, *, citywide: bool = False) -> Person:
    """Give a resident as a line may see them, with the fact that counts for each key. Two queries."""
    row = get_person(ctx, person_id, citywide=citywide)
    return Person(row.id, row.name, row.sex, row.birth_date, row.hub_id, current_facts(ctx, row.id))


def identity_bar(ctx: Context, person_id: str, *, citywide: bool = False) -> IdentityBar:
    """Give the masked data of a resident's page. One query."""
    row = run(ctx.session, BAR, person=person_id).first()
    if row is None or not (citywide or row.hub_id == ctx.hub.id):
        raise NoSuchPerson
    return _bar(ctx, row, row.members)


def bar_of(ctx: Context, person: PersonRow) -> IdentityBar:
    """Give the masked data of a resident who was read already. At most one query."""
    is_member = person.household_id is not None
    members = run(ctx.session, MEMBERS, household=person.household_id).scalar_one() if is_member else 1
    return _bar(ctx, person, members)


def _bar(ctx: Context, row: Any, members: int) -> IdentityBar:
    shows(row.id)
    return IdentityBar(
        id=row.id,
        name=row.name,
        sex=row.sex,
        birth_date=row.birth_date,
        age=age_on(row.birth_date, ctx.clock.today()),
        id_type=row.id_type,
        id_masked=row.id_masked,
        phone_masked=row.phone_masked,
        status=row.status,
        hub_id=row.hub_id,
        community_id=row.community_id,
        household_id=row.household_id,
        household_size=1 if row.household_id is None else members,
        version=row.version,
    )


def reveal(ctx: Context, person_id: str, field: str, reason: str, *, citywide: bool = False) -> str:
    """Give a hidden number in full, and write into the trail who saw it and why; raises Problem without a reason.

    `field` is a fact key: "person.id_no", "person.phone", "bank.account_no" and so on.
    """
    if len(reason.strip()) < 2:
        zh, en = "请写明查看完整信息的原因。", "Say why you need to see the full value."
        raise Problem("reason_needed", zh, en, "reason")
    row = get_person(ctx, person_id, citywide=citywide)
    audit.record(ctx, "person.reveal", person_id=row.id, purpose=reason.strip(), detail={"field": field})
    match field:
        case "person.id_no":
            return row.id_no or ""
        case "person.phone":
            return row.phone or ""
    fact = current_facts(ctx, row.id, [field]).get(field)
    return "" if fact is None or fact.value is None else str(fact.value)


def mask_value(kind: str, value: str) -> str:
    """Hide a value of a field type ("id_no", "phone", "bank"); others are given as they are."""
    masks = {"id_no": id_number.mask, "phone": phone.mask, "bank": bank_account.mask}
    return masks[kind](value) if kind in masks else value


def age_on(birth_date: date | None, day: date) -> int | None:
    """Count completed years; someone born on 29 February grows older on 1 March in other years."""
    if birth_date is None:
        return None
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))
