"""Which residents a worker may open: those of the hub, and one of another hub after a stated reason.

A visitor is found citywide by the full ID number only. The reason stands in the trail, and that
entry is what opens the file to this worker at this hub for the rest of the shift. An emergency opens it too.
"""

from datetime import timedelta

from sqlalchemy import select
from sqlmodel import col

from ..identity.audit import record
from ..identity.emergency import is_let_see
from ..identity.models import AuditRow
from ..store.context import Context
from ..store.problems import Problem
from .find import PersonHit, find_people
from .models import PersonRow
from .register import NoSuchPerson, get_person

CITYWIDE = "person.citywide"
SHIFT = timedelta(hours=13)


def find_resident(ctx: Context, person_id: str) -> PersonRow:
    """Give a resident this worker may open here; raises NoSuchPerson. At most two more queries, for a visitor only."""
    row = get_person(ctx, person_id[:26], citywide=True)
    if row.status == "merged" or (row.hub_id != ctx.hub.id and not _is_open_to(ctx, row.id)):
        raise NoSuchPerson
    return row


def let_in_visitor(ctx: Context, id_no: str, reason: str) -> PersonHit | None:
    """Find a resident of any hub by the full ID number and open the file to this worker; raises Problem."""
    if len(reason.strip()) < 2:
        zh, en = "请写明跨站点查找的原因。", "Say why you look beyond this hub."
        raise Problem("reason_needed", zh, en, "reason")
    found = [hit for hit in find_people(ctx, id_no, citywide=True) if hit.id_masked]
    if len(found) != 1:
        record(ctx, "search", purpose=reason.strip(), detail={"kind": "citywide", "hits": len(found)})
        return None
    record(ctx, CITYWIDE, person_id=found[0].id, purpose=reason.strip())
    return found[0]


def _is_open_to(ctx: Context, person_id: str) -> bool:
    return _was_let_in(ctx, person_id) or is_let_see(ctx, person_id)


def _was_let_in(ctx: Context, person_id: str) -> bool:
    since = ctx.clock.now() - SHIFT
    query = select(col(AuditRow.id)).where(
        col(AuditRow.person_id) == person_id,
        col(AuditRow.at) >= since,
        col(AuditRow.actor_id) == ctx.actor.id,
        col(AuditRow.hub_id) == ctx.hub.id,
        col(AuditRow.action) == CITYWIDE,
    )
    return ctx.session.execute(query.limit(1)).first() is not None
