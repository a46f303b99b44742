"""Who has a case open right now: two people at one case are told of each other at once, not when they submit.

Opening the page writes one row; its poll renews it. Whoever hides the window or leaves is gone after a minute.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col
from sqlmodel.sql.sqltypes import UTCDateTime

from ..store.context import Context
from ..store.rows import prepare, run
from .models import PresenceRow

#: A page asks at least every 20 seconds; one that missed three polls is not there any more.
PRESENT, RENEWED = timedelta(seconds=60), timedelta(seconds=15)
_SINCE = bindparam("since", type_=UTCDateTime())
BESIDE = prepare(
    select(*(col(getattr(PresenceRow, name)) for name in ("worker_id", "worker_name", "seen_at")))
    .where(col(PresenceRow.case_id) == bindparam("case"), col(PresenceRow.seen_at) > _SINCE)
    .order_by(col(PresenceRow.worker_name), col(PresenceRow.worker_id))
)
#: Both databases read this form.
_NEW = insert(PresenceRow).values({name: bindparam(name) for name in PresenceRow.model_fields})
COME = prepare(
    _NEW.on_conflict_do_update(index_elements=["case_id", "worker_id"], set_={"seen_at": _NEW.excluded.seen_at})
)


def others_beside(ctx: Context, case_id: str) -> tuple[tuple[str, ...], bool]:
    """Name the others who have a case open, and tell whether this worker should be noted anew. One query."""
    now = ctx.clock.now()
    rows: list[Any] = run(ctx.session, BESIDE, case=case_id, since=now - PRESENT).all()
    names = tuple(row.worker_name for row in rows if row.worker_id != ctx.actor.id)
    return names, not any(row.worker_id == ctx.actor.id and row.seen_at > now - RENEWED for row in rows)


def come_to(ctx: Context, case_id: str) -> None:
    """Note that this worker has a case open. One statement; safe twice."""
    about = {"worker_id": ctx.actor.id, "worker_name": ctx.actor.name}
    run(ctx.session, COME, case_id=case_id, seen_at=ctx.clock.now(), **about)


def forget_gone(session: Session, now: datetime) -> None:
    """Take away the rows of those who left long ago."""
    session.execute(delete(PresenceRow).where(col(PresenceRow.seen_at) < now - timedelta(days=1)))
