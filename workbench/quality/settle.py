"""Bad ratings: who may look into them, the call-back, what was found and done.

Until one is settled nobody but the hub's admin sees who gave it; the worker it is about never settles it.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import col, func, select

from ..cases.models import CaseRow
from ..identity.audit import record
from ..people.models import PersonRow
from ..staff.models import WorkerRow
from ..store.context import Context
from ..store.problems import Problem
from .models import MatterRatingRow, VisitRatingRow


@dataclass(frozen=True, slots=True)
class Rated:
    """One bad rating in a list."""

    id: str
    at: datetime
    worst: int
    channel: str
    state: str
    due_on: date | None
    worker: str
    called_at: datetime | None


@dataclass(frozen=True, slots=True)
class Count:
    """How a hub was rated within some days: level -> how many."""

    total: int
    by_level: dict[int, int]
    open: int
    late: int


def count_ratings(ctx: Context, since: datetime) -> Count:
    """Count ratings; numbers only. Two queries."""
    ours = VisitRatingRow.hub_id == ctx.hub.id
    query = select(VisitRatingRow.worst, func.count()).where(ours, VisitRatingRow.at >= since)
    levels = dict(ctx.session.exec(query.group_by(col(VisitRatingRow.worst))).all())
    waiting = list(ctx.session.exec(select(col(VisitRatingRow.due_on)).where(ours, VisitRatingRow.state == "open")))
    today = ctx.clock.today()
    return Count(sum(levels.values()), levels, len(waiting), sum(due is not None and due < today for due in waiting))


def bad_ratings(ctx: Context, *, settled: bool, limit: int = 50) -> list[Rated]:
    """List bad ratings, the nearest due first; settled ones newest first. One query."""
    r = VisitRatingRow
    columns = (r.reception_id, r.at, r.worst, r.channel, r.state, r.due_on, WorkerRow.name, r.called_at)
    query = select(*columns).join(WorkerRow, col(WorkerRow.id) == col(r.worker_id))  # type: ignore[call-overload]
    query = query.where(r.hub_id == ctx.hub.id, r.state == ("settled" if settled else "open"))
    query = query.order_by(col(r.settled_at).desc() if settled else col(r.due_on)).limit(limit)
    return [Rated(*row) for row in ctx.session.exec(query)]


def who_rated(ctx: Context, reception_id: str) -> tuple[PersonRow, list[tuple[CaseRow, int]]]:
    """Give whom to call back and the matters with their levels; who looked stands in the trail."""
    query = select(CaseRow, MatterRatingRow.level).join(MatterRatingRow, col(MatterRatingRow.case_id) == CaseRow.id)
    found = list(ctx.session.exec(query.where(MatterRatingRow.reception_id == reception_id).order_by(CaseRow.id)))
    person = ctx.session.get_one(PersonRow, found[0][0].person_id)
    record(ctx, "rating.look", person_id=person.id, subject=f"rating:{reception_id}", purpose="差评回访")
    return person, found


def get_rating(ctx: Context, reception_id: str, *, lock: bool = False) -> VisitRatingRow | None:
    """Give a rating of the hub."""
    row = ctx.session.get(VisitRatingRow, reception_id[:26], with_for_update=lock or None)
    return row if row is not None and row.hub_id == ctx.hub.id else None


def note_call(ctx: Context, row: VisitRatingRow) -> None:
    """The resident was called back."""
    _refuse(ctx, row)
    row.called_at = ctx.clock.now()
    record(ctx, "rating.called", subject=f"rating:{row.reception_id}")


def settle(ctx: Context, row: VisitRatingRow, *, finding: str, measure: str) -> None:
    """Settle a bad rating: what was found, what is done; not before the call-back. Raises Problem."""
    _refuse(ctx, row)
    if row.called_at is None:
        zh, en = "请先回访居民，再办结。", "Call the resident back first."
        raise Problem("not_called", zh, en)
    if not finding.strip():
        raise Problem("finding_missing", "请写明核实情况。", "Say what was found.", field="finding")
    if not measure.strip():
        raise Problem("measure_missing", "请写明整改措施。", "Say what is done about it.", field="measure")
    row.state, row.finding, row.measure = "settled", finding.strip()[:1000], measure.strip()[:1000]
    row.settled_by, row.settled_name, row.settled_at = ctx.actor.id, ctx.actor.name, ctx.clock.now()
    record(ctx, "rating.settled", subject=f"rating:{row.reception_id}", detail={"worst": row.worst})


def _refuse(ctx: Context, row: VisitRatingRow) -> None:
    if row.state != "open":
        raise Problem("settled", "这条差评已经办结，请刷新。", "This rating is settled already; reload.")
    if row.worker_id == ctx.actor.id:
        zh, en = "被评价人不能处理对自己的评价。", "Whoever was rated does not settle it."
        raise Problem("own_rating", zh, en)
