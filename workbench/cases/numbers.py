"""Case numbers: division, day, number of the day at the hub; no gaps, never reused."""

from datetime import date

from ..store.context import Context
from .models import CaseNumberRow


def next_case_no(ctx: Context, day: date) -> str:
    """Give the hub's next number, e.g. 990100001001-20261122-00042; taken with the caller's transaction."""
    row = ctx.session.get(CaseNumberRow, (ctx.hub.id, day), with_for_update=True)
    if row is None:
        row = CaseNumberRow(hub_id=ctx.hub.id, day=day, last=0)
    row.last += 1
    ctx.session.add(row)
    ctx.session.flush()
    return f"{ctx.hub.division.ljust(12, '0')}-{day:%Y%m%d}-{row.last:05d}"
