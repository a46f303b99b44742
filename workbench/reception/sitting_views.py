"""A sitting as pages: one form for all its matters, materials once, one check, one receipt, one page that follows."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..cases.tell_line import tell_line
from ..catalogue.loaded import catalogue
from ..people.scans import LARGEST
from ..people.view import identity_bar
from ..store.context import Context
from ..store.problems import Problem
from ..web.acting import close_reading, reading, writing
from ..web.filters import clock_time
from ..web.htmx import go_to, is_htmx
from ..web.language import current_locale
from ..web.pages import page
from ..web.permit import permit
from ..web.services import services
from .accept_together import accept_together
from .draft import discard, read_shown_at
from .judge_together import Judged, judge_together
from .materials_together import mark_together, materials_of
from .order import put_in_order
from .read_form import read_fields
from .save_together import all_questions, problems_together, save_together
from .sits_screen import draw_sits
from .sitting import Sitting, read_sitting
from .together_screen import CHECKED_WHEN_LEFT, draw_answers, draw_materials, draw_parts, draw_together, error_list
from .who_sits import SITS

blueprint = Blueprint("sitting", __name__, url_prefix="/h/<hub>/sittings/<sitting_id>")


def find_sitting(ctx: Context, sitting_id: str, *, lock: bool = False) -> Sitting:
    """Give a sitting of this worker at this hub; ends the request otherwise."""
    found = read_sitting(ctx, sitting_id, lock=lock)
    if found is None:
        abort(404)
    return found


def judge(ctx: Context, sitting: Sitting) -> list[Judged]:
    """Judge all open forms, in the order of filing."""
    shop = services()
    return put_in_order(judge_together(ctx, catalogue(shop.installed), shop.installed, sitting))


def leave_if_done(hub: str, sitting: Sitting) -> None:
    """A sitting with nothing open leads to the page that follows its parts: back button and second tab end there."""
    if not sitting.parts:
        abort(go_to(url_for("sitting_papers.follow", hub=hub, sitting_id=sitting.id)))


@blueprint.get("/form")
@permit("accept")
def form(hub: str, sitting_id: str) -> Response:
    """Show the common form of all open matters."""
    sitting = find_sitting(reading(), sitting_id)
    leave_if_done(hub, sitting)
    return _form_page(reading(), sitting, {})


@blueprint.post("/form")
@permit("accept")
def send_form(hub: str, sitting_id: str) -> AnyResponse | Response:
    """Save what was typed; then stay, or go on to the check: with problems only when that is asked for."""
    with writing() as ctx:
        sitting = find_sitting(ctx, sitting_id, lock=True)
        leave_if_done(hub, sitting)
        judged = judge(ctx, sitting)
        read = save_together(ctx, judged, request.form, read_shown_at(request.form))
        judged = judge(ctx, sitting)
        stays = any(name in request.form for name in ("_add", "_remove", "_use", "_save"))
        problems = {} if stays else problems_together(judged) | read.problems
        if stays or (problems and "_go" not in request.form):
            return _form_page(ctx, sitting, problems, judged, status=422 if problems else 200)
    return redirect(url_for("sitting.check", hub=hub, sitting_id=sitting_id), 303)


@blueprint.post("/form/save")
@permit("accept")
def autosave(hub: str, sitting_id: str) -> AnyResponse | Response:
    """Keep what has been typed so far and say when."""
    with writing() as ctx:
        sitting = find_sitting(ctx, sitting_id, lock=True)
        leave_if_done(hub, sitting)
        save_together(ctx, judge(ctx, sitting), request.form, read_shown_at(request.form))
        if is_htmx():
            return page("reception/saved.html", saved_at=_saved_at(sitting))
    return redirect(url_for("sitting.form", hub=hub, sitting_id=sitting_id), 303)


@blueprint.post("/form/field/<name>")
@permit("accept")
def check_field(hub: str, sitting_id: str, name: str) -> AnyResponse | Response:
    """Check one answer when its field is left; what is wrong stands beside it."""
    if not is_htmx():  # a form that was kept while nobody was signed in
        return autosave(hub, sitting_id)
    ctx = reading()
    question = all_questions(judge(ctx, find_sitting(ctx, sitting_id))).get(name)
    if question is None:
        abort(404)
    problem = read_fields(request.form, {name: question.field}, lambda content: "").problems.get(name)
    return page("reception/field_error.html", text=problem.text(current_locale()) if problem else "")


def _saved_at(sitting: Sitting) -> str:
    return clock_time(max(part.draft.saved_at for part in sitting.parts))


def _form_page(
    ctx: Context,
    sitting: Sitting,
    problems: Mapping[str, Problem],
    judged: list[Judged] | None = None,
    status: int = 200,
) -> Response:
    judged = judge(ctx, sitting) if judged is None else judged
    return page(
        "reception/sitting_form.html",
        status=status,
        **common(ctx, sitting),
        sections=draw_together(sitting, judged, problems),
        parts=draw_parts(sitting, judged),
        materials=draw_materials(sitting, materials_of(judged)),
        errors=error_list(judged, problems),
        checked_when_left=CHECKED_WHEN_LEFT,
        saved_at=_saved_at(sitting),
        shown_at=ctx.clock.now().isoformat(),
        **_sits(ctx, sitting, judged, problems),
    )


def _sits(ctx: Context, sitting: Sitting, judged: list[Judged], problems: Mapping[str, Problem]) -> dict[str, Any]:
    """Say who sits here in the forms of the host; in the others the host acts for whom they are about."""
    own = [one for one in judged if not one.part.role and one.item]
    if not own:
        return {"sits": [], "authority_url": ""}
    values = next((v for one in own if (v := one.part.draft.values or {}).get("_agent") or v.get(SITS)), {})
    asks = any(one.item and "agent" in one.item.manifest.field_groups for one in own)
    return draw_sits(ctx, sitting.host.id, values, problems, asks_agent=asks)


def common(ctx: Context, sitting: Sitting) -> dict[str, Any]:
    """Give what every page of a sitting shows."""
    return {"sitting_id": sitting.id, "person": identity_bar(ctx, sitting.host.id, citywide=True)}


@blueprint.post("/materials/<name>")
@permit("accept")
def material(hub: str, sitting_id: str, name: str) -> AnyResponse | Response:
    """Note once, for every matter that wants it, that a material was seen, scanned, promised or may follow."""
    state, upload = request.form.get("state", ""), request.files.get("file")
    scan: dict[str, Any] = {}
    if upload and upload.filename:
        state = "scanned"
        scan = {"content": upload.stream.read(LARGEST + 1), "file_name": upload.filename}
    try:
        with writing() as ctx:
            sitting = find_sitting(ctx, sitting_id, lock=True)
            wanted = materials_of(judge(ctx, sitting)).get(name)
            if wanted is None:
                zh, en = "该材料已不在清单中，请刷新页面。", "This material is no longer on the list; reload."
                raise Problem("no_such_material", zh, en)
            mark_together(ctx, wanted, state, **scan)
    except Problem as problem:
        return _materials_part(sitting_id, {name: problem.text(current_locale())}, 422)
    if is_htmx():
        return _materials_part(sitting_id, {}, 200)
    return redirect(url_for("sitting.form", hub=hub, sitting_id=sitting_id) + "#materials", 303)


def _materials_part(sitting_id: str, errors: Mapping[str, str], status: int) -> Response:
    close_reading()  # papers may have been kept since this request began to read
    ctx = reading()
    sitting = find_sitting(ctx, sitting_id)
    materials = draw_materials(sitting, materials_of(judge(ctx, sitting)))
    shown = {"materials": materials, "material_errors": errors, **common(ctx, sitting)}
    return page("reception/sitting_materials.html", "materials", status, **shown)


@blueprint.route("/leave-out/<case_id>", methods=["GET", "POST"])
@permit("accept")
def leave_out(hub: str, sitting_id: str, case_id: str) -> AnyResponse | Response:
    """Ask, then take one matter out of the sitting; the others keep all that was typed."""
    if request.method == "GET":
        sitting = find_sitting(reading(), sitting_id)
        part = next((part for part in sitting.parts if part.case.id == case_id), None)
        if part is None:
            abort(404)
        return page("reception/leave_out.html", sitting_id=sitting_id, case=part.case, **_person(sitting))
    with writing() as ctx:
        sitting = find_sitting(ctx, sitting_id, lock=True)
        for part in sitting.parts:
            if part.case.id == case_id:
                discard(ctx, part.case, part.draft)
        is_empty = all(part.case.id == case_id for part in sitting.parts) and not sitting.filed
        person_id = sitting.host.id
    if is_empty:
        return redirect(url_for("home.resident", hub=hub, person_id=person_id), 303)
    return redirect(url_for("sitting.form", hub=hub, sitting_id=sitting_id), 303)


def _person(sitting: Sitting) -> dict[str, Any]:
    return {"person": identity_bar(reading(), sitting.host.id, citywide=True)}


@blueprint.get("/check")
@permit("accept")
def check(hub: str, sitting_id: str) -> Response:
    """Show every answer once, and of each matter whether it can be filed and what hinders it."""
    ctx = reading()
    sitting = find_sitting(ctx, sitting_id)
    leave_if_done(hub, sitting)
    judged = judge(ctx, sitting)
    return page(
        "reception/sitting_check.html",
        **common(ctx, sitting),
        groups=draw_answers(sitting, judged, url_for("sitting.form", hub=hub, sitting_id=sitting_id)),
        parts=draw_parts(sitting, judged),
        materials=draw_materials(sitting, materials_of(judged)),
    )


@blueprint.post("/accept")
@permit("accept")
def accept(hub: str, sitting_id: str) -> AnyResponse:
    """File what was ticked; a second click finds the receipt of the first one."""
    shop = services()
    find_sitting(reading(), sitting_id)
    keys = {case_id: request.form.get(f"key-{case_id}", "") for case_id in request.form.getlist("file")}
    close_reading()
    filed = accept_together(writing, catalogue(shop.installed), shop.installed, sitting_id, keys)
    close_reading()  # what was read before the commits is past
    for one in filed:
        tell_line(reading(), shop.caller, shop.installed, one.line_id, one.case_id, "case_accepted")
    return redirect(url_for("sitting_papers.receipt", hub=hub, sitting_id=sitting_id), 303)
