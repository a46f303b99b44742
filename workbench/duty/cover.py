"""Writes the plan of cover down: spans with their holders, and rights for exactly these spans.

Called whenever something changes that the plan depends on, and by a job as well; when nothing changed,
nothing is written. The past is never changed: a span that runs is cut where the new one begins.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session, col, or_, select

from ..cases.models import CaseRow
from ..cases.moves import OPEN_STATES
from ..hubs.lock import lock_hub
from ..identity import temporary
from ..staff.cover_models import AbsenceRow, CoverRow, StandInRow
from ..staff.models import GrantRow, PostRow, WorkerRow
from ..staff.temporary import Term
from ..store.context import SYSTEM, Context
from ..store.ids import new_id
from .plan import (
    BEHIND,
    STANDS_FOR,
    Away,
    Holder,
    Post,
    Segment,
    Staffing,
    plan_behind,
    plan_cover,
)

#: Whose rights go with the work; administering a hub never does.
COVERED_ROLES = ("worker", "reviewer", "policy", "approver")
STATES = ("draft", *OPEN_STATES)


def replan(ctx: Context) -> list[CoverRow]:
    """Bring the cover of a hub in line with posts, absences and thirds; gives the spans nobody covers, now or later.

    The system acts: who covers follows from the posts, whoever entered the absence.
    """
    lock_hub(ctx)  # of two plans at once the later one knows what the other wrote
    acting = replace(ctx, actor=SYSTEM)
    now = ctx.clock.now()
    absences = running_absences(ctx, now)
    staffing = read_staffing(ctx, absences)
    for absence in absences:
        away = _away(absence)
        segments = [*plan_cover(away, _lines_of(ctx, absence, staffing), staffing), *plan_behind(away, staffing)]
        _settle(acting, absence, [one for one in segments if one.ends_at > now], now)
    ctx.session.flush()
    return gaps_ahead(ctx)


def hubs_with_absences(session: Session, now: datetime) -> list[str]:
    """List the hubs at which somebody is away, or will be."""
    return sorted(session.exec(select(AbsenceRow.hub_id).where(col(AbsenceRow.ends_at) > now).distinct()))


def take_back_all(ctx: Context, absence_id: str) -> None:
    """End every span of an absence that is not over, with its rights."""
    now, acting = ctx.clock.now(), replace(ctx, actor=SYSTEM)
    query = select(CoverRow).where(CoverRow.absence_id == absence_id, col(CoverRow.ends_at) > now)
    for row in list(ctx.session.exec(query)):
        _take_back(acting, row, now)


def running_absences(ctx: Context, now: datetime) -> list[AbsenceRow]:
    """List absences of the hub that are not over."""
    query = select(AbsenceRow).where(AbsenceRow.hub_id == ctx.hub.id, col(AbsenceRow.ends_at) > now)
    return list(ctx.session.exec(query.order_by(col(AbsenceRow.starts_at), col(AbsenceRow.id)).with_for_update()))


def read_staffing(ctx: Context, absences: Iterable[AbsenceRow]) -> Staffing:
    """Read what the plan of a hub is made of."""
    posts = ctx.session.exec(select(PostRow).where(PostRow.hub_id == ctx.hub.id))
    ids = [one.id for one in absences]
    thirds = ctx.session.exec(select(StandInRow).where(col(StandInRow.absence_id).in_(ids)))
    return Staffing(
        posts={row.line_id: Post(row.a_worker_id, row.b_worker_id or "", row.may_settle) for row in posts},
        aways=[_away(one) for one in absences],
        thirds={(row.absence_id, row.line_id, row.day): row.worker_id for row in thirds},
        present=frozenset(workers_here(ctx)),
        behind=_behind_the_table(ctx),
    )


def _behind_the_table(ctx: Context) -> list[Holder]:
    """List who holds a role behind the table, now or later; what a cover gave does not count for itself. One query."""
    names = ("worker_id", "role", "line_id", "valid_from", "valid_to")
    query = select(*(col(getattr(GrantRow, name)) for name in names)).where(GrantRow.hub_id == ctx.hub.id)
    query = query.where(col(GrantRow.role).in_(STANDS_FOR))
    query = query.where(or_(col(GrantRow.valid_to).is_(None), col(GrantRow.valid_to) > ctx.clock.now()))
    given = (col(GrantRow.kind) == "cover") & (col(GrantRow.granted_by) == SYSTEM.id)
    return [Holder(*row) for row in ctx.session.exec(query.where(~given).order_by(col(GrantRow.id)))]


def workers_here(ctx: Context, roles: tuple[str, ...] = COVERED_ROLES) -> list[str]:
    """List the ids of those whose account is open and who hold one of these roles at the hub now."""
    now = ctx.clock.now()
    query = (
        select(WorkerRow.id)
        .join(GrantRow, col(GrantRow.worker_id) == WorkerRow.id)
        .where(col(WorkerRow.is_active), GrantRow.hub_id == ctx.hub.id, col(GrantRow.role).in_(roles))
        .where(col(GrantRow.valid_from) <= now, or_(col(GrantRow.valid_to).is_(None), col(GrantRow.valid_to) > now))
    )
    return list(ctx.session.exec(query.distinct()))


def gaps_ahead(ctx: Context) -> list[CoverRow]:
    """List the spans of a hub that nobody covers, now or later, the nearest first. One query."""
    now = ctx.clock.now()
    query = select(CoverRow).where(CoverRow.hub_id == ctx.hub.id, col(CoverRow.ends_at) > now, CoverRow.to_id == "")
    return list(ctx.session.exec(query.order_by(col(CoverRow.starts_at), col(CoverRow.line_id))))


def _away(row: AbsenceRow) -> Away:
    return Away(row.id, row.worker_id, row.starts_at, row.ends_at)


def _lines_of(ctx: Context, absence: AbsenceRow, staffing: Staffing) -> set[str]:
    """A worker's lines: those with their post A, and those in which they own open cases or forms."""
    query = select(CaseRow.line_id).where(CaseRow.owner_id == absence.worker_id, CaseRow.hub_id == ctx.hub.id)
    owned = ctx.session.exec(query.where(col(CaseRow.state).in_(STATES)).distinct())
    return {*owned, *(line for line, post in staffing.posts.items() if post.a == absence.worker_id)}


def _settle(ctx: Context, absence: AbsenceRow, wanted: list[Segment], now: datetime) -> None:
    """Keep what is as it should be, cut or take back what is not, write what is missing."""
    query = select(CoverRow).where(CoverRow.absence_id == absence.id, col(CoverRow.ends_at) > now)
    known = list(ctx.session.exec(query))
    left = {_key(one.line_id, one.to_id, max(one.starts_at, now), one.ends_at, one.may_settle): one for one in wanted}
    for row in known:
        key = _key(row.line_id, row.to_id, max(row.starts_at, now), row.ends_at, row.may_settle)
        if left.pop(key, None) is None:
            _take_back(ctx, row, now)
    for segment in left.values():
        _write(ctx, absence, segment, now)


def _key(*parts: object) -> tuple[object, ...]:
    return parts


def _take_back(ctx: Context, row: CoverRow, now: datetime) -> None:
    """End a span now, or take away one that has not begun, with its rights."""
    for grant_id in row.grants:
        temporary.end(ctx, grant_id)
    if row.starts_at < now:
        row.ends_at = now
    else:
        ctx.session.delete(row)
    ctx.session.flush()


def _write(ctx: Context, absence: AbsenceRow, segment: Segment, now: datetime) -> None:
    starts_at = max(segment.starts_at, now)
    row = CoverRow(
        id=new_id(),
        hub_id=ctx.hub.id,
        absence_id=absence.id,
        line_id=segment.line_id,
        from_id=absence.worker_id,
        to_id=segment.to_id,
        starts_at=starts_at,
        ends_at=segment.ends_at,
        may_settle=segment.may_settle,
    )
    if segment.to_id and segment.may_settle:
        term = Term(starts_at, segment.ends_at, f"顶岗 {absence.id}")
        missing = _missing(ctx, absence.worker_id, segment.to_id, segment.line_id)
        given = [temporary.grant(ctx, segment.to_id, role, term, line_id=line_id) for role, line_id in missing]
        row.grants = [grant.id for grant in given if grant.id is not None]
    ctx.session.add(row)
    ctx.session.flush()


def _missing(ctx: Context, from_id: str, to_id: str, line_id: str) -> list[tuple[str, str]]:
    """List the roles, each with its line, that the one holds for good and the other does not.

    For a line they are given on this line; for work behind the table as they are held, for one line or for all.
    """
    roles = COVERED_ROLES if line_id != BEHIND else tuple(STANDS_FOR)
    query = select(GrantRow.worker_id, GrantRow.role, GrantRow.line_id).where(
        GrantRow.hub_id == ctx.hub.id, col(GrantRow.worker_id).in_((from_id, to_id)), col(GrantRow.role).in_(roles),
        col(GrantRow.valid_to).is_(None),
    )  # fmt: skip
    held: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for worker_id, role, held_for in ctx.session.exec(query):
        if line_id == BEHIND or held_for in ("", line_id):
            held[worker_id].add((role, held_for if line_id == BEHIND else line_id))
    return sorted((role, line) for role, line in held[from_id] if not {(role, ""), (role, line)} & held[to_id])
