"""Who may be on file already: asked before a person is registered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select
from sqlmodel import col

from ..store.context import Context
from ..store.problems import Problem
from .blind_keys import id_keys, phone_keys
from .check import PersonInput
from .find import HIT_COLUMNS, PersonHit
from .id_number import read_id_number
from .models import PersonKeyRow, PersonRow
from .names import search_form, whole_readings
from .phone import read_phone

Reason = Literal["same_id", "same_name_and_birth_date", "same_sound_and_birth_date", "same_phone"]


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Somebody on file who may be the same person, and what speaks for it."""

    person: PersonHit
    reason: Reason


def likely_duplicates(ctx: Context, given: PersonInput, limit: int = 10) -> list[Duplicate]:
    """Find who may be this person, the surest first: the same ID number at any hub; at this hub the same
    birth date with the same name or a name that sounds the same, or the same phone. What cannot be read
    yet is not compared. One query.
    """
    return _ask(ctx, _tests(ctx, given), limit)


def duplicates_of(ctx: Context, row: PersonRow, limit: int = 10) -> list[Duplicate]:
    """Find which other files of this hub may be the same person as one on file. One query."""
    given = PersonInput(name=row.name, birth_date=row.birth_date, phone=row.phone or "")
    return [one for one in _ask(ctx, _tests(ctx, given), limit + 1) if one.person.id != row.id][:limit]


Test = tuple[Reason, ColumnElement[bool]]


def _ask(ctx: Context, tests: Sequence[Test], limit: int) -> list[Duplicate]:
    if not tests:
        return []
    reason = case(*((test, literal(name)) for name, test in tests), else_=literal(""))
    order = case(*((test, number) for number, (_, test) in enumerate(tests)), else_=len(tests))
    query = select(*HIT_COLUMNS).add_columns(reason).where(or_(*(test for _, test in tests)))
    rows = ctx.session.execute(query.where(col(PersonRow.status) != "merged").order_by(order).limit(limit))
    return [Duplicate(PersonHit(*row[:-1]), row[-1]) for row in rows]


def _tests(ctx: Context, given: PersonInput) -> list[Test]:
    # coalesce keeps planners from the index over hub_id, which would read the whole hub.
    at_hub = func.coalesce(col(PersonRow.hub_id), "") == ctx.hub.id
    tests: list[Test] = []
    if given.id_no:
        tests.append(("same_id", col(PersonRow.id_index).in_(id_keys(ctx.keys, given.id_type, given.id_no))))
    if (born := _birth_date(given)) and given.name:
        tests.append(("same_name_and_birth_date", and_(_is_called(ctx, [search_form(given.name)]), _born(born))))
        if sounds := whole_readings(given.name):
            tests.append(("same_sound_and_birth_date", and_(_is_called(ctx, sounds), _born(born))))
    if phone := _phone(given):
        tests.append(("same_phone", and_(at_hub, col(PersonRow.phone_index).in_(phone_keys(ctx.keys, phone)))))
    return tests


def _is_called(ctx: Context, keys: Sequence[str]) -> ColumnElement[bool]:
    named = select(col(PersonKeyRow.person_id)).where(col(PersonKeyRow.hub_id) == ctx.hub.id)
    return col(PersonRow.id).in_(named.where(col(PersonKeyRow.key).in_(keys)))


def _born(born: date) -> ColumnElement[bool]:
    return col(PersonRow.birth_date) == born


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
