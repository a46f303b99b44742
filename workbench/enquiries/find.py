"""Enquiries of a hub: those that wait, those of one resident, by number; and how many there were."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlmodel import Session, col

from ..identity.seen import lists
from ..people.models import PersonRow
from ..store.clock import SHANGHAI
from ..store.context import Context
from .models import EnquiryRow

MOST = 200
_NAMES = ("id", "number", "line_id", "item_code", "title_zh", "title_en", "person_id", "asked_by", "state", "due_on",
          "passed_to", "receipt", "made_at", "made_name")  # fmt: skip


def _columns() -> Select[Any]:
    chosen = [col(getattr(EnquiryRow, name)) for name in _NAMES]
    query = select(*chosen, col(PersonRow.name).label("person"))
    return query.outerjoin(PersonRow, col(PersonRow.id) == col(EnquiryRow.person_id))


def list_enquiries(ctx: Context, lines: Sequence[str], state: str = "", number: str = "") -> list[Any]:
    """List enquiries about some lines, those that wait first, then the newest. One query."""
    e = EnquiryRow
    query = _columns().where(col(e.hub_id) == ctx.hub.id, col(e.line_id).in_(lines))
    if number:
        query = query.where(col(e.number) == number)
    elif state:
        query = query.where(col(e.state) == state)
    order = [col(e.due_on), col(e.id)] if state == "open" else [col(e.made_at).desc(), col(e.id).desc()]
    return _noted(list(ctx.session.execute(query.order_by(*order).limit(MOST))))


def enquiries_of(ctx: Context, person_id: str, lines: Sequence[str]) -> list[Any]:
    """List what a resident asked at this hub, the newest first. One query."""
    e = EnquiryRow
    query = _columns().where(col(e.person_id) == person_id, col(e.hub_id) == ctx.hub.id, col(e.line_id).in_(lines))
    return _noted(list(ctx.session.execute(query.order_by(col(e.id).desc()).limit(20))))


def _noted(rows: list[Any]) -> list[Any]:
    """Note whom a list names, for the trail."""
    lists(row.person_id for row in rows if row.person_id)
    return rows


def count_enquiries(ctx: Context, lines: Sequence[str]) -> dict[str, int]:
    """Count this month's enquiries by how they stand, and all that wait. One query."""
    e, day = EnquiryRow, ctx.clock.today().replace(day=1)
    since = datetime.combine(day, time(), SHANGHAI)
    ours = (col(e.hub_id) == ctx.hub.id, col(e.line_id).in_(lines))
    waiting = select(func.count(col(e.id))).where(*ours, col(e.state) == "open").scalar_subquery()
    sums = [
        func.coalesce(func.sum(case((col(e.state) == state, 1), else_=0)), 0) for state in ("answered", "passed-on")
    ]
    query = select(waiting, func.count(col(e.id)), *sums).where(*ours, col(e.made_at) >= since)
    return dict(zip(("open", "month", "answered", "passed"), ctx.session.execute(query).one(), strict=True))


def count_unanswered(session: Session, line_id: str) -> int:
    """Count the enquiries about a line's items at all hubs that wait."""
    e = EnquiryRow
    query = select(func.count(col(e.id))).where(col(e.line_id) == line_id, col(e.state) == "open")
    return int(session.execute(query).scalar_one())
