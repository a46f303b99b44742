"""Who may be on file already: asked before a person is registered."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select
from sqlmodel import col

from ..store.context import Context
from ..store.problems import Problem
from .blind_keys import id_key, phone_key
from .check import PersonInput
from .find import HIT_COLUMNS, PersonHit
from .id_number import read_id_number
from .models import PersonKeyRow, PersonRow
from .names import search_form
from .phone import read_phone

Reason = Literal["same_id", "same_name_and_birth_date", "same_phone"]


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Somebody on file who may be the same person, and what speaks for it."""

    person: PersonHit
    reason: Reason


def likely_duplicates(ctx: Context, given: PersonInput, limit: int = 10) -> list[Duplicate]:
    """Find who may be this person, the surest first: the same ID number at any hub; at this hub the same
    name and birth date, or the same phone. What cannot be read yet is not compared. One query.
    """
    tests = _tests(ctx, given)
    if not tests:
        return []
    reason = case(*((test, literal(name)) for name, test in tests), else_=literal(""))
    order = case(*((test, number) for number, (_, test) in enumerate(tests)), else_=len(tests))
    query = select(*HIT_COLUMNS).add_columns(reason).where(or_(*(test for _, test in tests)))
    rows = ctx.session.execute(query.where(col(PersonRow.status) != "merged").order_by(order).limit(limit))
    return [Duplicate(PersonHit(*row[:-1]), row[-1]) for row in rows]


def _tests(ctx: Context, given: PersonInput) -> list[tuple[Reason, ColumnElement[bool]]]:
    # coalesce keeps planners from the index over hub_id, which would read the whole hub.
    at_hub = func.coalesce(col(PersonRow.hub_id), "") == ctx.hub.id
    tests: list[tuple[Reason, ColumnElement[bool]]] = []
    if given.id_no:
        tests.append(("same_id", col(PersonRow.id_index) == id_key(ctx.keys, given.id_type, given.id_no)))
    if (born := _birth_date(given)) and given.name:
        named = select(col(PersonKeyRow.person_id)).where(
            col(PersonKeyRow.hub_id) == ctx.hub.id, col(PersonKeyRow.key) == search_form(given.name)
        )
        same = and_(col(PersonRow.id).in_(named), col(PersonRow.birth_date) == born)
        tests.append(("same_name_and_birth_date", same))
    if phone := _phone(given):
        tests.append(("same_phone", and_(at_hub, col(PersonRow.phone_index) == phone_key(ctx.keys, phone))))
    return tests


def _birth_date(given: PersonInput) -> date | None:
    if given.birth_date:
        return given.birth_date
    try:
        return read_id_number(given.id_no).birth_date
    except Problem:
        return None


def _phone(given: PersonInput) -> str:
    try:
        return read_phone(given.phone)
    except Problem:
        return ""
