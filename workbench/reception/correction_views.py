"""The page of a correction: the department's words on top, only the field they name opens, papers can be added."""

from typing import Any

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..cases.find import get_case
from ..cases.frozen_form import Group, frozen_form, say_value
from ..cases.look import due_of, item_of, look_at
from ..cases.models import DraftRow
from ..cases.screen import draw_person, due_words, person_url
from ..cases.views import case_page
from ..catalogue.form import FormField, form_of
from ..delivery.models import PayloadRow
from ..delivery.standing import name_of
from ..identity.audit import record
from ..identity.may import may
from ..people.scans import LARGEST
from ..people.view import identity_bar
from ..store.context import Context
from ..store.problems import Problem, Problems
from ..web.acting import close_reading, reading, writing
from ..web.language import _, bilingual, current_locale
from ..web.pages import page
from ..web.permit import permit
from ..web.services import services
from .check_form import asked_sections
from .materials import mark
from .read_form import Reading, read_fields
from .screen import draw_field
from .supply import Correction, last_supplied, read_correction, still_in_correction, supply

blueprint = Blueprint("correction", __name__, url_prefix="/h/<hub>/cases/<case_id>/correction")


def _find(ctx: Context, case_id: str, *, lock: bool = False) -> Correction:
    """Give a case that waits for a correction; raises Problem when it does not."""
    case = get_case(ctx, case_id, lock=lock)
    if case is None or case.state in ("draft", "voided"):
        abort(404)
    if not may(ctx.actor, "correct", case.line_id):
        abort(403)
    still_in_correction(case)
    item = item_of(ctx, services().installed, case)
    if item is None:
        abort(404)
    return read_correction(ctx, case, item)


@blueprint.get("")
@permit("correct")
def correction(hub: str, case_id: str) -> AnyResponse | Response:
    """Show what is to be corrected."""
    try:
        return _page(_find(reading(), case_id))
    except Problem:
        return redirect(url_for("cases.case", hub=hub, case_id=case_id), 303)


@blueprint.post("")
@permit("correct")
def send(hub: str, case_id: str) -> AnyResponse | Response:
    """Take papers and values; what hinders stands beside its field, and the papers are kept meanwhile."""
    read = Reading()
    problems: dict[str, Problem] = {}
    try:
        problems |= _keep_papers(case_id)
        with writing() as ctx:
            found = _find(ctx, case_id, lock=True)
            fields = {key: found.form.fields[key] for key in found.open_fields()}
            read = read_fields(request.form, fields, ctx.files.put)
            problems |= read.problems
            if problems or _stays():
                raise Problems(list(problems.values()))
            _supply(ctx, found, read)
    except Problems as several:
        problems |= {problem.field: problem for problem in several.problems}
    except Problem as problem:
        name = "_note" if problem.field == "reason" else problem.field
        problems |= {name: problem.at(name)}
    if problems or _stays():
        return _again(hub, case_id, read, problems)
    return redirect(url_for("cases.case", hub=hub, case_id=case_id, done="supply"), 303)


def _supply(ctx: Context, found: Correction, read: Reading) -> None:
    version = request.form.get("_version", "")
    supply(
        ctx,
        services().installed,
        found,
        read.values,
        note=request.form.get("_note", "")[:2000],
        reasons={key: request.form.get(f"{key}__reason", "")[:200] for key in read.values},
        seen_version=int(version) if version.isdecimal() else -1,
    )


def _stays() -> bool:
    """Adding or removing a row of a table draws the page again."""
    return "_add" in request.form or "_remove" in request.form


def _keep_papers(case_id: str) -> dict[str, Problem]:
    """Keep every paper that was scanned or seen again, whatever becomes of the rest."""
    problems: dict[str, Problem] = {}
    keys = [name.removeprefix("scan-") for name, file in request.files.items() if file.filename]
    seen = [key for key in request.form.getlist("_seen") if key not in keys]
    for key, state in [*((key, "scanned") for key in keys), *((key, "sighted") for key in seen)]:
        upload = request.files.get(f"scan-{key}") if state == "scanned" else None
        scan = {"content": upload.stream.read(LARGEST + 1), "file_name": upload.filename or ""} if upload else {}
        try:
            with writing() as ctx:
                found = _find(ctx, case_id, lock=True)
                mark(ctx, found.case, found.item, key, state, **scan)
        except Problem as problem:
            if problem.code == "wrong_state":
                raise
            problems[f"scan-{key}"] = problem.at(f"scan-{key}")
    return problems


def _again(hub: str, case_id: str, read: Reading, problems: dict[str, Problem]) -> AnyResponse | Response:
    """Draw the page again with what was typed; a case that moved on is shown as it stands now."""
    close_reading()  # papers may have been kept since this request began to read
    try:
        found = _find(reading(), case_id)
    except Problem as moved:
        left = _left(case_id)
        if left:
            return case_page(look_at(reading(), case_id), 409, [moved], left)
        return redirect(url_for("cases.case", hub=hub, case_id=case_id), 303)  # sent twice, or all of it said already
    status = 200 if not problems else 422
    return _page(found, read, problems, status)


def _left(case_id: str) -> list[dict[str, str]]:
    """List what was typed and differs from what the case says now that somebody else has supplied it."""
    ctx, note = reading(), request.form.get("_note", "").strip()[:2000]
    case = get_case(ctx, case_id)
    item = item_of(ctx, services().installed, case) if case else None
    said = last_supplied(ctx, case_id)
    rows = [{"key": _("What was corrected or supplied"), "value": note}] if note not in ("", said) else []
    if case is None or item is None:
        return rows
    held = ctx.session.get_one(PayloadRow, case.payload_id).content["values"]
    fields = {key: field for key, field in form_of(item).fields.items() if field.type not in ("signature", "table")}
    typed = read_fields(request.form, fields, lambda content: "").values
    changed = {key: value for key, value in typed.items() if value != held.get(key)}
    return rows + [{"key": fields[key].label(current_locale()), "value": _as_typed(fields[key], value)}
                   for key, value in changed.items()]  # fmt: skip


def _as_typed(field: FormField, value: Any) -> str:
    plain = not field.choices and field.type not in ("multi", "range", "bool")
    return request.form.get(field.key, "") if plain else say_value(field, value, current_locale())


def _page(
    found: Correction, read: Reading | None = None, problems: dict[str, Problem] | None = None, status: int = 200
) -> Response:
    ctx, case, problems = reading(), found.case, problems or {}
    with writing() as trail:
        record(
            trail, "case.correction", person_id=case.person_id, subject=f"case:{case.id}", purpose=found.item.purpose
        )
    general = [problem.text(current_locale()) for name, problem in problems.items() if not name]
    locale = current_locale()
    return page(
        "reception/correction.html",
        status=status,
        case=case,
        title=bilingual(case.title_zh, case.title_en),
        person=draw_person(identity_bar(ctx, case.person_id, citywide=True)),
        person_url=person_url(ctx.hub.id, case.person_id),
        asked=found.asked,
        asked_by=bilingual(*name_of(services().installed, found.asked.platform_id))
        if found.asked.platform_id
        else found.asked.who,
        due_text=due_words(due_of(ctx, case)),
        sections=_open_sections(found, read, problems),
        closed=_closed(found),
        materials=[
            _draw_material(standing, problems) for standing in found.standings if standing.state != "not_needed"
        ],
        errors=[(name, problem.text(locale)) for name, problem in problems.items() if name],
        wrong=" ".join(general),
        note=request.form.get("_note", ""),
        version=case.version,
    )


def _open_sections(found: Correction, read: Reading | None, problems: dict[str, Problem]) -> list[dict[str, Any]]:
    """Give the fields that open, with what was typed."""
    typed, names = read.values if read else {}, set(found.open_fields())
    origins = {key: dict(origin) for key, origin in (found.content.get("origins") or {}).items()}
    for key in origins:
        origins[key]["reason"] = request.form.get(f"{key}__reason", origins[key].get("reason", ""))
    as_draft = DraftRow(
        case_id=found.case.id,
        values={**found.content["values"], **typed},
        origins=origins,
        accept_key="",
        saved_at=found.case.updated_at,
    )
    drawn = []
    for section, counts in asked_sections(found.form, found.facts):
        fields = [f for f in section.fields if f.key in names and f.type not in ("image", "derived")]
        controls = [draw_field(f, as_draft, problems, must=f.required and counts) for f in fields]
        drawn.append({"key": section.key, "title": bilingual(section.title_zh, section.title_en), "fields": controls})
    return [section for section in drawn if section["fields"]]


def _closed(found: Correction) -> list[Group]:
    """Give the answers that stay as they are."""
    names = set(found.open_fields())
    values = {key: value for key, value in found.content["values"].items() if key not in names}
    return frozen_form(found.item, {**found.content, "values": values}, current_locale())


def _draw_material(standing: Any, problems: dict[str, Problem]) -> dict[str, Any]:
    key = standing.material.key
    problem = problems.get(f"scan-{key}")
    return {
        "key": key,
        "name": bilingual(standing.material.name, standing.material.name_en),
        "state": standing.state,
        "file": standing.document.file_name if standing.document else "",
        "error": problem.text(current_locale()) if problem else "",
    }
