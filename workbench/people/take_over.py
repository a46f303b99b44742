"""A file goes over to the hub where its person lives now: only from a hub that has it as moved away."""

from sqlmodel import col, update

from ..store.context import Context
from .models import PersonKeyRow, PersonRow
from .register import NoSuchPerson


def take_over(ctx: Context, person_id: str, *, to_hub: str = "") -> PersonRow:
    """Give a person of this hub; one whom another hub has as moved away becomes one of this hub.

    With `to_hub` a file goes back to where it was. Raises NoSuchPerson for who lives at another hub.
    """
    row = ctx.session.get(PersonRow, person_id)
    if row is None or row.status == "merged":
        raise NoSuchPerson
    wanted = to_hub or ctx.hub.id
    if row.hub_id == wanted:
        return row
    if not to_hub and row.status != "moved":
        raise NoSuchPerson
    row.hub_id, row.community_id, row.grid_id = wanted, "", ""
    row.version += 1
    row.updated_at = ctx.clock.now()
    ctx.session.add(row)
    ctx.session.flush()
    ctx.session.exec(update(PersonKeyRow).where(col(PersonKeyRow.person_id) == row.id).values(hub_id=wanted))
    return row
