"""Lists of deliveries and of messages nobody knows: narrow rows, one query each, paged by the last row seen."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, union_all
from sqlalchemy import select as columns
from sqlmodel import Session, col, func, select

from ..store.context import Context
from .models import STATES, DeliveryRow, OutcomeRow

#: What the list offers as its first choice: everything a department does not have yet.
OPEN = ("waiting", "sending", "needs-people", "parked")


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """One row of the list; whose matter it is stands with the case."""

    id: str
    case_id: str
    case_no: str
    platform_id: str
    operation: str
    item_code: str
    item_title: str
    state: str
    reason: str
    attempts: int
    reference: str
    due_at: datetime
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Stray:
    """One message about no parcel of ours; what it says stays sealed, for it may name a person."""

    id: int
    platform_id: str
    status: str
    raw_status: str
    reference: str
    parcel_key: str
    received_at: datetime


def list_deliveries(
    ctx: Context, *, states: tuple[str, ...] = (), platform_id: str = "", after: str = "", limit: int = 51
) -> list[DeliveryLine]:
    """List the hub's deliveries, the newest first."""
    d = DeliveryRow
    query = select(  # type: ignore[call-overload]
        d.id, d.case_id, d.case_no, d.platform_id, d.operation, d.item_code, d.item_title, d.state, d.reason,
        d.attempts, d.reference, d.due_at, d.created_at, d.updated_at,
    )  # fmt: skip
    # State by state an index gives the newest; several states at once would be sorted whole for every page.
    newest = union_all(*(_newest(ctx, state, platform_id, after, limit) for state in states or STATES))
    query = query.where(col(d.id).in_(newest)).order_by(col(d.id).desc())
    return [DeliveryLine(*row) for row in ctx.session.exec(query.limit(limit))]


def _newest(ctx: Context, state: str, platform_id: str, after: str, limit: int) -> Select[tuple[str]]:
    query = columns(col(DeliveryRow.id)).where(col(DeliveryRow.hub_id) == ctx.hub.id, col(DeliveryRow.state) == state)
    if platform_id:
        query = query.where(col(DeliveryRow.platform_id) == platform_id)
    if after:
        query = query.where(col(DeliveryRow.id) < after)
    return columns(query.order_by(col(DeliveryRow.id).desc()).limit(limit).subquery().c.id)


def count_by_state(ctx: Context, platform_id: str = "") -> dict[str, int]:
    """Count the hub's deliveries by state."""
    query = select(DeliveryRow.state, func.count()).where(DeliveryRow.hub_id == ctx.hub.id)
    if platform_id:
        query = query.where(DeliveryRow.platform_id == platform_id)
    return dict(ctx.session.exec(query.group_by(col(DeliveryRow.state))).all())


def list_strays(session: Session, limit: int = 200) -> list[Stray]:
    """List messages about no parcel of ours, the newest first."""
    o = OutcomeRow
    query = select(  # type: ignore[call-overload]
        o.id, o.platform_id, o.status, o.raw_status, o.reference, o.parcel_key, o.received_at
    ).where(o.delivery_id == "", o.settled_by == "")
    return [Stray(*row) for row in session.exec(query.order_by(col(o.id).desc()).limit(limit))]


def count_strays(session: Session) -> int:
    """Count messages about no parcel of ours."""
    strays = select(func.count()).select_from(OutcomeRow)
    return session.exec(strays.where(OutcomeRow.delivery_id == "", OutcomeRow.settled_by == "")).one()
