"""Finds households by parts of their address, or by the name of their head. One statement, narrow rows.

Addresses lie sealed: what is found are marks of their parts, which nobody can read.
"""

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from ..store.context import Context
from .address_keys import mark_address_key, query_keys
from .find import AFTER_ALL
from .household_models import AddressKeyRow
from .households import HEAD
from .models import HouseholdRow, MemberRow, PersonKeyRow, PersonRow
from .names import search_form

#: What tells an address from a name.
PLACE = re.compile(r"[路街巷里弄苑村镇坊幢栋号室]|小区|社区|花园|公寓|大道|胡同")
HEAD_WORD = "户主"
MOST_WORDS = 3


@dataclass(frozen=True, slots=True)
class HomeHit:
    """One household of a list."""

    id: str
    address: str
    head: str
    head_id: str
    members: int


def looks_like_address(text: str) -> bool:
    """Tell whether something typed may be an address: Han characters with a number or a word for a place."""
    has_han = bool(re.search(r"[\u3400-\u9fff]", text))
    is_place = bool(re.search(r"\d", text)) or (len(text) > 2 and bool(PLACE.search(text)))
    return has_han and is_place and bool(query_keys(text))


def find_households(ctx: Context, text: str, limit: int = 20) -> list[HomeHit]:
    """Find households of the hub by address parts, or by the name of the head; an empty text finds none."""
    name = search_form(text.removeprefix(HEAD_WORD))
    if not text.startswith(HEAD_WORD) and looks_like_address(text):
        query = _by_address(ctx, query_keys(text))
    elif name:
        query = _by_head(ctx, name)
    else:
        return []
    hits = {row[0]: HomeHit(row[0], row[1] or "", *row[2:]) for row in ctx.session.execute(query.limit(limit))}
    return list(hits.values())


def _columns() -> tuple[Any, ...]:
    living = aliased(MemberRow)
    members = (
        select(func.count())
        .where(col(living.household_id) == col(HouseholdRow.id), col(living.until).is_(None))
        .correlate(HouseholdRow)
        .scalar_subquery()
    )
    return col(HouseholdRow.id), col(HouseholdRow.address), col(PersonRow.name), col(PersonRow.id), members


def _by_address(ctx: Context, keys: list[str]) -> Select[*tuple[Any, ...]]:
    """Households that have every part asked for; those nobody lives in any more are left out."""
    marks = [mark_address_key(ctx.keys, ctx.hub.id, key) for key in keys[:MOST_WORDS]]
    query = (
        select(*_columns())
        .select_from(AddressKeyRow)
        .join(HouseholdRow, col(HouseholdRow.id) == col(AddressKeyRow.household_id))
        .join(MemberRow, col(MemberRow.household_id) == col(HouseholdRow.id))
        .join(PersonRow, col(PersonRow.id) == col(MemberRow.person_id))
        .where(col(AddressKeyRow.key) == marks[0], col(MemberRow.relation) == HEAD, col(MemberRow.until).is_(None))
        .order_by(col(AddressKeyRow.household_id))
    )
    for mark in marks[1:]:
        other = aliased(AddressKeyRow)
        same = (col(other.household_id) == col(AddressKeyRow.household_id), col(other.key) == mark)
        query = query.where(select(other.household_id).where(*same).exists())  # type: ignore[call-overload]
    return query


def _by_head(ctx: Context, key: str) -> Select[*tuple[Any, ...]]:
    found = col(PersonKeyRow.key)
    return (
        select(*_columns())
        .select_from(PersonKeyRow)
        .join(PersonRow, col(PersonRow.id) == col(PersonKeyRow.person_id))
        .join(MemberRow, col(MemberRow.person_id) == col(PersonRow.id))
        .join(HouseholdRow, col(HouseholdRow.id) == col(MemberRow.household_id))
        .where(col(PersonKeyRow.hub_id) == ctx.hub.id, found >= key, found < key + AFTER_ALL)
        .where(col(MemberRow.relation) == HEAD, col(MemberRow.until).is_(None), col(PersonRow.status) != "merged")
        .order_by(found, col(PersonKeyRow.person_id))
    )
