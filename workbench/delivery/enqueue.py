"""Puts what was accepted on its way: the form frozen once, one row per platform, in the accept transaction.

The content of a payload is `{"values": {...}, "files": [{"digest", "name", "media_type", "size",
"material"}], "decide": "after_opinion"}`; all but `values` may be missing.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import bindparam, insert
from sqlmodel import col, func, select

from ..store.context import Context
from ..store.ids import new_id
from ..store.rows import add, prepare, run_each
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


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One parcel to be put on its way.

    `order` is the platform manifest's; parcels of one case or one person go one after the other.
    `extra` holds what this operation adds to the form.
    """

    case: AcceptedCase
    payload_id: str
    platform_id: str
    operation: str = "apply"
    order: Order = "case"
    extra: Mapping[str, Any] | None = None


#: The place in the lane is asked for within the INSERT itself.
ADD = prepare(
    insert(DeliveryRow).values(
        position=select(func.coalesce(func.max(DeliveryRow.position), 0) + 1)
        .where(col(DeliveryRow.lane) == bindparam("of_lane"))
        .scalar_subquery()
    )
)


def store_payload(ctx: Context, content: Mapping[str, Any], *, replaces: str = "") -> str:
    """Freeze one accepted form, or one that takes the place of another; gives its id."""
    return store_payloads(ctx, [content], replaces=replaces)[0]


def store_payloads(ctx: Context, contents: Sequence[Mapping[str, Any]], *, replaces: str = "") -> list[str]:
    """Freeze accepted forms; deliveries refer to them by id and nothing changes them until they are erased.

    One statement.
    """
    now = ctx.clock.now()
    rows = [
        {
            "id": new_id(),
            "content": dict(content),
            "digest": digest_of(content),
            "created_at": now,
            "replaces": replaces,
        }
        for content in contents
    ]
    add(ctx.session, PayloadRow, rows)
    return [str(row["id"]) for row in rows]


def digest_of(content: Mapping[str, Any]) -> str:
    """Give the digest by which a payload is known to be unchanged."""
    return hashlib.sha256(_whole(content).encode()).hexdigest()


_whole = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


def enqueue(ctx: Context, parcels: Sequence[Outgoing]) -> list[str]:
    """Add parcels to their lanes, in this order; gives their keys for life. One statement.

    After the commit none of them can be lost.
    """
    rows = [_row(parcel, ctx.clock.now()) for parcel in parcels]
    run_each(ctx.session, ADD, rows)
    return [str(row["id"]) for row in rows]


def _row(parcel: Outgoing, now: datetime) -> dict[str, Any]:
    key, case = new_id(), parcel.case
    lane = lane_of(parcel.platform_id, parcel.order, case, key)
    return {
        "id": key,
        "case_id": case.case_id,
        "case_no": case.case_no,
        "hub_id": case.hub_id,
        "division": case.division,
        "item_code": case.item_code,
        "item_version": case.item_version,
        "item_title": case.item_title,
        "worker_name": case.worker_name,
        "basis": case.basis,
        "platform_id": parcel.platform_id,
        "operation": parcel.operation,
        "payload_id": parcel.payload_id,
        "extra": dict(parcel.extra) if parcel.extra else None,
        "lane": lane,
        "of_lane": lane,
        "due_at": now,
        "created_at": now,
        "updated_at": now,
    }


def lane_of(platform_id: str, order: Order, case: AcceptedCase, key: str) -> str:
    """Name the lane of a parcel; without order each parcel has a lane of its own."""
    whose = {"case": case.case_id, "person": case.person_id, "none": key}
    return f"{platform_id}:{whose[order]}"
