"""One box finds a resident: name or part of it, pinyin, initials, ID number, phone.

Names are found at the hub only. A full ID number may also be asked for citywide, for residents who
come to another hub than their own. One statement either way, narrow rows.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlmodel import col

from ..store.context import Context
from ..store.problems import Problem
from .blind_keys import phone_keys, possible_id_keys
from .id_number import read_id_number, tidy
from .models import PersonKeyRow, PersonRow
from .names import search_form
from .phone import read_phone

AFTER_ALL = "\U0010ffff"
_NUMBER = re.compile(r"(?=.*\d{4})[0-9A-Z()]{6,}", re.ASCII)
#: What a PersonHit is read from, in its order.
HIT_COLUMNS = (
    col(PersonRow.id),
    col(PersonRow.name),
    col(PersonRow.sex),
    col(PersonRow.birth_date),
    col(PersonRow.id_masked),
    col(PersonRow.phone_masked),
    col(PersonRow.status),
    col(PersonRow.hub_id),
    col(PersonRow.community_id),
)


@dataclass(frozen=True, slots=True)
class PersonHit:
    """One line of a list of people; numbers are masked."""

    id: str
    name: str
    sex: str
    birth_date: date | None
    id_masked: str
    phone_masked: str
    status: str
    hub_id: str
    community_id: str


def find_people(ctx: Context, text: str, limit: int = 20, *, citywide: bool = False) -> list[PersonHit]:
    """Find residents by anything typed into the box, best first; an empty box finds nobody.

    `citywide` lets a full ID number be found at every hub; it changes nothing for names and phones.
    """
    number = tidy(text)
    if _NUMBER.fullmatch(number):
        query = _by_number(ctx, number, citywide=citywide)
    elif key := search_form(text):
        query = _by_name(ctx, key)
    else:
        return []
    rows = ctx.session.execute(query.limit(limit * 3))
    hits = {row[0]: PersonHit(*row[: len(HIT_COLUMNS)]) for row in rows}
    return list(hits.values())[:limit]


def explain_nothing(text: str) -> Problem | None:
    """Say what is wrong with an ID number or phone that found nobody; None when it is in order or a name."""
    number = tidy(text)
    if not _NUMBER.fullmatch(number):
        return None
    try:
        read_phone(number) if len(number) == 11 else read_id_number(number)
    except Problem as problem:
        return problem
    return None


def _by_number(ctx: Context, number: str, *, citywide: bool) -> Select[*tuple[Any, ...]]:
    # coalesce keeps planners from the index over hub_id, which would read the whole hub.
    at_hub = func.coalesce(col(PersonRow.hub_id), "") == ctx.hub.id
    by_id = col(PersonRow.id_index).in_(possible_id_keys(ctx.keys, number))
    by_phone = and_(col(PersonRow.phone_index).in_(phone_keys(ctx.keys, number)), at_hub)
    query = select(*HIT_COLUMNS).where(or_(by_id if citywide else and_(by_id, at_hub), by_phone))
    return query.where(col(PersonRow.status) != "merged").order_by(at_hub.desc(), col(PersonRow.id))


def _by_name(ctx: Context, key: str) -> Select[*tuple[Any, ...]]:
    found = col(PersonKeyRow.key)
    return (
        select(*HIT_COLUMNS, found)
        .join(PersonKeyRow, col(PersonKeyRow.person_id) == col(PersonRow.id))
        .where(col(PersonKeyRow.hub_id) == ctx.hub.id, found >= key, found < key + AFTER_ALL)
        .where(col(PersonRow.status) != "merged")
        .order_by(found, col(PersonKeyRow.person_id))
    )
