"""Pages of absences: who is away and who covers, entering one, naming a third, coming back early."""

from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, Response, abort, redirect, request, url_for
from sqlmodel import col, select
from werkzeug.wrappers import Response as AnyResponse

from ..identity.may import may
from ..staff.cover_models import AbsenceRow, CoverRow
from ..staff.models import WorkerRow
from ..staff.workers import name_workers
from ..store.clock import SHANGHAI
from ..store.context import Context
from ..store.problems import Problem
from ..web.acting import close_reading, reading, writing
from ..web.filters import moment
from ..web.language import _, bilingual, current_locale
from ..web.pages import page
from ..web.permit import permit
from .absences import Gap, Span, Uncovered, days, end_absence, enter_absence, get_absence
from .cover import gaps_ahead, workers_here
from .words import absence_words, line_name

blueprint = Blueprint("duty", __name__, url_prefix="/h/<hub>")
#: How long absences that are over stay on the page.
PAST = timedelta(days=14)


@blueprint.get("/absences")
@permit("board")
def absences(hub: str) -> Response:
    """Show who is away now and soon, who covers, and what nobody covers. Five queries."""
    return _page()


def _page(status: int = 200, wrong: Problem | None = None) -> Response:
    ctx = reading()
    now, may_all = ctx.clock.now(), may(ctx.actor, "staff")
    query = select(AbsenceRow).where(AbsenceRow.hub_id == ctx.hub.id, col(AbsenceRow.ends_at) > now - PAST)
    rows = [row for row in ctx.session.exec(query.order_by(col(AbsenceRow.starts_at))) if row.ends_at > row.starts_at]
    covers = _covers(ctx, [row.id for row in rows])
    workers = workers_named(ctx)
    names = name_workers(ctx.session, {one for row in covers for one in (row.from_id, row.to_id)} | _ids(rows))
    gaps = wrong.gaps if isinstance(wrong, Uncovered) else []
    known = gaps_ahead(ctx) if may_all else []
    ahead = [Gap(one.line_id, one.from_id, one.starts_at, one.ends_at) for one in known]
    return page(
        "duty/absences.html",
        status=status,
        rows=[_draw(row, covers, names, now) for row in rows],
        gaps=_draw_gaps(ahead, names),
        refused_gaps=_draw_gaps(gaps, names | dict(workers)),
        workers=workers if may_all else [one for one in workers if one[0] == ctx.actor.id],
        kinds=list(absence_words().items()),
        may_all=may_all,
        me=ctx.actor.id,
        today=ctx.clock.today(),
        typed=request.form,
        wrong={wrong.field: wrong.text(current_locale())} if wrong else {},
        done=request.args.get("done", ""),
    )


def _ids(rows: list[AbsenceRow]) -> set[str]:
    return {row.worker_id for row in rows}


def _covers(ctx: Context, absence_ids: list[str]) -> list[CoverRow]:
    query = select(CoverRow).where(col(CoverRow.absence_id).in_(absence_ids))
    return list(ctx.session.exec(query.order_by(col(CoverRow.starts_at), col(CoverRow.line_id))))


def workers_named(ctx: Context) -> list[tuple[str, str]]:
    """List those who work at the hub, id and name. Two queries."""
    names = select(WorkerRow.id, WorkerRow.name).where(col(WorkerRow.id).in_(workers_here(ctx)))
    return [(one, name) for one, name in ctx.session.exec(names.order_by(WorkerRow.name)).all()]


def _draw(row: AbsenceRow, covers: list[CoverRow], names: dict[str, str], now: datetime) -> dict[str, Any]:
    mine = [one for one in covers if one.absence_id == row.id]
    held: dict[str, list[str]] = {}
    for one in mine:
        held.setdefault(names.get(one.to_id, ""), []).append(line_name(one.line_id))
    who = [f"{name or _('Nobody')}: {', '.join(dict.fromkeys(lines))}" for name, lines in held.items()]
    return {
        "id": row.id,
        "name": names.get(row.worker_id, ""),
        "kind": absence_words()[row.kind],
        "from": moment(row.starts_at),
        "until": moment(row.ends_at),
        "covers": who,
        "has_gap": any(one.to_id == "" and one.ends_at > now for one in mine),
        "state": "over" if row.ends_at <= now else "now" if row.starts_at <= now else "coming",
    }


def _draw_gaps(gaps: list[Gap], names: dict[str, str]) -> list[dict[str, str]]:
    """Put the lines together that one worker leaves uncovered in one span."""
    found: dict[tuple[str, datetime, datetime], list[str]] = {}
    for one in gaps:
        found.setdefault((one.from_id, one.starts_at, one.ends_at), []).append(line_name(one.line_id))
    return [
        {
            "line": bilingual("、", ", ").join(lines),
            "name": names.get(from_id, ""),
            "from": moment(starts_at),
            "until": moment(ends_at),
        }
        for (from_id, starts_at, ends_at), lines in found.items()
    ]


@blueprint.post("/absences")
@permit("board")
def enter(hub: str) -> AnyResponse | Response:
    """Enter an absence, with a third where one is named."""
    form = request.form
    try:
        with writing() as ctx:
            worker_id = form.get("worker", "") or ctx.actor.id
            row = enter_absence(
                ctx,
                worker_id,
                form.get("kind", ""),
                _span(),
                third=form.get("third", ""),
                even_uncovered=form.get("even_uncovered") == "true",
            )
            there = row.id
    except Problem as problem:
        close_reading()
        return _page(422, problem)
    return redirect(url_for("duty.absence", hub=hub, absence_id=there, done="entered"), 303)


def _span() -> Span:
    first, last = read_day("first_day"), read_day("last_day")
    span = days(first, last)
    if request.form.get("kind") != "closed_shift":
        return span
    begins, ends = _clock("from_time"), _clock("to_time")
    starts_at = datetime.combine(first, begins, SHANGHAI) if begins else span.starts_at
    return Span(starts_at, datetime.combine(last, ends, SHANGHAI) if ends else span.ends_at)


def read_day(name: str) -> date:
    """Read a day from the form; raises Problem beside it."""
    try:
        return date.fromisoformat(request.form.get(name, "").strip())
    except ValueError:
        raise Problem("day_wrong", "请按 2026-11-22 的格式填写日期。", "Write the day as 2026-11-22.", name) from None


def _clock(name: str) -> time | None:
    text = request.form.get(name, "").strip()
    try:
        return time.fromisoformat(text) if text else None
    except ValueError:
        raise Problem("time_wrong", "请按 15:00 的格式填写时间。", "Write the time as 15:00.", name) from None


@blueprint.post("/absences/<absence_id>/end")
@permit("board")
def end(hub: str, absence_id: str) -> AnyResponse:
    """End an absence now, or take it back."""
    with writing() as ctx:
        row = get_absence(ctx, absence_id)
        if row is None or (row.worker_id != ctx.actor.id and not may(ctx.actor, "staff")):
            abort(404)
        end_absence(ctx, row)
    return redirect(url_for("duty.absences", hub=hub, done="ended"), 303)
