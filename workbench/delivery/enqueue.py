"""Puts what was accepted on its way: the form frozen once, one row per platform, in the accept transaction.

The content of a payload is `{"values": {...}, "files": [{"digest", "name", "media_type", "size",
"material"}], "decide": "after_opinion"}`; all but `values` may be missing.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlmodel import col, func, select

from ..store.context import Context
from ..store.ids import new_id
from .models import DeliveryRow, PayloadRow

Order = Literal["case", "person", "none"]


@dataclass(frozen=True, slots=True)
class AcceptedCase:
    """What a parcel says about the case it belongs to."""

    case_id: str
    case_no: str
    person_id: str
    hub_id: str
    division: str
    item_code: str
    item_version: str
    item_title: str
    worker_name: str
    basis: str = ""


def store_payload(ctx: Context, content: Mapping[str, Any]) -> PayloadRow:
    """Freeze an accepted form; deliveries refer to it and nothing ever changes it."""
    plain = dict(content)
    row = PayloadRow(id=new_id(), content=plain, digest=digest_of(plain), created_at=ctx.clock.now())
    ctx.session.add(row)
    ctx.session.flush()
    return row


def digest_of(content: Mapping[str, Any]) -> str:
    """Give the digest by which a payload is known to be unchanged."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def enqueue(
    ctx: Context,
    *,
    case: AcceptedCase,
    payload_id: str,
    platform_id: str,
    operation: str = "apply",
    order: Order = "case",
    extra: Mapping[str, Any] | None = None,
) -> DeliveryRow:
    """Add one parcel to its lane. Its id is the parcel's key for life; after commit it cannot be lost.

    `order` is the platform manifest's; parcels of one case or one person go one after the other.
    """
    now = ctx.clock.now()
    key = new_id()
    row = DeliveryRow(
        id=key,
        case_id=case.case_id,
        case_no=case.case_no,
        hub_id=case.hub_id,
        division=case.division,
        item_code=case.item_code,
        item_version=case.item_version,
        item_title=case.item_title,
        worker_name=case.worker_name,
        basis=case.basis,
        platform_id=platform_id,
        operation=operation,
        payload_id=payload_id,
        extra=dict(extra) if extra else None,
        lane=lane_of(platform_id, order, case, key),
        position=0,
        due_at=now,
        created_at=now,
        updated_at=now,
    )
    if order != "none":
        # Asked within the INSERT itself: no further round trip in the accept transaction.
        last = func.coalesce(func.max(DeliveryRow.position), 0)
        row.position = select(last + 1).where(col(DeliveryRow.lane) == row.lane).scalar_subquery()  # type: ignore[assignment]
    ctx.session.add(row)
    return row


def lane_of(platform_id: str, order: Order, case: AcceptedCase, key: str) -> str:
    """Name the lane of a parcel; without order each parcel has a lane of its own."""
    whose = {"case": case.case_id, "person": case.person_id, "none": key}
    return f"{platform_id}:{whose[order]}"
