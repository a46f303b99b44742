"""The page that does not accept a form, with a reason the resident gets in writing."""

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..catalogue.loaded import catalogue
from ..store.problems import Problem
from ..web.acting import close_reading, reading, writing
from ..web.language import bilingual, current_locale
from ..web.pages import page
from ..web.permit import permit
from ..web.services import services
from .draft import get_draft
from .judge import current_item
from .refuse import refuse_acceptance

blueprint = Blueprint("refusal", __name__, url_prefix="/h/<hub>/cases/<case_id>/refuse")


@blueprint.get("")
@permit("accept")
def ask(hub: str, case_id: str) -> Response:
    """Ask for the reason."""
    return _page(case_id)


def _page(case_id: str, status: int = 200, wrong: Problem | None = None) -> Response:
    found = get_draft(reading(), case_id)
    if found is None:
        abort(404)
    case = found[0]
    return page(
        "reception/refuse.html",
        status=status,
        case=case,
        title=bilingual(case.title_zh, case.title_en),
        typed=request.form,
        wrong=wrong.text(current_locale()) if wrong else "",
        wrong_field=wrong.field if wrong else "",
    )


@blueprint.post("")
@permit("accept")
def refuse(hub: str, case_id: str) -> AnyResponse | Response:
    """Refuse; then the notice can be printed."""
    installed = services().installed
    try:
        with writing() as ctx:
            found = get_draft(ctx, case_id, lock=True)
            if found is None:
                abort(404)
            case, draft = found
            item = current_item(ctx, catalogue(installed), installed, case.line_id, case.item_code)
            kind, reason = request.form.get("kind", ""), request.form.get("reason", "")[:2000]
            refuse_acceptance(ctx, item, case, draft, kind=kind, reason=reason)
    except Problem as problem:
        close_reading()
        return _page(case_id, 422, problem)
    return redirect(f"{url_for('cases.case', hub=hub, case_id=case_id)}/documents", 303)
