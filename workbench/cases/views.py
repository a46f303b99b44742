"""Pages of cases: one case with what may be done with it, its proofs, the queue of those to review."""

from typing import Any

from flask import Blueprint, Flask, Response, abort, redirect, request, url_for
from sqlmodel import col, select
from werkzeug.wrappers import Response as AnyResponse

from ..catalogue.form import form_of
from ..catalogue.loaded import catalogue
from ..delivery.models import DeliveryEventRow, DeliveryRow
from ..hubs.open_lines import open_lines
from ..identity.audit import record
from ..identity.evidence import leave
from ..identity.filter_views import kept_filters
from ..identity.may import may
from ..store.clock import local
from ..store.context import Context
from ..store.problems import Problem, Problems
from ..web.acting import close_reading, reading, writing
from ..web.filters import day
from ..web.htmx import is_htmx
from ..web.language import _, bilingual, current_locale
from ..web.live import is_seen, mark_of, marked, unchanged
from ..web.pages import page
from ..web.permit import permit
from ..web.services import services
from . import launch_views
from .actions import ACTIONS, Said, act
from .batch_views import blueprint as batches
from .beside import come_to
from .buttons import actions, asked_beside
from .calendar import load_calendar
from .clock import judge
from .clock_views import blueprint as clocks
from .find import CaseLine, cases_to_review
from .find_case import find_case, refuse_unseen
from .frozen_form import frozen_form
from .handwork_views import blueprint as handwork
from .left_over import action_labels, left_over
from .look import Progress, item_of, look_at, read_look, read_progress
from .moves import refuse_stale
from .paper_hop_views import blueprint as paper_hops
from .proposal_views import blueprint as proposals
from .proposals import count_proposals_to
from .screen import (
    beside_words,
    draw_cover,
    draw_materials,
    draw_person,
    draw_steps,
    draw_timeline,
    due_words,
    person_url,
)
from .step_kinds import KINDS as STEP_FIELDS
from .take import pull_next, taken_by
from .words import term_words

blueprint = Blueprint("cases", __name__, url_prefix="/h/<hub>")
blueprints = [
    blueprint, handwork, clocks, batches, paper_hops, proposals, launch_views.blueprint, launch_views.outside,
]  # fmt: skip

PAGE = 50
SOON, LATER = 5, 20


def install(app: Flask) -> None:
    """Spare departments' servers the token of forms: they carry no cookie."""
    app.extensions["csrf"].exempt(launch_views.outside)


@blueprint.get("/cases/<case_id>")
@permit("see")
def case(hub: str, case_id: str) -> AnyResponse | Response:
    """Show one case; who looked is written down."""
    found = look_at(reading(), case_id)
    if found is not None and found.state == "draft" and found.owner_id == reading().actor.id:
        return redirect(f"{url_for('cases.case', hub=hub, case_id=case_id)}/form", 303)
    return case_page(found)


def case_page(
    found: Any, status: int = 200, wrong: list[Problem] | None = None, left: list[dict[str, str]] | None = None
) -> Response:
    """Draw a case given by `look_at`; it is not given out before the look stands in the trail.

    `left` is what was typed into another page's form that is not to be had any more.
    """
    ctx, installed = reading(), services().installed
    refuse_unseen(ctx, found)
    look = read_look(ctx, installed, found)
    item, locale = look.progress.item, current_locale()
    buttons = actions(ctx, found, item)
    beside = asked_beside(found, item, {button["name"] for button in buttons})
    shown = {"reason", *(one["name"] for one in beside)} if buttons else set()
    drawn = page(
        "cases/case.html",
        status=status,
        **_progress(look.progress),
        person=draw_person(look.person),
        person_url=person_url(ctx.hub.id, found.person_id),
        groups=frozen_form(item, look.content, locale) if item else [],
        materials=draw_materials(look.materials, item),
        actions=buttons,
        beside=beside,
        left=left or (left_over(action_labels(), shown) if wrong else []),
        proposed=count_proposals_to(ctx, found.id) if may(ctx.actor, "correct", found.line_id) else 0,
        fields=_fields(look.progress) if found.state in ("accepted", "reviewing") else [],
        may_correct=found.state == "correction" and may(ctx.actor, "correct", found.line_id),
        wrong=" ".join(problem.text(locale) for problem in wrong or ()),
        wrong_fields={problem.field: problem.text(locale) for problem in wrong or () if problem.field},
        typed=request.form,
        done=_done_words(request.args.get("done", "")),
        compare_url=_compare_url(ctx, found),
        erased=_erased_words(found),
    )
    leave(lambda trail: _note_look(trail, found, item.purpose if item else ""))
    return drawn


def _note_look(trail: Context, found: Any, purpose: str) -> None:
    record(trail, "case.look", person_id=found.person_id, subject=f"case:{found.id}", purpose=purpose)
    come_to(trail, found.id)


def _compare_url(ctx: Context, found: Any) -> str:
    """Give the way to what changed of the item since; "" while the case stands under what is in force."""
    now = catalogue(services().installed).find(found.item_code, ctx.hub.division, ctx.clock.today())
    if now is None or not found.item_digest or now.digest == found.item_digest:
        return ""
    return url_for("compare.versions", hub=ctx.hub.id, code=found.item_code, left=found.item_digest, right="now")


def _erased_words(found: Any) -> str:
    if found.erased_at is None:
        return ""
    rule = bilingual(*term_words(found.erased_under))
    return _("The content of this case was erased on {day}: {rule}.", day=day(local(found.erased_at).date()), rule=rule)


def _progress(progress: Progress) -> dict[str, Any]:
    """Give what the live part of the page shows."""
    found = progress.case
    return {
        "case": found,
        "title": bilingual(found.title_zh, found.title_en),
        "due": progress.due,
        "due_text": due_words(progress.due),
        "next": progress.next,
        "deliveries": progress.deliveries,
        "owner": progress.owner,
        "company": beside_words(progress.beside),
        "cover": draw_cover(progress.case, reading().actor.id),
        "steps": draw_steps(progress.steps, progress.item),
        "timeline": draw_timeline(progress.timeline, found.hub_id, found.id),
        "mark": mark_of(progress.mark()),
        "seconds": SOON if progress.is_moving else LATER,
        "may_work": may(reading().actor, "rekey", found.line_id),
    }


def _fields(progress: Progress) -> list[tuple[str, str]]:
    if progress.item is None:
        return []
    return [(field.key, field.label(current_locale())) for field in form_of(progress.item).fields.values()]


def _done_words(action: str) -> str:
    words = {
        "agree": _("Your agreement is on its way."),
        "disagree": _("Your opinion against is on its way."),
        "ask_correction": _("The correction was asked for; the clock stands still."),
        "suspend": _("The clock stands still."),
        "resume": _("The clock runs again."),
        "withdraw": _("The case is withdrawn."),
        "return": _("The case is returned."),
        "hand_over_result": _("Noted: the result was handed over."),
        "archive": _("The case is archived."),
        "grant_here": _("The case is granted and concluded."),
        "deny_here": _("The case is refused and concluded."),
        "void": _("The case is void."),
        "close_unanswered": _("The case is closed; nothing was supplied."),
        "reopen": _("The case is taken up again."),
        "appeal": _("The appeal is noted."),
        "supply": _("The correction was taken and is on its way."),
    }
    return words.get(action, "")


@blueprint.get("/cases/<case_id>/state")
@permit("see")
def state(hub: str, case_id: str) -> AnyResponse | Response:
    """Give the part of the page that moves by itself; nothing when it did not move."""
    if not is_htmx():
        return redirect(url_for("cases.case", hub=hub, case_id=case_id), 303)
    found = look_at(reading(), case_id)
    refuse_unseen(reading(), found)
    progress = read_progress(reading(), services().installed, found)
    if progress.is_new:
        with writing() as ctx:
            come_to(ctx, found.id)
    drawn = _progress(progress)
    if is_seen(drawn["mark"]):
        return unchanged(drawn["mark"])
    return marked(page("cases/state.html", **drawn), drawn["mark"])


@blueprint.post("/cases/<case_id>")
@permit("see")
def do(hub: str, case_id: str) -> AnyResponse | Response:
    """Do what the pressed button says, or show the case as it stands now with what hinders."""
    form, action = request.form, request.form.get("action", "")
    version = form.get("version", "")
    try:
        with writing() as ctx:
            found = find_case(ctx, case_id, lock=True)
            refuse_stale(found, int(version) if version.isdecimal() else -1)
            item = item_of(ctx, services().installed, found)
            act(
                ctx,
                services().installed,
                found,
                item,
                action,
                said=_said(),
                seen_version=found.version,
            )
    except (Problem, Problems) as refusal:
        close_reading()  # what this request has read so far may be older than what hindered it
        wrong = refusal.problems if isinstance(refusal, Problems) else [refusal]
        return case_page(look_at(reading(), case_id), 422 if wrong[0].field else 409, wrong)
    known = action if action in ACTIONS else None
    return redirect(url_for("cases.case", hub=hub, case_id=case_id, done=known), 303)


def _said() -> Said:
    form = request.form
    return Said(
        reason=form.get("reason", "")[:2000],
        field=form.get("field", "")[:100],
        days=form.get("days", ""),
        until=form.get("until", ""),
        found={one.key: form.get(one.key, "") for kind in STEP_FIELDS.values() for one in kind},
    )


@blueprint.get("/cases/<case_id>/proof/<int:event_id>")
@permit("see")
def proof(hub: str, case_id: str, event_id: int) -> Response:
    """Give what a platform answered, byte for byte; who took it is written down."""
    ctx = reading()
    found = find_case(ctx, case_id)
    query = select(DeliveryEventRow.proof).join(DeliveryRow, col(DeliveryRow.id) == DeliveryEventRow.delivery_id)
    held = ctx.session.exec(query.where(DeliveryEventRow.id == event_id, DeliveryRow.case_id == found.id)).first()
    if held is None:
        abort(404)
    with writing() as trail:
        record(trail, "case.proof", person_id=found.person_id, subject=f"case:{found.id}", detail={"event": event_id})
    response = Response(bytes(held), content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="proof-{event_id}.bin"'
    return response


@blueprint.get("/review")
@permit("queue")
def review(hub: str) -> Response:
    """List the cases whose open step is for this worker, nearest due first."""
    ctx = reading()
    due, _sep, last = request.args.get("after", "").partition("_")
    line_id = request.args.get("line", "")[:40]
    lines = cases_to_review(ctx, ctx.actor.roles, PAGE + 1, after=(due, last) if last else None, line_id=line_id)
    taken = taken_by(ctx, [line.id for line in lines])
    shown, calendar, today = lines[:PAGE], load_calendar(ctx.session), ctx.clock.today()
    steps = {"reviewer": _("To review"), "policy": _("To check (policy)"), "approver": _("To approve")}
    rows = []
    for line in shown:
        accepted = local(line.accepted_at).date() if line.accepted_at else None
        judged = judge(accepted, line.due_on, today, calendar, limit=line.limit_days)
        rows.append(
            {
                "line": line,
                "due": judged,
                "due_text": due_words(judged),
                "step": steps.get(line.step_by, ""),
                "taken": taken.get(line.id, ("", ""))[1],
            }
        )
    here: dict[str, Any] = {"line": line_id} if line_id else {}
    more = url_for("cases.review", hub=hub, after=_place(shown[-1]), **here) if len(lines) > PAGE else ""
    return page(
        "cases/review.html",
        rows=rows,
        next_url=more,
        is_first=not last,
        lines=[("", _("All lines")), *_line_names(ctx)],
        line=line_id,
        kept=kept_filters(ctx, "cases.review", line=line_id),
        is_empty="nothing" in request.args,
    )


def _line_names(ctx: Context) -> list[tuple[str, str]]:
    lines = open_lines(ctx.session, ctx.hub, services().installed)
    return [(line.id, bilingual(line.manifest.name_zh, line.manifest.name_en)) for line in lines if line.manifest]


@blueprint.post("/review")
@permit("queue")
def review_act(hub: str) -> AnyResponse:
    """Pull the next case."""
    action, line_id = request.form.get("action", ""), request.form.get("line", "")[:40]
    here: dict[str, Any] = {"line": line_id} if line_id else {}
    with writing() as ctx:
        if action == "next":
            found = pull_next(ctx, line_id)
            there = url_for("cases.case", hub=hub, case_id=found.id) if found is not None else ""
            here |= {} if there else {"nothing": "1"}
            if there:
                return redirect(there, 303)
    return redirect(url_for("cases.review", hub=hub, **here), 303)


def _place(line: CaseLine) -> str:
    return f"{line.due_on.isoformat() if line.due_on else '9999-12-31'}_{line.id}"
