"""Reads the meter of a hub: sums by month, line and item. One query each, no counting when a page is opened."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlmodel import col

from ..store.context import Context
from .formula import Sums, sums_of
from .models import CountedRow, EntryMeterRow

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Metered:
    """One item in one month."""

    month: str
    line_id: str
    item_code: str
    sums: Sums


def read_meter(ctx: Context, lines: Iterable[str] | None = None) -> list[Metered]:
    """Give the newest twelve months of the hub, of these lines or all. One query."""
    query = select(EntryMeterRow).where(col(EntryMeterRow.hub_id) == ctx.hub.id)
    query = query.where(col(EntryMeterRow.month) >= first_month(ctx.clock.today()))
    known = None if lines is None else set(lines)
    rows = ctx.session.scalars(query.order_by(col(EntryMeterRow.month).desc(), col(EntryMeterRow.item_code)))
    return [
        Metered(row.month, row.line_id, row.item_code, sums_of(row))
        for row in rows
        if known is None or row.line_id in known
    ]


def counted_until(ctx: Context) -> date | None:
    """Give the last day that is counted; None before the first night."""
    row = ctx.session.get(CountedRow, ctx.hub.id)
    return row.until if row else None


def first_month(today: date) -> str:
    """Give the first month shown."""
    year, month = divmod(today.year * 12 + today.month - MONTHS, 12)
    return f"{year}-{month + 1:02d}"


def add_up(found: Iterable[Metered], by: str) -> dict[str, Sums]:
    """Add up by `month`, `line_id` or `item_code`."""
    sums: dict[str, Sums] = defaultdict(Sums)
    for one in found:
        sums[getattr(one, by)] += one.sums
    return dict(sums)
