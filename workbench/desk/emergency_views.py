"""Pages of break-glass: ask to see somebody in an emergency, and the case opened so, to be read only."""

from typing import Any

from flask import Response, abort, redirect, request, url_for
from sqlmodel import select
from werkzeug.wrappers import Response as AnyResponse

from ..cases.frozen_form import frozen_form
from ..cases.look import Look, look_at, read_look
from ..cases.models import CaseRow
from ..cases.screen import draw_person, draw_steps, draw_timeline, due_words
from ..hubs.open_lines import find_hub
from ..identity import emergency
from ..identity.audit import record
from ..identity.emergency import Whom
from ..identity.emergency_models import EmergencyRow
from ..identity.may import may
from ..people.find import find_people
from ..store.context import Context
from ..store.problems import Problem
from ..web.acting import reading, writing
from ..web.language import bilingual, current_locale
from ..web.pages import page
from ..web.permit import permit
from ..web.services import services
from .blueprint import blueprint
from .links import case_link, resident_link

LONGEST = 40


@blueprint.get("/h/<hub>/emergency")
@permit("see")
def ask_emergency(hub: str) -> Response:
    """Ask whom to see and why; what is open already stands below."""
    return _ask({})


@blueprint.post("/h/<hub>/emergency")
@permit("see")
def begin_emergency(hub: str) -> AnyResponse | Response:
    """Open a resident or a case for a short time; the number and the reason are asked for together."""
    number, reason = request.form.get("number", "").strip()[:LONGEST], request.form.get("reason", "")
    try:
        emergency.refuse_no_reason(reason)
        whom = _find(reading(), number)
        if whom is None:
            _note_nobody(reason)
            zh, en = "没有这个办件号或证件号码，请核对。", "Nobody has this case number or ID number. Check it."
            raise Problem("number_unknown", zh, en, field="number")
        if there := _plain_way(reading(), whom):
            return redirect(there, 303)
        with writing() as ctx:
            row = emergency.open_emergency(ctx, whom, reason, services().settings.emergency_minutes)
            there = _way_to(row)
    except Problem as problem:
        return _ask({problem.field: problem.text(current_locale())}, number, reason)
    return redirect(there, 303)


@blueprint.get("/h/<hub>/emergency/<emergency_id>")
@permit("see")
def emergency_case(hub: str, emergency_id: str) -> Response:
    """Show the case an emergency opened, to be read only."""
    row = emergency.find_own(reading(), emergency_id)
    if row is None or not row.case_id:
        abort(404)
    home = find_hub(reading().session, row.hub_id) or abort(404)
    found = look_at(reading().at(home), row.case_id)
    if found is None:
        abort(404)
    look = read_look(reading().at(home), services().installed, found)
    drawn = page("desk/emergency_case.html", emergency=row, home=bilingual(home.name_zh, home.name_en), **_drawn(look))
    with writing() as ctx:
        emergency.write_down(ctx, row, "emergency.look")
    return drawn


@blueprint.post("/h/<hub>/emergency/<emergency_id>/end")
@permit("see")
def end_own(hub: str, emergency_id: str) -> AnyResponse:
    """End what one has opened, before its time."""
    try:
        with writing() as ctx:
            emergency.end_emergency(ctx, emergency_id)
    except Problem:
        abort(404)
    return redirect(url_for("home.ask_emergency", hub=hub), 303)


def _ask(errors: dict[str, str], number: str = "", reason: str = "") -> Response:
    shown = [
        {"id": row.id, "what": "case" if row.case_id else "resident", "url": _way_to(row), "until": row.ends_at,
         "reason": row.reason}
        for row in emergency.running(reading())
    ]  # fmt: skip
    minutes = services().settings.emergency_minutes
    status = 422 if errors else 200
    return page(
        "desk/emergency.html", status=status, errors=errors, number=number, reason=reason, open=shown, minutes=minutes
    )


def _find(ctx: Context, number: str) -> Whom | None:
    """Find a case of any hub by its number, else a resident of any hub by the full ID number."""
    case = ctx.session.exec(select(CaseRow).where(CaseRow.case_no == number)).first() if number else None
    if case is not None:
        return Whom(case.hub_id, case.person_id, case.id, case.line_id)
    found = [hit for hit in find_people(ctx, number, citywide=True) if hit.id_masked] if len(number) >= 15 else []
    return Whom(found[0].hub_id, found[0].id) if len(found) == 1 else None


def _plain_way(ctx: Context, whom: Whom) -> str:
    """Give where the actor sees this without any emergency, "" where that is nowhere."""
    if whom.hub_id != ctx.hub.id:
        return ""
    if not whom.case_id:
        return resident_link(whom.person_id)
    return case_link(whom.case_id, "accepted") if may(ctx.actor, "see", whom.line_id) else ""


def _way_to(row: EmergencyRow) -> str:
    if not row.case_id:
        return resident_link(row.person_id)
    return url_for("home.emergency_case", hub=row.from_hub_id, emergency_id=row.id)


def _note_nobody(reason: str) -> None:
    with writing() as ctx:
        record(ctx, "search", purpose=reason.strip()[:200], detail={"kind": "emergency", "hits": 0})


def _drawn(look: Look) -> dict[str, Any]:
    progress = look.progress
    case, item = progress.case, progress.item
    return {
        "case": case,
        "title": bilingual(case.title_zh, case.title_en),
        "due_text": due_words(progress.due),
        "owner": progress.owner,
        "steps": draw_steps(progress.steps, item),
        "timeline": draw_timeline(progress.timeline, case.hub_id, case.id),
        "person": draw_person(look.person),
        "person_url": resident_link(case.person_id),
        "groups": frozen_form(item, look.content, current_locale()) if item else [],
    }
