"""Pages of import and export: upload, name the columns, dry run, report, write, take back; many residents out."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..identity.audit import record
from ..people.place_names import communities
from ..store.ids import new_id
from ..store.problems import Problem, Problems
from ..web.acting import close_reading, reading, writing
from ..web.filters import moment
from ..web.htmx import is_htmx
from ..web.language import _, bilingual, current_locale
from ..web.pages import page
from ..web.permit import permit
from . import upload as verbs
from .export import MOST, export_people, exportable, record_export
from .models import ImportRow
from .read_table import LARGEST, read_table
from .report import draw_row, read_report, row_states, write_report
from .targets import targets

blueprint = Blueprint("exchange", __name__, url_prefix="/h/<hub>/exchange")
KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
SHOWN, SAMPLE = 200, 3


@blueprint.get("")
@permit("exchange")
def imports(hub: str) -> Response:
    """Show what was imported, and where to begin."""
    return _start_page({})


@blueprint.post("")
@permit("exchange")
def upload(hub: str) -> AnyResponse:
    """Take a file in; sent twice it stands once."""
    sent = request.files.get("file")
    content = sent.stream.read(LARGEST + 1) if sent else b""
    if not content or sent is None:
        return _start_page({"file": _("Choose a file.")}, status=422)
    try:
        with writing() as ctx:
            import_id = verbs.upload(ctx, sent.filename or "table", content, key=_key()).id
    except Problem as problem:
        return _start_page({"file": problem.text(current_locale())}, status=422)
    return redirect(url_for("exchange.one", hub=hub, import_id=import_id), 303)


@blueprint.get("/<import_id>")
@permit("exchange")
def one(hub: str, import_id: str) -> Response:
    """Show an import where it stands: its columns, its progress, or its report."""
    row = _get(import_id)
    if is_htmx():
        return page("exchange/import.html", "progress", **_shown(row, {}))
    return page("exchange/import.html", **_shown(row, {}))


@blueprint.post("/<import_id>/check")
@permit("exchange")
def check(hub: str, import_id: str) -> AnyResponse:
    """Take the columns and the source, and begin the dry run."""
    form = request.form
    columns = {name.removeprefix("column-"): value for name, value in form.items() if name.startswith("column-")}
    terms = {name: form.get(name, "").strip()[:200] for name in ("rank", "source", "as_of", "reason")}
    try:
        with writing() as ctx:
            verbs.check(ctx, import_id, columns, terms)
    except Problems as wrong:
        close_reading()
        errors = {problem.field: problem.text(current_locale()) for problem in wrong.problems}
        return page("exchange/import.html", status=422, **_shown(_get(import_id), errors))
    except Problem:
        abort(404)
    return redirect(url_for("exchange.one", hub=hub, import_id=import_id), 303)


@blueprint.post("/<import_id>/start")
@permit("exchange")
def start(hub: str, import_id: str) -> AnyResponse:
    """Let the checked rows be written."""
    with writing() as ctx:
        verbs.start(ctx, _get(import_id).id)
    return redirect(url_for("exchange.one", hub=hub, import_id=import_id), 303)


@blueprint.post("/<import_id>/undo")
@permit("exchange")
def undo(hub: str, import_id: str) -> AnyResponse:
    """Take an import back."""
    try:
        with writing() as ctx:
            verbs.undo_import(ctx, _get(import_id).id, request.form.get("reason", "")[:200])
    except Problem as problem:
        close_reading()
        errors = {"reason": problem.text(current_locale())}
        return page("exchange/import.html", status=422, **_shown(_get(import_id), errors))
    return redirect(url_for("exchange.one", hub=hub, import_id=import_id), 303)


@blueprint.get("/<import_id>/report")
@permit("exchange")
def report(hub: str, import_id: str) -> AnyResponse:
    """Hand out the report of every row."""
    row = _get(import_id)
    content = write_report(read_report(reading(), row.id))
    with writing() as ctx:
        record(ctx, "import.report", subject=f"import:{row.id}", purpose="import")
    return _file(content, "xlsx", f"import-{row.id}")


@blueprint.get("/out")
@permit("exchange")
def ask_export(hub: str) -> Response:
    """Ask what to hand out, of whom, and what for."""
    return _export_page({})


@blueprint.post("/out")
@permit("exchange")
def hand_out(hub: str) -> AnyResponse:
    """Hand residents out; who took whom for what stands in the trail."""
    form = request.form
    kind = form.get("kind", "")
    try:
        community, reason = form.get("community_id", "")[:12], form.get("reason", "")
        export = export_people(reading(), form.getlist("keys"), community, kind, reason)
    except Problems as wrong:
        return _export_page({one.field: one.text(current_locale()) for one in wrong.problems}, status=422)
    with writing() as ctx:
        record_export(ctx, export)
    return _file(export.content, kind, f"residents-{hub}")


def _file(content: bytes, kind: str, name: str) -> Response:
    response = Response(content, content_type=KINDS[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


def _key() -> str:
    key = request.form.get("key", "")
    return key if len(key) == len(new_id()) and key.isalnum() else new_id()


def _get(import_id: str) -> ImportRow:
    try:
        return verbs.get_import(reading(), import_id)
    except Problem:
        abort(404)


def _start_page(errors: Mapping[str, str], status: int = 200) -> Response:
    found = [
        {
            "name": row.file_name,
            "url": url_for("exchange.one", hub=row.hub_id, import_id=row.id),
            "at": moment(row.made_at),
            "rows": row.total,
            "word": _states()[row.state],
        }
        for row in verbs.imports_of(reading())
    ]
    return page("exchange/start.html", status=status, imports=found, errors=errors, key=new_id())


def _export_page(errors: Mapping[str, str], status: int = 200) -> Response:
    entries = [(entry.key, bilingual(entry.label_zh, entry.label_en)) for entry in exportable()]
    chosen = request.form.getlist("keys") or ["person.name", "person.id_no", "person.phone", "person.residence_address"]
    return page(
        "exchange/export.html",
        status=status,
        entries=entries,
        chosen=chosen,
        communities=communities(reading()),
        most=MOST,
        typed=request.form,
        errors=errors,
    )


def _states() -> dict[str, str]:
    return {
        "uploaded": _("columns to be named"),
        "checking": _("being checked"),
        "checked": _("checked, not written"),
        "writing": _("being written"),
        "done": _("written"),
        "undoing": _("being taken back"),
        "undone": _("taken back"),
        "stopped": _("stopped by a fault"),
    }


def _shown(row: ImportRow, errors: Mapping[str, str]) -> dict[str, Any]:
    ctx, states = reading(), row_states()
    rows = read_report(ctx, row.id, most=SHOWN)
    wrong = read_report(ctx, row.id, ("refused", "likely"), SHOWN)
    return {
        "row": row,
        "word": _states()[row.state],
        "is_moving": row.state in verbs.MOVING,
        "counts": [{"word": states[state], "count": row.counts[state]} for state in states if row.counts.get(state)],
        "rows": [_linked(draw_row(one), row.hub_id) for one in (wrong or rows)],
        "only_wrong": bool(wrong),
        "columns": _columns(row) if row.state in ("uploaded", "checked") else [],
        "targets": [(key, bilingual(one.zh, one.en)) for key, one in targets().items()],
        "typed": request.form,
        "errors": errors,
    }


def _linked(drawn: dict[str, Any], hub: str) -> dict[str, Any]:
    people = [drawn["person_id"]] if drawn["person_id"] else drawn["likely"]
    return drawn | {"urls": [url_for("home.resident", hub=hub, person_id=one) for one in people]}


def _columns(row: ImportRow) -> list[dict[str, Any]]:
    """Give each column with its name, what it may be, and the first values as they stand."""
    table = read_table(reading().files.get(row.digest), row.file_name)
    return [
        {
            "place": str(place),
            "name": name or _("column {number}", number=place + 1),
            "key": request.form.get(f"column-{place}", row.columns.get(str(place), "")),
            "sample": [text for cells in table.rows[:SAMPLE] if (text := cells[place].text)],
        }
        for place, name in enumerate(table.names)
    ]
