"""Break-glass: a worker sees a resident or a case beyond their rights for a short time, and says why.

It opens at once, for nobody may have to wait; its hub's admins are told, it ends by its own date, and an admin or the
worker ends it earlier. Opening and ending stand in the trail at both hubs.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select as columns
from sqlmodel import col, func, select

from ..api.nouns import Hub
from ..hubs.open_lines import find_hub
from ..store.context import Context
from ..store.ids import new_id
from ..store.problems import Problem
from .audit import record
from .emergency_models import EmergencyRow

#: A reason shorter than this says nothing.
SHORTEST = 6
#: What comes again within this time, word for word, is the same press.
ONE_PRESS = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Whom:
    """Whom an emergency is about, and whose hub is told."""

    hub_id: str
    person_id: str
    case_id: str = ""
    line_id: str = ""


def open_emergency(ctx: Context, whom: Whom, reason: str, minutes: int) -> EmergencyRow:
    """Let the actor see somebody for so many minutes; raises Problem without a reason that says something.

    A second press gives what the first one opened.
    """
    refuse_no_reason(reason)
    now, said = ctx.clock.now(), reason.strip()[:200]
    for one in running(ctx):
        is_same = Whom(one.hub_id, one.person_id, one.case_id, one.line_id) == whom and one.reason == said
        if is_same and now - one.begun_at < ONE_PRESS:
            return one
    row = EmergencyRow(
        id=new_id(),
        hub_id=whom.hub_id,
        from_hub_id=ctx.hub.id,
        worker_id=ctx.actor.id,
        person_id=whom.person_id,
        case_id=whom.case_id,
        line_id=whom.line_id,
        reason=said,
        begun_at=now,
        ends_at=now + timedelta(minutes=minutes),
    )
    ctx.session.add(row)
    ctx.session.flush()
    write_down(ctx, row, "emergency.open")
    return row


def refuse_no_reason(reason: str) -> None:
    """Refuse a reason that says nothing; raises Problem."""
    if len(reason.strip()) < SHORTEST:
        zh, en = "请写明紧急查看的原因，至少六个字。", "Say in some words why you must see this now."
        raise Problem("reason_needed", zh, en, field="reason")


def write_down(ctx: Context, row: EmergencyRow, action: str) -> None:
    """Write an act of an emergency into the trail, at the worker's hub and at the hub it is about."""
    about = {"person_id": row.person_id, "subject": f"emergency:{row.id}", "purpose": row.reason}
    record(ctx, action, **about, detail={"case": row.case_id, "line": row.line_id})
    for hub_id in {row.hub_id, row.from_hub_id} - {ctx.hub.id}:
        record(ctx.at(_hub(ctx, hub_id)), action, **about, detail={"case": row.case_id, "line": row.line_id})


def _hub(ctx: Context, hub_id: str) -> Hub:
    return find_hub(ctx.session, hub_id) or ctx.hub


def is_let_see(ctx: Context, person_id: str) -> bool:
    """Tell whether the actor may see this resident now because of an emergency. One query."""
    e = EmergencyRow
    query = columns(col(e.id)).where(
        col(e.worker_id) == ctx.actor.id,
        col(e.person_id) == person_id,
        col(e.ends_at) > ctx.clock.now(),
        col(e.from_hub_id) == ctx.hub.id,
    )
    return ctx.session.execute(query.limit(1)).first() is not None


def find_own(ctx: Context, emergency_id: str) -> EmergencyRow | None:
    """Give an emergency of the actor at this hub that has not ended."""
    row = ctx.session.get(EmergencyRow, emergency_id[:26])
    is_own = row is not None and (row.worker_id, row.from_hub_id) == (ctx.actor.id, ctx.hub.id)
    return row if row is not None and is_own and row.ends_at > ctx.clock.now() else None


def running(ctx: Context) -> list[EmergencyRow]:
    """List what is open to the actor at this hub."""
    e = EmergencyRow
    query = select(e).where(e.worker_id == ctx.actor.id, e.from_hub_id == ctx.hub.id, e.ends_at > ctx.clock.now())
    return list(ctx.session.exec(query.order_by(col(e.ends_at))))


def end_emergency(ctx: Context, emergency_id: str) -> EmergencyRow:
    """End it now; only its worker and the admins of the hub it is about can. Safe twice."""
    row = ctx.session.get(EmergencyRow, emergency_id[:26], with_for_update=True)
    if row is None or (row.worker_id != ctx.actor.id and row.hub_id != ctx.hub.id):
        raise Problem("emergency_unknown", "没有这次紧急查看。", "There is no such look in an emergency.")
    now = ctx.clock.now()
    if row.ends_at > now:
        row.ends_at, row.ended_by = now, ctx.actor.id
        write_down(ctx, row, "emergency.end")
    return row


def take_notice(ctx: Context, emergency_id: str) -> EmergencyRow:
    """Note that an admin of the hub it is about has seen it. Safe twice."""
    row = ctx.session.get(EmergencyRow, emergency_id[:26], with_for_update=True)
    if row is None or row.hub_id != ctx.hub.id:
        raise Problem("emergency_unknown", "没有这次紧急查看。", "There is no such look in an emergency.")
    if row.seen_at is None:
        row.seen_at, row.seen_by = ctx.clock.now(), ctx.actor.id
        record(ctx, "emergency.seen", person_id=row.person_id, subject=f"emergency:{row.id}")
    return row


def count_unseen(ctx: Context) -> int:
    """Count the emergencies of this hub that no admin has taken notice of. One query."""
    e = EmergencyRow
    query = select(func.count()).select_from(e).where(e.hub_id == ctx.hub.id, col(e.seen_at).is_(None))
    return ctx.session.exec(query).one()
