"""The few columns of a person that lists and search need, kept equal to the facts that count."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlmodel import col, delete, insert

from ..store.context import Context
from .blind_keys import phone_key
from .models import PersonKeyRow, PersonRow
from .names import name_keys
from .phone import mask

#: Facts that have a column. The ID number has one too, but only `update_person` may change it.
MIRRORED = frozenset({"person.name", "person.sex", "person.birth_date", "person.phone"})


def mirror(ctx: Context, row: PersonRow, values: Mapping[str, Any]) -> None:
    """Write the values of mirrored facts into the columns, and the search keys when the name changed.

    Nothing is written when the columns say so already.
    """
    old_name = row.name
    for key, value in values.items():
        if value is not None:
            _write(ctx, row, key, value)
    if ctx.session.is_modified(row):
        row.updated_at = ctx.clock.now()
    if row.name != old_name:
        write_keys(ctx, row)


def _write(ctx: Context, row: PersonRow, key: str, value: Any) -> None:
    match key:
        case "person.name":
            row.name = value
        case "person.sex":
            row.sex = value
        case "person.birth_date":
            row.birth_date = value if isinstance(value, date) else date.fromisoformat(value)
        case "person.phone":
            row.phone = value or None
            row.phone_index = phone_key(ctx.keys, value) if value else None
            row.phone_masked = mask(value)


def write_keys(ctx: Context, row: PersonRow) -> None:
    """Write the search keys of a person anew."""
    ctx.session.flush()
    ctx.session.exec(delete(PersonKeyRow).where(col(PersonKeyRow.person_id) == row.id))
    keys = [{"key": key, "person_id": row.id, "hub_id": row.hub_id} for key in sorted(name_keys(row.name))]
    ctx.session.exec(insert(PersonKeyRow), params=keys)
