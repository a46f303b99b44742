"""The page that hands out a resident's own file, as Excel or JSON, with a reason that stands in the trail."""

import json

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from ..identity.audit import record
from ..store.context import Context
from ..web.acting import reading, writing
from ..web.language import _
from ..web.pages import page
from ..web.permit import permit
from .blueprint import blueprint
from .conflict_views import get_file
from .resident_file import read_file
from .resident_views import resident_bar
from .workbook import write_workbook

KINDS = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "json": "application/json"}


@blueprint.get("/h/<hub>/people/<person_id>/export")
@permit("export")
def export(hub: str, person_id: str) -> Response:
    """Ask why, and as what."""
    return _page(person_id, {})


@blueprint.post("/h/<hub>/people/<person_id>/export")
@permit("export")
def hand_out(hub: str, person_id: str) -> AnyResponse:
    """Give the file."""
    row, kind = get_file(person_id), request.form.get("kind", "")
    reason = request.form.get("reason", "").strip()[:200]
    errors = {} if len(reason) >= 2 else {"reason": _("Say what the export is for.")}
    if kind not in KINDS:
        errors = {"kind": _("Choose Excel or JSON."), **errors}
    if errors:
        return _page(person_id, errors, status=422)
    content = _write(reading(), row.id, kind)
    with writing() as ctx:
        record(ctx, "person.export", person_id=row.id, purpose=reason, detail={"kind": kind})
    response = Response(content, content_type=KINDS[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="resident-{row.id}.{kind}"'
    return response


def _write(ctx: Context, person_id: str, kind: str) -> bytes:
    file = read_file(ctx, get_file(person_id))
    if kind == "xlsx":
        return write_workbook(file)
    return json.dumps(file.as_dict(), ensure_ascii=False, indent=2).encode()


def _page(person_id: str, errors: dict[str, str], status: int = 200) -> Response:
    return page(
        "desk/export.html",
        status=status,
        **resident_bar(get_file(person_id)),
        kind=request.form.get("kind", "xlsx"),
        reason=request.form.get("reason", ""),
        errors=errors,
    )
