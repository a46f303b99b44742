"""One box finds a resident: name or part of it, pinyin, initials, ID number, phone.

Names are found at the hub only. A full ID number may also be asked for citywide, for residents who
come to another hub than their own. Narrow rows, one statement; two for what looks like a
mobile number and is nobody's.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Integer, and_, bindparam, func, literal_column, or_, select
from sqlmodel import col

from ..identity.seen import lists
from ..store.context import Context
from ..store.problems import Problem
from ..store.rows import Prepared, Rows, prepare, run
from .blind_keys import is_personal, phone_keys, possible_id_keys
from .id_number import read_id_number, tidy
from .models import PersonKeyRow, PersonRow
from .names import search_form
from .phone import MOBILE, read_phone

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
SHOWN = len(HIT_COLUMNS)
_MOST = bindparam("most", type_=Integer)
#: In words: PostgreSQL guesses that a value it does not know leaves nobody, and would plan at every search.
_THERE = col(PersonRow.status) != literal_column("'merged'")
#: coalesce keeps planners from the index over hub_id, which would read the whole hub.
_AT_HUB = func.coalesce(col(PersonRow.hub_id), "") == bindparam("hub")
_BY_ID = col(PersonRow.id_index).in_(bindparam("ids", expanding=True))
_BY_PHONE = and_(col(PersonRow.phone_index).in_(bindparam("phones", expanding=True)), _AT_HUB)


def _numbered(condition: Any) -> Prepared:
    return prepare(select(*HIT_COLUMNS).where(condition, _THERE).limit(_MOST))


BY_PHONE, BY_ID, BY_ID_CITYWIDE = _numbered(_BY_PHONE), _numbered(and_(_BY_ID, _AT_HUB)), _numbered(_BY_ID)
BY_EITHER, BY_EITHER_CITYWIDE = _numbered(or_(and_(_BY_ID, _AT_HUB), _BY_PHONE)), _numbered(or_(_BY_ID, _BY_PHONE))


@lru_cache(64)
def by_name(most: int) -> Prepared:
    """Give the statement for so many rows; the number stands in it for the same reason."""
    return prepare(
        select(*HIT_COLUMNS)
        .join(PersonKeyRow, col(PersonKeyRow.person_id) == col(PersonRow.id))
        .where(col(PersonKeyRow.hub_id) == bindparam("hub"), col(PersonKeyRow.key) >= bindparam("first"))
        .where(col(PersonKeyRow.key) < bindparam("beyond"), _THERE)
        .order_by(col(PersonKeyRow.key), col(PersonKeyRow.person_id))
        .limit(literal_column(str(int(most)), Integer))
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
        rows: Iterable[Any] = _by_number(ctx, number, limit * 3, citywide=citywide)
    elif key := search_form(text):
        rows = run(ctx.session, by_name(limit * 3), hub=ctx.hub.id, first=key, beyond=key + AFTER_ALL)
    else:
        return []
    hits: dict[str, PersonHit] = {}
    for row in rows:
        if row[0] not in hits:
            hits[row[0]] = PersonHit(*row[:SHOWN])
            if len(hits) == limit:
                break
    lists(hits)
    return list(hits.values())


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


def _by_number(ctx: Context, number: str, most: int, *, citywide: bool) -> list[Any]:
    """The hub's own come first. So few have one number that they are put in order here, not by the database.

    A citizen's number is no phone; what looks like a mobile is asked for as an ID only where it is nobody's phone.
    """
    asked: dict[str, Any] = {"hub": ctx.hub.id, "most": most}
    found: Rows | None = None
    if MOBILE.fullmatch(number):
        found = run(ctx.session, BY_PHONE, phones=phone_keys(ctx.keys, number), **asked)
    if found is None or not found.all():
        asked["ids"] = possible_id_keys(ctx.keys, number)
        if is_personal(number):
            found = run(ctx.session, BY_ID_CITYWIDE if citywide else BY_ID, **asked)
        else:
            asked["phones"] = phone_keys(ctx.keys, number)
            found = run(ctx.session, BY_EITHER_CITYWIDE if citywide else BY_EITHER, **asked)
    return sorted(found, key=lambda row: (row.hub_id != ctx.hub.id, row.id))
