"""Writes into the trail that a cover began or ended: each once, whoever does it and however often.

Work and rights change hands by the times in the tables; this only tells it. The mark's key (cover, edge) is
written in the same transaction as the lines of the timelines: a process killed at midnight leaves either
both or neither, and the next one goes on. What was missed is told late, with the time it happened.
"""

from dataclasses import replace
from datetime import datetime

from sqlmodel import Session, col, select

from ..cases.models import CaseRow
from ..cases.moves import OPEN_STATES, Event, note_events
from ..identity.audit import Act, record_all
from ..staff.cover_models import CoverMarkRow, CoverRow
from ..staff.workers import name_workers
from ..store.clock import local
from ..store.context import SYSTEM, Context

EVENTS = {"start": "cover_begins", "end": "cover_ends"}


def hubs_with_edges(session: Session, now: datetime) -> list[str]:
    """List the hubs at which a cover began or ended and nobody has told yet."""
    return sorted({row.hub_id for edge in EVENTS for row in _due(session, edge, now)})


def tell_edges(ctx: Context) -> int:
    """Tell every edge that is due at a hub, in the order they happened; gives how many. Safe twice."""
    now, acting = ctx.clock.now(), replace(ctx, actor=SYSTEM)
    found = [(row, edge) for edge in EVENTS for row in _due(ctx.session, edge, now, ctx.hub.id)]
    found.sort(key=lambda one: (_moment(*one), one[1], one[0].id))
    for row, edge in found:
        _tell(acting, row, edge)
    return len(found)


def _moment(row: CoverRow, edge: str) -> datetime:
    return row.starts_at if edge == "start" else row.ends_at


def _due(session: Session, edge: str, now: datetime, hub_id: str = "") -> list[CoverRow]:
    """Spans whose edge has come and is not marked; locked, so that a second process waits and then finds none."""
    at = col(CoverRow.starts_at if edge == "start" else CoverRow.ends_at)
    told = select(CoverMarkRow.cover_id).where(CoverMarkRow.cover_id == CoverRow.id, CoverMarkRow.edge == edge)
    query = select(CoverRow).where(at <= now, ~told.exists())
    if hub_id:
        query = query.where(CoverRow.hub_id == hub_id).with_for_update()
    return list(session.exec(query))


def _tell(ctx: Context, row: CoverRow, edge: str) -> None:
    cases = _cases_of(ctx, row)
    mark = CoverMarkRow(cover_id=row.id, edge=edge, at=_moment(row, edge), written_at=ctx.clock.now(), cases=len(cases))
    ctx.session.add(mark)
    ctx.session.flush()  # before anything is told: the key refuses the second
    names = name_workers(ctx.session, [row.from_id, row.to_id])
    told = {
        "colleague": names.get(row.from_id, ""),
        "cover": names.get(row.to_id, ""),
        "when": f"{local(_moment(row, edge)):%Y-%m-%d %H:%M}",
    }
    note_events(ctx, EVENTS[edge], [Event(case_id, person_id, told) for case_id, person_id in cases])
    detail = {"from": row.from_id, "to": row.to_id, "line": row.line_id, "cases": len(cases), "at": mark.at.isoformat()}
    record_all(ctx, [Act(f"cover.{edge}", subject=f"cover:{row.id}", detail=detail)])


def _cases_of(ctx: Context, row: CoverRow) -> list[tuple[str, str]]:
    query = select(CaseRow.id, CaseRow.person_id).where(
        CaseRow.owner_id == row.from_id,
        CaseRow.hub_id == row.hub_id,
        CaseRow.line_id == row.line_id,
        col(CaseRow.state).in_(OPEN_STATES),
    )
    return list(ctx.session.exec(query.order_by(CaseRow.id)).all())
