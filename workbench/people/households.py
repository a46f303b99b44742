"""Households (户): who lives together, and how each stands to the head (GB/T 4761)."""

import re
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select as select_columns
from sqlmodel import col

from ..store.context import Context
from ..store.ids import new_id
from ..store.problems import Problem
from .models import HouseholdRow, MemberRow, PersonRow
from .register import get_person

HEAD = "02"  # GB/T 4761: 户主
_RELATION = re.compile(r"0[12]|[1-8]\d|9[0-8]", re.ASCII)


@dataclass(frozen=True, slots=True)
class Member:
    """One member as lists show them."""

    person_id: str
    name: str
    sex: str
    birth_date: date | None
    id_masked: str
    relation: str
    status: str
    since: date | None


def create_household(ctx: Context, head_id: str, address: str = "") -> HouseholdRow:
    """Open a household of this hub with its head in it."""
    row = HouseholdRow(id=new_id(), hub_id=ctx.hub.id, address=address or None, created_at=ctx.clock.now())
    ctx.session.add(row)
    ctx.session.flush()
    add_member(ctx, row.id, head_id, HEAD)
    return row


def add_member(ctx: Context, household_id: str, person_id: str, relation: str, since: date | None = None) -> None:
    """Put a person into a household; raises Problem when they are in another one. Safe twice."""
    relation = read_relation(relation)
    household, person = _get_household(ctx, household_id), get_person(ctx, person_id)
    if person.household_id not in {None, household.id}:
        zh = "此人已在另一户。请先在原户办理移出,再加入本户。"
        en = "This person is in another household. Take them out of that one first, then add them here."
        raise Problem("in_another_household", zh, en, "member_relation")
    row = ctx.session.get(MemberRow, (household.id, person.id))
    row = row or MemberRow(household_id=household.id, person_id=person.id, relation=relation)
    row.relation, row.since, row.until = relation, since or row.since or ctx.clock.today(), None
    person.household_id = household.id
    ctx.session.add_all((row, person))


def remove_member(ctx: Context, household_id: str, person_id: str, on: date | None = None) -> None:
    """Take a person out of a household; the row stays as history. Safe twice."""
    household, person = _get_household(ctx, household_id), get_person(ctx, person_id)
    row = ctx.session.get(MemberRow, (household.id, person.id))
    if row is None or row.until is not None:
        return
    row.until = on or ctx.clock.today()
    person.household_id = None
    ctx.session.add_all((row, person))


def members_of(ctx: Context, household_id: str) -> list[Member]:
    """Give who lives in a household today, the head first. One query."""
    names = ("id", "name", "sex", "birth_date", "id_masked")
    columns = [*(col(getattr(PersonRow, name)) for name in names), col(MemberRow.relation), col(PersonRow.status)]
    query = (
        select_columns(*columns, col(MemberRow.since))
        .join(MemberRow, col(MemberRow.person_id) == col(PersonRow.id))
        .join(HouseholdRow, col(HouseholdRow.id) == col(MemberRow.household_id))
        .where(col(HouseholdRow.id) == household_id, col(HouseholdRow.hub_id) == ctx.hub.id)
        .where(col(MemberRow.until).is_(None))
        .order_by(col(MemberRow.relation) != HEAD, col(MemberRow.relation), col(PersonRow.birth_date))
    )
    return [Member(*row) for row in ctx.session.execute(query)]


def read_relation(code: str) -> str:
    """Check a relation and give its two-digit form; one digit is the short form of a heading (1 = 10)."""
    code = f"{code}0" if re.fullmatch(r"[1-8]", code, re.ASCII) else code
    if not _RELATION.fullmatch(code):
        zh, en = "请选择与户主的关系。", "Choose the relation to the head of the household."
        raise Problem("relation", zh, en, "member_relation")
    return code


def _get_household(ctx: Context, household_id: str) -> HouseholdRow:
    row = ctx.session.get(HouseholdRow, household_id)
    if row is None or row.hub_id != ctx.hub.id:
        zh, en = "本站点没有这一户。请重新查找。", "There is no such household at this hub. Search again."
        raise Problem("no_such_household", zh, en)
    return row
