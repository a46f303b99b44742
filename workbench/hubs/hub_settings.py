"""Settings of lines that differ by hub: what a hub does not set itself, it inherits from the hub above it.

The hub above is named by `parent_id`, a community's hub by its street's. Secrets are sealed, and are never shown again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, bindparam, literal, select
from sqlmodel import Session, col

from ..store.context import Context
from ..store.first import ensure_row
from ..store.rows import prepare, run
from .models import HubRow, HubSettingRow

#: More levels than there are from a country to a hub; a ring of parents ends here.
DEEPEST = 8
_start = (
    select(col(HubRow.id), col(HubRow.parent_id), literal(0, Integer).label("depth"))
    .where(col(HubRow.id) == bindparam("hub"))
    .cte("above", recursive=True)
)
ABOVE = _start.union_all(
    select(col(HubRow.id), col(HubRow.parent_id), _start.c.depth + 1)
    .join(_start, col(HubRow.id) == _start.c.parent_id)
    .where(_start.c.depth < DEEPEST)
)
_S = HubSettingRow
SETTINGS = prepare(
    select(col(_S.owner), col(_S.key), col(_S.value), col(_S.secret), col(_S.hub_id), col(HubRow.name_zh),
           col(HubRow.name_en), ABOVE.c.depth)
    .join(ABOVE, ABOVE.c.id == col(_S.hub_id))
    .join(HubRow, col(HubRow.id) == col(_S.hub_id))
    .where(col(_S.owner).in_(bindparam("owners", expanding=True)))
    .order_by(ABOVE.c.depth.desc())
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Held:
    """One value and the hub it comes from."""

    value: Any
    is_secret: bool
    hub_id: str
    hub_zh: str
    hub_en: str
    is_own: bool


def read_settings(session: Session, hub_id: str, owners: Iterable[str]) -> Mapping[str, Mapping[str, Held]]:
    """Give the settings that count at a hub, by owner and key: its own first, then the nearest above. One query."""
    found: dict[str, dict[str, Held]] = {owner: {} for owner in owners}
    for row in run(session, SETTINGS, hub=hub_id, owners=sorted(found)):
        value = row.value if row.secret is None else row.secret
        held = Held(value, row.secret is not None, row.hub_id, row.name_zh, row.name_en, row.depth == 0)
        found[row.owner][row.key] = held
    return found


def write_setting(ctx: Context, owner: str, key: str, value: str, *, is_secret: bool = False) -> bool:
    """Set one value at the context's hub, or inherit it again when it is empty; tells whether anything changed."""
    about = (ctx.hub.id, owner, key)
    if not value:
        row = ctx.session.get(HubSettingRow, about, with_for_update=True)
        if row is not None:
            ctx.session.delete(row)
        return row is not None
    plain, secret = ("", value) if is_secret else (value, None)
    by, at = ctx.actor.id, ctx.clock.now()
    row = ensure_row(ctx.session, HubSettingRow(hub_id=ctx.hub.id, owner=owner, key=key, set_by=by, set_at=at))
    if (row.value, row.secret) == (plain, secret):
        return False
    row.value, row.secret, row.set_by, row.set_at = plain, secret, by, at
    return True
