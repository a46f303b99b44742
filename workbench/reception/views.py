"""The sitting at the table, as pages: form, materials, check, accept, receipt, one-time notice."""

from typing import Any

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..api.nouns import Case, Person
from ..cases.models import CaseRow, DraftRow
from ..cases.tell_line import tell_line
from ..catalogue.form import Form, form_of
from ..catalogue.loaded import catalogue
from ..hubs.open_lines import open_lines
from ..people.scans import LARGEST
from ..people.view import identity_bar
from ..rules.eligibility import assess
from ..store.context import Context
from ..store.problems import Problem
from ..web.acting import close_reading, reading, writing
from ..web.filters import clock_time
from ..web.htmx import go_to, is_htmx
from ..web.language import current_locale
from ..web.pages import page
from ..web.permit import permit
from ..web.services import services
from . import materials
from .accept import CannotAccept, NotYours, accept
from .correction_views import blueprint as correction
from .draft import discard, get_draft, look_at_form, read_shown_at, save
from .judge import Ready, judge
from .lookup_views import blueprint as lookups
from .paper_views import blueprint as papers
from .read_form import Reading, read_fields
from .refuse_views import blueprint as refusal
from .save_together import share_with_sitting
from .screen import draw_sections, error_list, summary
from .sits_screen import draw_sits
from .sitting_papers import blueprint as sitting_papers
from .sitting_views import blueprint as sitting
from .who_sits import take_sits

blueprint = Blueprint("reception", __name__, url_prefix="/h/<hub>/cases/<case_id>")


blueprints = [blueprint, papers, correction, refusal, sitting, sitting_papers, lookups]


def _judge(ctx: Context, case: CaseRow, draft: DraftRow) -> Ready:
    installed = services().installed
    return judge(ctx, catalogue(installed), installed, case, draft)


def _find(ctx: Context, case_id: str, *, lock: bool = False) -> tuple[CaseRow, DraftRow]:
    found = get_draft(ctx, case_id, lock=lock)
    if found is None:
        abort(404)
    return found


def _leave_if_accepted(hub: str, case_id: str) -> None:
    """A form that was accepted leads to its receipt: the back button and the second tab end there."""
    case = reading().session.get(CaseRow, case_id[:26])
    if case is not None and case.hub_id == hub and case.state not in ("draft", "voided"):
        abort(go_to(url_for("papers.receipt", hub=hub, case_id=case_id)))


@blueprint.get("/form")
@permit("accept")
def form(hub: str, case_id: str) -> AnyResponse | Response:
    """Show the form, filled with what is known."""
    form = look_at_form(reading(), case_id)
    if form is not None and form.state not in ("draft", "voided"):
        return redirect(url_for("papers.receipt", hub=hub, case_id=case_id), 303)
    if form is None or form.owner_id != reading().actor.id or form.accept_key is None:
        abort(404)
    return _form_page(reading(), form, form, {})


@blueprint.post("/form")
@permit("accept")
def send_form(hub: str, case_id: str) -> AnyResponse | Response:
    """Save what was typed; then add or remove a row, take a source's value, or go on to the check."""
    _leave_if_accepted(hub, case_id)
    with writing() as ctx:
        case, draft = _find(ctx, case_id, lock=True)
        try:
            ready = _save(ctx, case, draft)
        except Problem as problem:
            return page("reception/stopped.html", status=409, problem_text=problem.text(current_locale()), case=case)
        stays = any(name in request.form for name in ("_add", "_remove", "_use", "_save"))
        problems = {} if stays else ready.problems
        if stays or problems:
            return _form_page(ctx, case, draft, problems, status=422 if problems else 200)
    return redirect(url_for("reception.check", hub=hub, case_id=case_id), 303)


@blueprint.post("/form/save")
@permit("accept")
def autosave(hub: str, case_id: str) -> AnyResponse | Response:
    """Keep what has been typed so far and say when."""
    _leave_if_accepted(hub, case_id)
    with writing() as ctx:
        case, draft = _find(ctx, case_id, lock=True)
        try:
            _save(ctx, case, draft)
        except Problem:  # the form says what stopped it
            return go_to(url_for("reception.form", hub=hub, case_id=case_id))
        if is_htmx():
            return page("reception/saved.html", saved_at=clock_time(draft.saved_at))
    return redirect(url_for("reception.form", hub=hub, case_id=case_id), 303)


@blueprint.post("/form/field/<key>")
@permit("accept")
def check_field(hub: str, case_id: str, key: str) -> AnyResponse | Response:
    """Check one field when it is left; the answer stands beside it."""
    if not is_htmx():  # a form that was kept while nobody was signed in
        return autosave(hub, case_id)
    ctx = reading()
    case, draft = _find(ctx, case_id)
    try:
        ready = _judge(ctx, case, draft)
    except Problem as stopped:
        return page("reception/field_error.html", text=stopped.text(current_locale()))
    if key not in ready.form.fields:
        abort(404)
    read = read_fields(request.form, {key: ready.form.fields[key]}, lambda content: "")
    problem = read.problems.get(key)
    return page("reception/field_error.html", text=problem.text(current_locale()) if problem else "")


def _save(ctx: Context, case: CaseRow, draft: DraftRow) -> Ready:
    """Keep the posted values and judge the form with them; raises Problem, and what was typed is kept then too."""
    known = catalogue(services().installed)
    try:
        form = _judge(ctx, case, draft).form
    except Problem:
        if item := known.find(case.item_code, ctx.hub.division, ctx.clock.today()):
            _keep(ctx, case, draft, form_of(item.manifest))
        raise
    read = _keep(ctx, case, draft, form)
    share_with_sitting(ctx, known, case, read.values)
    return _judge(ctx, case, draft)


def _keep(ctx: Context, case: CaseRow, draft: DraftRow, form: Form) -> Reading:
    read = read_fields(request.form, form.fields, ctx.files.put)
    _take_source(draft, read)
    for flag in ("_agent", "_guardian"):
        if f"{flag}__asked" in request.form:
            read.values[flag] = bool(request.form.get(flag))
    take_sits(ctx, draft, form, read, request.form, case.person_id)
    reasons = {key: request.form.get(f"{key}__reason", "").strip()[:200] for key in form.fields}
    given = {key: reason for key, reason in reasons.items() if reason}
    save(ctx, draft, form, read, given, read_shown_at(request.form))
    return read


def _take_source(draft: DraftRow, read: Reading) -> None:
    """Take the value of the source that was chosen among those that disagree."""
    key, _, number = request.form.get("_use", "").partition(":")
    others = (draft.origins or {}).get(key, {}).get("conflicts", [])
    if number.isdecimal() and int(number) < len(others):
        read.values[key] = others[int(number)]["value"]


def _form_page(
    ctx: Context, case: CaseRow, draft: DraftRow, problems: dict[str, Problem], status: int = 200
) -> Response:
    try:
        ready = _judge(ctx, case, draft)
    except Problem as problem:
        return page("reception/stopped.html", status=409, problem_text=problem.text(current_locale()), case=case)
    item = ready.item.manifest
    return page(
        "reception/form.html",
        status=status,
        case=case,
        item=item,
        person=identity_bar(ctx, case.person_id, citywide=True),
        sections=draw_sections(ready, draft, problems),
        assessment=assess(item.rules, item.exclusions, ready.facts),
        standings=ready.standings,
        errors=error_list(ready.form.fields, problems),
        saved_at=clock_time(draft.saved_at),
        shown_at=ctx.clock.now().isoformat(),
        **draw_sits(
            ctx,
            case.person_id,
            draft.values or {},
            problems,
            asks_agent="agent" in item.field_groups,
            has_any=getattr(case, "has_authority", True),
        ),
    )


@blueprint.post("/materials/<key>")
@permit("accept")
def material(hub: str, case_id: str, key: str) -> AnyResponse | Response:
    """Note that a material was seen, scanned, promised or may come later."""
    state = request.form.get("state", "")
    upload = request.files.get("file")
    scan: dict[str, Any] = {}
    if upload and upload.filename:
        state = "scanned"
        scan = {"content": upload.stream.read(LARGEST + 1), "file_name": upload.filename}
    with writing() as ctx:
        case, draft = _find(ctx, case_id, lock=True)
        try:
            ready = _judge(ctx, case, draft)
            materials.mark(ctx, case, ready.item.manifest, key, state, **scan)
        except Problem as problem:
            ctx.session.rollback()
            return _materials_part(reading(), case_id, {key: problem.text(current_locale())}, 422)
    if is_htmx():
        return _materials_part(reading(), case_id, {}, 200)
    return redirect(url_for("reception.form", hub=hub, case_id=case_id) + f"#m-{key}", 303)


def _materials_part(ctx: Context, case_id: str, errors: dict[str, str], status: int) -> Response:
    case, draft = _find(ctx, case_id)
    try:
        ready = _judge(ctx, case, draft)
    except Problem:  # the form says what stopped it
        abort(go_to(url_for("reception.form", hub=ctx.hub.id, case_id=case_id)))
    return page(
        "reception/materials.html",
        "materials",
        status,
        case=case,
        standings=ready.standings,
        material_errors=errors,
        person=identity_bar(ctx, case.person_id, citywide=True),
        item=ready.item.manifest,
    )


@blueprint.get("/check")
@permit("accept")
def check(hub: str, case_id: str) -> AnyResponse | Response:
    """Show everything once more, for the resident to confirm."""
    _leave_if_accepted(hub, case_id)
    case, draft = _find(reading(), case_id)
    return _check_page(reading(), case, draft)


def _check_page(ctx: Context, case: CaseRow, draft: DraftRow, status: int = 200, wrong: str = "") -> Response:
    try:
        ready = _judge(ctx, case, draft)
    except Problem as problem:
        return page("reception/stopped.html", status=409, problem_text=problem.text(current_locale()), case=case)
    if ready.problems:
        return _form_page(ctx, case, draft, ready.problems, status=422)
    item = ready.item.manifest
    return page(
        "reception/check.html",
        status=status,
        case=case,
        item=item,
        person=identity_bar(ctx, case.person_id, citywide=True),
        groups=summary(ready, draft, url_for("reception.form", hub=ctx.hub.id, case_id=case.id)),
        standings=ready.standings,
        missing=ready.missing,
        assessment=assess(item.rules, item.exclusions, ready.facts),
        findings=_findings(ctx, case, draft, ready),
        accept_key=draft.accept_key,
        wrong=wrong,
    )


def _findings(ctx: Context, case: CaseRow, draft: DraftRow, ready: Ready) -> list[Any]:
    """Ask the item's line what it has to say about the form."""
    shop, person = services(), ready.person
    lines = [line for line in open_lines(ctx.session, ctx.hub, shop.installed) if line.id == case.line_id]
    answers = shop.caller.call(
        "check_case",
        lines,
        hub=ctx.hub,
        worker=ctx.actor,
        person=Person(person.id, person.name, person.sex, person.birth_date, person.hub_id),
        case=Case(case.id, "", case.item_code, case.state, person.id, None, dict(draft.values or {})),
    )
    return [finding for answer in answers if not answer.fault for finding in answer.value or ()]


@blueprint.post("/accept")
@permit("accept")
def do_accept(hub: str, case_id: str) -> AnyResponse | Response:
    """Accept the case, once: a second click finds the first one's receipt."""
    shop = services()
    try:
        with writing() as ctx:
            key = request.form.get("accept_key", "")
            (accepted,) = accept(ctx, catalogue(shop.installed), shop.installed, {case_id[:26]: key})
    except NotYours:
        abort(404)
    except (CannotAccept, Problem) as refused:
        case, draft = _find(reading(), case_id)
        wrong = refused.text(current_locale()) if isinstance(refused, Problem) else ""
        return _check_page(reading(), case, draft, 422, wrong)
    close_reading()  # what was read before the commit is past
    tell_line(reading(), shop.caller, shop.installed, accepted.line_id, accepted.case_id, "case_accepted")
    return redirect(url_for("papers.receipt", hub=hub, case_id=case_id), 303)


@blueprint.route("/discard", methods=["GET", "POST"])
@permit("accept")
def throw_away(hub: str, case_id: str) -> AnyResponse | Response:
    """Ask, then give the form up."""
    if request.method == "GET":
        case, _ = _find(reading(), case_id)
        return page("reception/discard.html", case=case)
    with writing() as ctx:
        case, draft = _find(ctx, case_id, lock=True)
        person_id = case.person_id
        discard(ctx, case, draft)
    return redirect(url_for("home.resident", hub=hub, person_id=person_id), 303)
