"""What travels from the token's hub to departments: where each delivery stands, without a person's data."""

from collections.abc import Mapping
from typing import Any, Literal

from sqlalchemy import select
from sqlmodel import col

from ..delivery.models import DeliveryRow, PlatformRow
from ..delivery.standing import name_of
from ..delivery.words import tell
from ..store.context import Context
from ..store.problems import Problem
from ..web.acting import reading
from ..web.services import services
from .operations import operation
from .shapes import After, Asked, Limit, Moment, Shape, Word, Words

State = Literal["waiting", "sending", "sent", "accepted", "done", "refused", "needs-people", "parked"]


class DeliveriesAsked(Asked):
    """Which deliveries, newest first."""

    state: State | None = None
    platform: Word = ""
    after: After = ""
    limit: Limit = 20


class DeliveryTold(Shape):
    """One delivery. `who` has to act next; it is empty when nobody has to."""

    id: str
    case_id: str
    case_no: str
    item_code: str
    platform: str
    platform_name: Words
    operation: str
    state: str
    reason: str
    text: Words
    who: Words
    reference: str
    attempts: int
    created_at: Moment
    sent_at: Moment | None
    accepted_at: Moment | None
    done_at: Moment | None
    updated_at: Moment


class DeliveryPage(Shape):
    """A page of deliveries; `next` is null on the last."""

    deliveries: list[DeliveryTold]
    next: str | None


D = DeliveryRow
PLAIN = (
    "id", "case_id", "case_no", "item_code", "operation", "state", "reason", "reference", "attempts",
    "created_at", "sent_at", "accepted_at", "done_at", "updated_at",
)  # fmt: skip
COLUMNS = (
    *(col(getattr(D, name)) for name in PLAIN),
    col(D.platform_id),
    col(PlatformRow.closed_until),
    col(PlatformRow.closed_reason),
)


@operation("GET", "/deliveries", scope="deliveries:read", answer=DeliveryPage, query=DeliveriesAsked)
def list_deliveries(asked: DeliveriesAsked) -> DeliveryPage:
    """List the deliveries of the hub, newest first."""
    conditions: list[Any] = [col(D.state) == asked.state] if asked.state else []
    conditions += [col(D.platform_id) == asked.platform] if asked.platform else []
    conditions += [col(D.id) < asked.after] if asked.after else []
    found = read_deliveries(reading(), *conditions, limit=asked.limit + 1)
    shown = found[: asked.limit]
    return DeliveryPage(deliveries=shown, next=shown[-1].id if len(found) > len(shown) else None)


@operation("GET", "/deliveries/<delivery_id>", scope="deliveries:read", answer=DeliveryTold)
def show_delivery(delivery_id: str) -> DeliveryTold:
    """Show where one delivery stands."""
    found = read_deliveries(reading(), col(D.id) == delivery_id, limit=1)
    if not found:
        raise Problem("no_such_delivery", "本站点没有此报送。", "This hub has no such delivery.")
    return found[0]


def read_deliveries(ctx: Context, *conditions: Any, limit: int) -> list[DeliveryTold]:
    """Read deliveries of the hub, newest first. One query."""
    query = (
        select(*COLUMNS)
        .outerjoin(PlatformRow, col(PlatformRow.platform_id) == D.platform_id)
        .where(col(D.hub_id) == ctx.hub.id, *conditions)
        .order_by(col(D.id).desc())
        .limit(limit)
    )
    return [_tell(row._asdict()) for row in ctx.session.execute(query)]


def _tell(row: Mapping[str, Any]) -> DeliveryTold:
    zh, en = name_of(services().installed, row["platform_id"])
    words = tell(
        row["state"],
        row["reason"],
        platform_zh=zh,
        platform_en=en,
        reference=row["reference"],
        closed_reason=row["closed_reason"] if row["closed_until"] else "",
    )
    return DeliveryTold(
        **{name: row[name] for name in PLAIN},
        platform=row["platform_id"],
        platform_name=Words(zh=zh, en=en),
        text=Words(zh=words.text_zh, en=words.text_en),
        who=Words(zh=words.who_zh, en=words.who_en),
    )
