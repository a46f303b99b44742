"""Pages of the lines at a hub: how each stands, close after being told what stops, move up and down."""

from flask import Response, abort, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..catalogue.loaded import catalogue
from ..host.discover import Line
from ..hubs.open_lines import close_line, move_line
from ..identity.audit import record
from ..store.context import Context
from ..web.acting import reading, writing
from ..web.language import _, bilingual
from ..web.permit import permit
from ..web.services import services
from .frame import ROOT, admin_page, blueprint, go
from .standing import Standing, line_standings, open_order


@blueprint.get(f"{ROOT}/")
@permit("configure")
def start(hub: str) -> AnyResponse:
    """Begin with the lines."""
    return redirect(url_for("admin.lines", hub=hub), 303)


@blueprint.get(f"{ROOT}/lines")
@permit("configure")
def lines(hub: str) -> Response:
    """Show how every installed line stands here."""
    return admin_page("lines.html", "lines", standings=_standings())


@blueprint.get(f"{ROOT}/lines/<line_id>/close")
@permit("configure")
def ask_close(hub: str, line_id: str) -> Response:
    """Say what stops when a line is closed, and ask."""
    line = line_or_404(line_id)
    standing = next(one for one in _standings() if one.line.id == line.id)
    return admin_page("close_line.html", "lines", standing=standing)


@blueprint.post(f"{ROOT}/lines/<line_id>/close")
@permit("configure")
def close_one(hub: str, line_id: str) -> AnyResponse:
    """Close a line here."""
    line = line_or_404(line_id)
    with writing() as ctx:
        if close_line(ctx, line_id):
            record(ctx, "line.close", subject=f"line:{line_id}")
    return tell("line_closed", line, _("{line} is closed. Its cases stay readable.", line=name_of(line)))


@blueprint.post(f"{ROOT}/lines/<line_id>/move")
@permit("configure")
def move_one(hub: str, line_id: str) -> AnyResponse:
    """Move an open line one place up or down in this hub's order."""
    step = {"up": -1, "down": 1}.get(request.form.get("step", ""))
    if step is None:
        abort(400)
    with writing() as ctx:
        _shift(ctx, line_id, step)
        record(ctx, "line.move", subject=f"line:{line_id}")
    return go("lines")


def _shift(ctx: Context, line_id: str, step: int) -> None:
    order = open_order(ctx.session, ctx.hub.id, services().installed)
    if line_id not in order:
        return
    place = order.index(line_id)
    order.insert(max(place + step, 0), order.pop(place))
    for position, one in enumerate(order, start=1):
        move_line(ctx, one, position)


def _standings() -> list[Standing]:
    installed, ctx = services().installed, reading()
    return line_standings(ctx, installed, catalogue(installed))


def line_or_404(line_id: str) -> Line:
    line = services().installed.line(line_id)
    if line is None:
        abort(404)
    return line


def name_of(line: Line) -> str:
    return bilingual(line.name_zh, line.name_en)


def tell(hook: str, line: Line, text: str) -> AnyResponse:
    """Tell the line after the commit; a line that fails in its own hook is still open or closed, and says so."""
    answers = services().caller.call(hook, [line], hub=g.hub) if line.state == "ready" else []
    if any(answer.fault for answer in answers):
        text += " " + _("The line itself failed when it was told; tell its owner.")
        return go("lines", text, "warning")
    return go("lines", text)
