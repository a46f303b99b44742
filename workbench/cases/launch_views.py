"""Pages and calls of departments' screens: open one from a case, tell it the matter, take the number it found."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, abort, g, jsonify, request
from werkzeug.wrappers import Response as AnyResponse

from ..delivery.standing import platform_names
from ..identity.frame import go_on_page, site
from ..identity.launches import launches_of
from ..identity.may import may
from ..identity.platform_views import bearer_access, no_access
from ..identity.way_out_models import AccessRow, ClientRow, LaunchRow
from ..people.view import identity_bar
from ..store.context import Context
from ..store.problems import Problem
from ..web.acting import reading, writing
from ..web.pages import page
from ..web.permit import TOKEN, permit
from ..web.services import services
from .find import get_case
from .launch import acting_for, open_for, screens_of, show_matter, take_number
from .look import item_of
from .models import CaseRow
from .screen import draw_person, person_url

blueprint = Blueprint("launch", __name__, url_prefix="/h/<hub>/cases/<case_id>/screens")
#: Called by the screens' servers.
outside = Blueprint("launch_servers", __name__)


@blueprint.get("")
@permit("rekey")
def screens(hub: str, case_id: str) -> Response:
    """Show which screens can be opened for a case, and what came of those that were."""
    ctx = reading()
    case = _case_or_404(ctx, case_id)
    names = platform_names(services().installed)
    clients = {client.id: client for client in screens_of(ctx, case)}
    rows = [_draw(row, ctx, names) for row in launches_of(ctx.session, case.id)]
    return page(
        "cases/screens.html",
        "openings",
        case=case,
        person=draw_person(identity_bar(ctx, case.person_id, citywide=True)),
        person_url=person_url(ctx.hub.id, case.person_id),
        clients=[(client, names.get(client.platform_id)) for client in clients.values()],
        openings=rows,
    )


@blueprint.post("/<client_id>")
@permit("rekey")
def open_one(hub: str, case_id: str, client_id: str) -> AnyResponse | Response:
    """Open a screen in the browser's new window, signed on and with the matter."""
    case = _case_or_404(reading(), case_id)
    item = item_of(reading(), services().installed, case)
    try:
        with writing() as ctx:
            _row, url = open_for(
                ctx, case, client_id, purpose=item.purpose if item else "", sid=g.signed_in.sid, issuer=site().origin
            )
    except LookupError:
        abort(404)
    return go_on_page(url)


@outside.route("/oidc/launch", methods=["GET", "POST"])
@permit(TOKEN)
def matter() -> Response:
    """Tell a screen the matter it was opened for (GET), or take the number it found (POST, `number`)."""
    access = bearer_access()
    if access is None or not access.launch_id or "launch" not in access.scope.split():
        return no_access()
    try:
        with writing() as ctx:
            return _answer(ctx, access)
    except Problem as problem:
        return _wrong(409 if problem.code == "number_known" else 422, problem.code, problem.en)
    except LookupError:
        return _wrong(403, "not_allowed", "the worker may not handle this case any more")


def _answer(ctx: Context, access: AccessRow) -> Response:
    launch = ctx.session.get_one(LaunchRow, access.launch_id, with_for_update=True)
    acting = acting_for(ctx, launch)
    if request.method == "GET":
        return jsonify(asdict(show_matter(acting, launch)))
    said: Any = request.get_json(silent=True) if request.is_json else request.form
    take_number(acting, launch, str(said.get("number", "")) if isinstance(said, dict | type(request.form)) else "")
    return jsonify(number=launch.number, use=launch.number_use)


def _wrong(status: int, code: str, text: str) -> Response:
    response = jsonify(error=code, error_description=text)
    response.status_code = status
    return response


def _case_or_404(ctx: Context, case_id: str) -> CaseRow:
    case = get_case(ctx, case_id)
    if case is None or case.state in ("draft", "voided"):
        abort(404)
    if not may(ctx.actor, "rekey", case.line_id):
        abort(403)
    return case


def _draw(row: LaunchRow, ctx: Context, names: Any) -> dict[str, Any]:
    client = ctx.session.get_one(ClientRow, row.client_id)
    return {"name": client.name, "at": row.created_at, "number": row.number, "use": row.number_use}
