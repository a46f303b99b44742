"""Faults of lines, kept: each process hands on what its hook calls caught; counted per line and hook."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, select

from ..host.call import Fault
from ..store.context import Context
from ..store.first import ensure_row
from .models import LineFaultRow

KEPT = timedelta(days=30)


def keep_faults(session: Session, faults: Sequence[Fault], now: datetime) -> None:
    """Count faults; what has not happened for a month is forgotten."""
    for fault in sorted(faults, key=lambda one: (one.line_id, one.hook)):
        about = {"line_id": fault.line_id, "hook": fault.hook, "reason": fault.reason}
        row = ensure_row(session, LineFaultRow(**about, count=0, first_at=now, last_at=now))
        row.reason, row.count, row.last_at = fault.reason, row.count + 1, now
        session.flush()
    session.exec(delete(LineFaultRow).where(col(LineFaultRow.last_at) < now - KEPT))


def list_faults(ctx: Context) -> list[LineFaultRow]:
    """List the faults of the last month, the newest first."""
    since = ctx.clock.now() - KEPT
    query = select(LineFaultRow).where(col(LineFaultRow.last_at) >= since)
    return list(ctx.session.exec(query.order_by(col(LineFaultRow.last_at).desc(), LineFaultRow.line_id)))
