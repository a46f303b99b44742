"""Who has how much: the load of each worker, giving cases to another with one reason, evening out by load.

Whoever shares out the work sees numbers, titles and due days, never whom a case is about.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, case
from sqlmodel import col, func, or_, select

from ..cases.models import CaseRow
from ..cases.moves import OPEN_STATES, Event, note_events
from ..identity.may import may
from ..staff.cover_models import AbsenceRow
from ..staff.models import GrantRow, WorkerRow
from ..staff.workers import name_workers
from ..store.context import Context
from ..store.problems import Problem
from .months import on_duty_today

#: Most cases that change hands at once.
MOST = 200


@dataclass(frozen=True, slots=True)
class Load:
    """One worker's open cases."""

    worker_id: str
    name: str
    open: int
    overdue: int
    is_here: bool  # not away, and on the roster of today where there is one


@dataclass(frozen=True, slots=True)
class Listed:
    """One open case, without whom it is about."""

    id: str
    case_no: str
    line_id: str
    title_zh: str
    title_en: str
    owner_id: str
    due_on: date | None


def loads(ctx: Context) -> list[Load]:
    """Count the open cases of everybody who takes them in at the hub, the fullest first. Five queries."""
    late = func.sum(case((col(CaseRow.due_on) < ctx.clock.today(), 1), else_=0))
    query = select(CaseRow.owner_id, func.count(), late).where(CaseRow.hub_id == ctx.hub.id)
    counts = {row[0]: row[1:] for row in ctx.session.exec(query.where(_open()).group_by(CaseRow.owner_id)).all()}
    takers, here = set(_takers(ctx)), _here(ctx)
    names = name_workers(ctx.session, takers | set(counts))
    found = [
        Load(one, name, int(counts.get(one, (0, 0))[0]), int(counts.get(one, (0, 0))[1] or 0), one in here & takers)
        for one, name in names.items()
    ]
    return sorted(found, key=lambda one: (-one.open, one.name, one.worker_id))


def listed(ctx: Context, owner_id: str = "", line_id: str = "", limit: int = 51) -> list[Listed]:
    """List open cases of the hub, the nearest due first. One query."""
    columns = [col(getattr(CaseRow, name)) for name in Listed.__slots__]
    query = select(*columns).where(CaseRow.hub_id == ctx.hub.id, _open())
    if owner_id:
        query = query.where(CaseRow.owner_id == owner_id)
    if line_id:
        query = query.where(CaseRow.line_id == line_id)
    return [Listed(*row) for row in ctx.session.exec(query.order_by(col(CaseRow.due_on), CaseRow.id).limit(limit))]


def reassign(ctx: Context, case_ids: Sequence[str], to_id: str, reason: str) -> int:
    """Give open cases to another worker, all with one reason; gives how many changed hands. Raises Problem."""
    if not may(ctx.actor, "staff"):
        raise Problem("may_not", "请由站点管理员改派。", "A hub admin shares out the work.")
    if not reason.strip():
        raise Problem("reason_missing", "请写明理由。", "State the reason.", field="reason")
    if not case_ids:
        raise Problem("nothing_chosen", "请选择办件。", "Choose the cases.", field="case")
    lines = _takers(ctx).get(to_id)
    if lines is None:
        raise Problem("worker_unknown", "请选择接手的社工。", "Choose who takes them.", field="to")
    query = select(CaseRow).where(col(CaseRow.id).in_(list(case_ids)[:MOST]), CaseRow.hub_id == ctx.hub.id, _open())
    rows = ctx.session.exec(query.order_by(CaseRow.id).with_for_update(key_share=True)).all()
    if any("" not in lines and row.line_id not in lines for row in rows):
        zh, en = "该社工没有其中某些条线的权限。", "This worker has no right on some of these lines."
        raise Problem("no_right", zh, en, field="to")
    return _give(ctx, [row for row in rows if row.owner_id != to_id], to_id, reason.strip()[:500])


def _give(ctx: Context, rows: Sequence[CaseRow], to_id: str, reason: str) -> int:
    names = name_workers(ctx.session, {to_id, *(row.owner_id for row in rows)})
    told = [
        Event(row.id, row.person_id, {"reason": reason, "colleague": names[row.owner_id], "cover": names[to_id]})
        for row in rows
    ]
    if told:
        note_events(ctx, "reassigned", told)
    for row in rows:
        row.owner_id, row.updated_at = to_id, ctx.clock.now()
        row.version += 1
    ctx.session.flush()
    return len(rows)


def suggest_moves(cases: Sequence[Listed], takers: Mapping[str, frozenset[str]]) -> list[tuple[str, str]]:
    """Even out: hand the least urgent of the fullest to the emptiest who may take its line, until they differ by one.

    Only between those named; gives (case, to whom), in the order they are to be made.
    """
    own: dict[str, list[Listed]] = {worker: [] for worker in sorted(takers)}
    for one in cases:
        if one.owner_id in own:
            own[one.owner_id].append(one)
    moves: list[tuple[str, str]] = []
    while found := _next_move(own, takers):
        moved, from_id, to_id = found
        own[from_id].remove(moved)
        own[to_id].append(moved)
        moves.append((moved.id, to_id))
    return moves


def _next_move(own: Mapping[str, list[Listed]], takers: Mapping[str, frozenset[str]]) -> tuple[Listed, str, str] | None:
    for from_id in sorted(own, key=lambda one: (-len(own[one]), one)):
        for to_id in sorted(own, key=lambda one: (len(own[one]), one)):
            if len(own[from_id]) - len(own[to_id]) < 2:
                break
            fit = [one for one in own[from_id] if "" in takers[to_id] or one.line_id in takers[to_id]]
            if fit:
                return max(fit, key=lambda one: (one.due_on or date.max, one.id)), from_id, to_id
    return None


def balance(ctx: Context, reason: str) -> int:
    """Even out the open cases of those who are here today, with one reason; gives how many changed hands."""
    takers, here = _takers(ctx), _here(ctx)
    moves = suggest_moves(listed(ctx, limit=5000), {one: lines for one, lines in takers.items() if one in here})
    by_worker: dict[str, list[str]] = defaultdict(list)
    for case_id, to_id in moves[:MOST]:
        by_worker[to_id].append(case_id)
    if not by_worker:
        raise Problem("even", "工作量已均衡，无需调整。", "The work is even already.", field="reason")
    return sum(reassign(ctx, case_ids, to_id, reason) for to_id, case_ids in by_worker.items())


def _open() -> ColumnElement[bool]:
    return col(CaseRow.state).in_(OPEN_STATES)


def _takers(ctx: Context) -> dict[str, frozenset[str]]:
    """Give who takes in cases at the hub for good, with their lines ("" = all)."""
    now = ctx.clock.now()
    query = (
        select(GrantRow.worker_id, GrantRow.line_id)
        .join(WorkerRow, col(WorkerRow.id) == GrantRow.worker_id)
        .where(GrantRow.hub_id == ctx.hub.id, GrantRow.role == "worker", col(WorkerRow.is_active))
        .where(col(GrantRow.valid_from) <= now, or_(col(GrantRow.valid_to).is_(None), col(GrantRow.valid_to) > now))
        .where(GrantRow.kind != "cover")
    )
    found: dict[str, set[str]] = defaultdict(set)
    for worker_id, line_id in ctx.session.exec(query).all():
        found[worker_id].add(line_id)
    return {worker_id: frozenset(lines) for worker_id, lines in found.items()}


def _here(ctx: Context) -> set[str]:
    """Tell who is not away now, and on today's roster where one is published."""
    now, on_duty = ctx.clock.now(), on_duty_today(ctx)
    query = select(AbsenceRow.worker_id).where(AbsenceRow.hub_id == ctx.hub.id, col(AbsenceRow.ends_at) > now)
    away = set(ctx.session.exec(query.where(col(AbsenceRow.starts_at) <= now)))
    return {one for one in _takers(ctx) if one not in away and (on_duty is None or one in on_duty)}
