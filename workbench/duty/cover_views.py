"""Pages of one absence and one cover: notes, papers in hand, taking over, calls, and what happened meanwhile."""

from typing import Any

from flask import Response, abort, redirect, request, url_for
from sqlmodel import col, select
from werkzeug.wrappers import Response as AnyResponse

from ..cases.find_case import find_case
from ..cases.models import CaseRow
from ..cases.words import event_text
from ..identity.audit import record
from ..identity.may import may
from ..staff.cover_models import AbsenceRow, CallRow, CoverRow, HandoverRow
from ..staff.workers import name_workers
from ..store.context import Context
from ..store.locking import ALONE
from ..store.problems import Problem
from ..web.acting import close_reading, reading, writing
from ..web.filters import moment
from ..web.language import _, bilingual, current_locale
from ..web.pages import page
from ..web.permit import permit
from .absence_views import blueprint, read_day, workers_named
from .absences import days_of, get_absence, name_third
from .handover import Happened, answer_call, call, calls_to, give_back, hand_over, handovers, take_over, what_happened
from .words import absence_words, event_title, line_name


@blueprint.get("/absences/<absence_id>")
@permit("board")
def absence(hub: str, absence_id: str) -> Response:
    """Show one absence to whoever is away, covers, or administers; who looked is written down."""
    return _absence_page(absence_id)


def _absence_page(absence_id: str, status: int = 200, wrong: Problem | None = None) -> Response:
    ctx = reading()
    row = ctx.session.get(AbsenceRow, absence_id[:26])
    covers = _covers_of(ctx, row.id) if row is not None else []
    if row is None or not _may_see(ctx, row, covers):
        abort(404)
    now, is_own = ctx.clock.now(), row.worker_id == ctx.actor.id
    names = name_workers(ctx.session, {row.worker_id, *(one.to_id for one in covers)})
    reads = is_own or any(one.to_id == ctx.actor.id for one in covers)
    items = handovers(ctx, row.id) if reads else []
    happened = what_happened(ctx, row) if is_own and row.starts_at <= now else []
    if reads:
        with writing() as trail:
            record(trail, "absence.look", subject=f"absence:{row.id}")
    return page(
        "duty/absence.html",
        status=status,
        row=row,
        kind=absence_words()[row.kind],
        name=names.get(row.worker_id, ""),
        covers=[_draw_cover(one, names) for one in covers],
        items=[_draw_item(one) for one in items],
        happened=[_draw_happened(one) for one in happened],
        reads=reads,
        is_own=is_own,
        may_third=may(ctx.actor, "staff") and row.ends_at > now,
        may_end=(is_own or may(ctx.actor, "staff")) and row.ends_at > now,
        state="over" if row.ends_at <= now else "now" if row.starts_at <= now else "coming",
        lines=[(one, line_name(one)) for one in sorted({one.line_id for one in covers})],
        days=[("all", _("Every day")), *((day.isoformat(), day.isoformat()) for day in days_of(row))],
        workers=[("", _("Nobody: as the posts say")), *(one for one in workers_named(ctx) if one[0] != row.worker_id)],
        typed=request.form,
        wrong={wrong.field: wrong.text(current_locale())} if wrong else {},
        done=_done_words(request.args.get("done", "")),
    )


def _covers_of(ctx: Context, absence_id: str) -> list[CoverRow]:
    query = select(CoverRow).where(CoverRow.absence_id == absence_id)
    return list(ctx.session.exec(query.order_by(col(CoverRow.starts_at), col(CoverRow.line_id))))


def _may_see(ctx: Context, row: AbsenceRow, covers: list[CoverRow]) -> bool:
    involved = {row.worker_id, *(one.to_id for one in covers)}
    return row.hub_id == ctx.hub.id and (ctx.actor.id in involved or may(ctx.actor, "staff"))


def _draw_cover(one: CoverRow, names: dict[str, str]) -> dict[str, Any]:
    mine = one.to_id == reading().actor.id
    return {
        "line": line_name(one.line_id),
        "name": names.get(one.to_id, ""),
        "from": moment(one.starts_at),
        "until": moment(one.ends_at),
        "is_gap": one.to_id == "",
        "taken": moment(one.taken_at),
        "settles": one.may_settle,
        "url": url_for("duty.cover", hub=one.hub_id, cover_id=one.id) if mine else "",
    }


def _draw_item(one: HandoverRow) -> dict[str, Any]:
    states = {
        "given": (_("not read") if one.kind == "note" else _("not counted"), "orange", "circle-alert"),
        "received": (_("has been read") if one.kind == "note" else _("received"), "blue-full", "check"),
        "missing": (_("missing"), "orange-full", "triangle-alert"),
        "returned": (_("given back"), "blue-full", "undo-2"),
    }
    word, tone, icon = states[one.state]
    about = " · ".join(part for part in (line_name(one.line_id), one.settled_name, one.remark or "") if part)
    return {"id": one.id, "kind": one.kind, "title": one.text, "hint": about, "word": word, "tone": tone, "icon": icon}


def _draw_happened(one: Happened) -> dict[str, Any]:
    zh, en = event_text(one.detail)
    return {
        "title": f"{bilingual(one.title_zh, one.title_en)} · {one.case_no}",
        "url": url_for("cases.case", hub=reading().hub.id, case_id=one.case_id),
        "hint": " · ".join(part for part in (moment(one.at), one.actor_name, bilingual(zh, en)) if part),
        "word": event_title(one.kind),
        "tone": "blue",
        "icon": "history",
    }


def _done_words(done: str) -> str:
    return {
        "entered": _("The absence is entered. Write down now what whoever covers has to know."),
        "third": _("It is settled who stands in."),
        "written": _("It is written down for whoever covers."),
        "back": _("Everything is yours again."),
        "taken": _("You have taken over."),
        "called": _("It is written down and waits for the owner."),
        "answered": _("The answer is written down."),
    }.get(done, "")


@blueprint.post("/absences/<absence_id>")
@permit("board")
def change(hub: str, absence_id: str) -> AnyResponse | Response:
    """Write a note or a paper, name a third, or say that one is back."""
    form, action = request.form, request.form.get("action", "")
    try:
        with writing() as ctx:
            row = get_absence(ctx, absence_id)
            if row is None:
                abort(404)
            if action == "third":
                for day in days_of(row) if form.get("day") == "all" else [read_day("day")]:
                    name_third(ctx, row, form.get("third", ""), day, line_id=form.get("line", ""))
            elif action == "back":
                give_back(ctx, row)
            else:
                action = "written"
                lines = form.getlist("line") or sorted({one.line_id for one in _covers_of(ctx, row.id)})
                hand_over(ctx, row, form.get("kind", "note"), lines, form.get("text", ""))
    except Problem as problem:
        close_reading()
        return _absence_page(absence_id, 422 if problem.field else 409, problem)
    return redirect(url_for("duty.absence", hub=hub, absence_id=absence_id, done=action), 303)


@blueprint.get("/covers/<cover_id>")
@permit("see")
def cover(hub: str, cover_id: str) -> Response:
    """Show the notes and papers of one cover to whoever covers."""
    return _cover_page(cover_id)


def _cover_page(cover_id: str, status: int = 200, wrong: Problem | None = None) -> Response:
    ctx = reading()
    row = ctx.session.get(CoverRow, cover_id[:26])
    if row is None or row.to_id != ctx.actor.id or row.hub_id != ctx.hub.id:
        abort(404)
    items = handovers(ctx, row.absence_id, row.line_id)
    names = name_workers(ctx.session, [row.from_id])
    with writing() as trail:
        record(trail, "cover.look", subject=f"cover:{row.id}")
    new = [one for one in items if row.taken_at is None or one.given_at > row.taken_at]
    return page(
        "duty/cover.html",
        status=status,
        row=row,
        name=names.get(row.from_id, ""),
        line=line_name(row.line_id),
        notes=[_draw_item(one) for one in items if one.kind == "note"],
        papers=[_draw_item(one) for one in items if one.kind == "paper" and one.state != "returned"],
        is_taken=row.taken_at is not None and not new,
        home_url=f"/h/{row.hub_id}/",
        typed=request.form,
        wrong={wrong.field: wrong.text(current_locale())} if wrong else {},
        done=_done_words(request.args.get("done", "")),
    )


@blueprint.post("/covers/<cover_id>")
@permit("see")
def take(hub: str, cover_id: str) -> AnyResponse | Response:
    """Confirm that the notes are read and the papers counted."""
    form = request.form
    try:
        with writing() as ctx:
            row = ctx.session.get(CoverRow, cover_id[:26], with_for_update=True)
            if row is None or row.to_id != ctx.actor.id or row.hub_id != ctx.hub.id:
                abort(404)
            counted = {name.removeprefix("paper-"): form[name] for name in form if name.startswith("paper-")}
            remarks = {name.removeprefix("remark-"): form[name] for name in form if name.startswith("remark-")}
            take_over(ctx, row, counted, remarks)
    except Problem as problem:
        close_reading()
        return _cover_page(cover_id, 422 if problem.field else 409, problem)
    return redirect(url_for("duty.cover", hub=hub, cover_id=cover_id, done="taken"), 303)


@blueprint.get("/cases/<case_id>/call")
@permit("see")
def call_page(hub: str, case_id: str) -> Response:
    """Ask what the owner of a case has to know or decide."""
    return _call_page(case_id)


def _call_page(case_id: str, status: int = 200, wrong: Problem | None = None) -> Response:
    ctx = reading()
    case = find_case(ctx, case_id)
    _running(ctx, case)
    return page(
        "duty/call.html",
        status=status,
        case=case,
        title=f"{bilingual(case.title_zh, case.title_en)} · {case.case_no}",
        name=name_workers(ctx.session, [case.owner_id]).get(case.owner_id, ""),
        typed=request.form,
        wrong={wrong.field: wrong.text(current_locale())} if wrong else {},
    )


def _running(ctx: Context, case: CaseRow) -> CoverRow:
    """Give the cover in which this worker holds a case now, or end the request."""
    now = ctx.clock.now()
    query = select(CoverRow).where(CoverRow.from_id == case.owner_id, CoverRow.line_id == case.line_id)
    query = query.where(CoverRow.to_id == ctx.actor.id, CoverRow.hub_id == ctx.hub.id)
    row = ctx.session.exec(query.where(col(CoverRow.starts_at) <= now, col(CoverRow.ends_at) > now)).first()
    return row if row is not None else abort(404)


@blueprint.post("/cases/<case_id>/call")
@permit("see")
def write_call(hub: str, case_id: str) -> AnyResponse | Response:
    """Write down a call to the owner of a case."""
    try:
        with writing() as ctx:
            case = find_case(ctx, case_id, lock=True)
            call(ctx, case, _running(ctx, case), request.form.get("text", ""))
    except Problem as problem:
        close_reading()
        return _call_page(case_id, 422, problem)
    return redirect(url_for("cases.case", hub=hub, case_id=case_id), 303)


@blueprint.get("/calls")
@permit("see")
def calls(hub: str) -> Response:
    """List the calls that wait for this worker's answer."""
    return _calls_page()


def _calls_page(status: int = 200, wrong: Problem | None = None) -> Response:
    ctx = reading()
    found = calls_to(ctx, ctx.actor.id)
    with writing() as trail:
        record(trail, "calls.look", subject=f"hub:{ctx.hub.id}")
    return page(
        "duty/calls.html",
        status=status,
        calls=[
            {
                "id": row.id,
                "title": f"{bilingual(case.title_zh, case.title_en)} · {case.case_no}",
                "url": url_for("cases.case", hub=ctx.hub.id, case_id=case.id),
                "text": row.text,
                "who": row.by_name,
                "at": moment(row.at),
            }
            for row, case in found
        ],
        typed=request.form,
        wrong={wrong.field: wrong.text(current_locale())} if wrong else {},
        done=_done_words(request.args.get("done", "")),
    )


@blueprint.post("/calls/<call_id>")
@permit("see")
def answer(hub: str, call_id: str) -> AnyResponse | Response:
    """Answer a call."""
    try:
        with writing() as ctx:
            row = ctx.session.get(CallRow, call_id[:26], with_for_update=True)
            if row is None or row.hub_id != ctx.hub.id or row.to_id != ctx.actor.id:
                abort(404)
            case = ctx.session.get_one(CaseRow, row.case_id, with_for_update=ALONE)
            answer_call(ctx, row, case, request.form.get(f"answer-{row.id}", ""))
    except Problem as problem:
        close_reading()
        return _calls_page(422 if problem.field else 409, problem)
    return redirect(url_for("duty.calls", hub=hub, done="answered"), 303)
