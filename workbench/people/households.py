"""Households (户): who lives together, and how each stands to the head (GB/T 4761)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func
from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from ..store.context import Context
from ..store.ids import new_id
from ..store.problems import Problem
from .address_keys import write_address_keys
from .models import HouseholdRow, MemberRow, PersonRow
from .register import get_person, get_standing

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
    homes: int = 1  # households the person belongs to


def create_household(ctx: Context, head_id: str, address: str = "") -> HouseholdRow:
    """Open a household of this hub with its head in it."""
    row = HouseholdRow(id=new_id(), hub_id=ctx.hub.id, address=address or None, created_at=ctx.clock.now())
    ctx.session.add(row)
    ctx.session.flush()
    write_address_keys(ctx, row)
    add_member(ctx, row.id, head_id, HEAD)
    return row


def add_member(
    ctx: Context,
    household_id: str,
    person_id: str,
    relation: str,
    since: date | None = None,
    *,
    second_reason: str = "",
) -> None:
    """Put a person into a household; raises Problem when they are in another one. Safe twice.

    With `second_reason` they belong to this one beside their main household.
    """
    relation = read_relation(relation)
    household, person = get_household(ctx, household_id), get_standing(ctx, person_id)
    is_second = bool(second_reason) and person.household_id not in {None, household.id}
    if person.household_id not in {None, household.id} and not is_second:
        zh = "此人已在另一户。请先在原户办理移出,再加入本户;确实同属两户的,请写明理由。"
        en = "This person is in another household. Take them out of that one first, then add them here."
        en += " If they belong to both, say why."
        raise Problem("in_another_household", zh, en, "member_relation")
    row = ctx.session.get(MemberRow, (household.id, person.id))
    stays = row is not None and row.until is None
    row = row or MemberRow(household_id=household.id, person_id=person.id, relation=relation)
    row.since = since or (row.since if stays else None) or ctx.clock.today()
    row.relation, row.until, row.second_reason = relation, None, second_reason if is_second else ""
    person.household_id = person.household_id if is_second else household.id
    ctx.session.add_all((row, person))


def say_relation(ctx: Context, household_id: str, person_id: str, relation: str) -> None:
    """Say anew how a member stands to the head; raises Problem for somebody who is no member."""
    row = ctx.session.get(MemberRow, (household_id, person_id))
    if row is None or row.until is not None:
        zh, en = "此人不在本户。请刷新后重试。", "This person is not in this household. Reload and try again."
        raise Problem("no_member", zh, en, "relations")
    row.relation = read_relation(relation)
    ctx.session.add(row)


def remove_member(ctx: Context, household_id: str, person_id: str, on: date | None = None) -> None:
    """Take a person out of a household; the row stays as history. Safe twice.

    Who also belonged to a second household has that one as the main one then.
    """
    household, person = get_household(ctx, household_id), get_person(ctx, person_id)
    row = ctx.session.get(MemberRow, (household.id, person.id))
    if row is None or row.until is not None:
        return
    row.until = on or ctx.clock.today()
    ctx.session.add(row)
    if person.household_id == household.id:
        second = _second_household(ctx, person.id, household.id)
        person.household_id = second.household_id if second else None
        if second:
            second.second_reason = ""
            ctx.session.add(second)
    ctx.session.add(person)


def _second_household(ctx: Context, person_id: str, but: str) -> MemberRow | None:
    ctx.session.flush()
    query = select(MemberRow).where(MemberRow.person_id == person_id, MemberRow.household_id != but)
    return ctx.session.exec(query.where(col(MemberRow.until).is_(None)).order_by(col(MemberRow.household_id))).first()


def second_households(ctx: Context, people: Sequence[str]) -> dict[str, list[tuple[str, str, bool]]]:
    """Give the households of people who are in more than one: household, reason, whether it is their main one."""
    query = (
        select_columns(
            col(MemberRow.person_id), col(MemberRow.household_id), col(MemberRow.second_reason),
            col(PersonRow.household_id),
        )
        .join(PersonRow, col(PersonRow.id) == col(MemberRow.person_id))
        .where(col(MemberRow.person_id).in_(list(people)), col(MemberRow.until).is_(None))
        .order_by(col(MemberRow.second_reason), col(MemberRow.household_id))
    )  # fmt: skip
    found: dict[str, list[tuple[str, str, bool]]] = {}
    for person_id, household_id, why, main in ctx.session.execute(query):
        found.setdefault(person_id, []).append((household_id, why, household_id == main))
    return {person_id: homes for person_id, homes in found.items() if len(homes) > 1}


def members_of(ctx: Context, household_id: str) -> list[Member]:
    """Give who lives in a household today, the head first. One query."""
    names = ("id", "name", "sex", "birth_date", "id_masked")
    columns = [*(col(getattr(PersonRow, name)) for name in names), col(MemberRow.relation), col(PersonRow.status)]
    other = aliased(MemberRow)
    homes = select_columns(func.count()).where(col(other.person_id) == col(PersonRow.id), col(other.until).is_(None))
    query = (
        select_columns(*columns, col(MemberRow.since), homes.correlate(PersonRow).scalar_subquery())
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


def get_household(ctx: Context, household_id: str) -> HouseholdRow:
    """Give a household of this hub; raises Problem."""
    row = ctx.session.get(HouseholdRow, household_id)
    if row is None or row.hub_id != ctx.hub.id:
        zh, en = "本站点没有这一户。请重新查找。", "There is no such household at this hub. Search again."
        raise Problem("no_such_household", zh, en)
    return row
