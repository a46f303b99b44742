"""Page of the A and B posts: who answers for each open line, who covers, and whether B settles or only writes down."""

from typing import Any

from flask import Response, g, request
from werkzeug.wrappers import Response as AnyResponse

from ..catalogue.loaded import catalogue
from ..duty.cover import workers_here
from ..duty.posts import Pair, fields_asked, posts_of, set_post, suggest_pairs
from ..hubs.open_lines import open_lines
from ..staff.workers import name_workers
from ..store.context import Context
from ..store.problems import Problem
from ..web.acting import close_reading, reading, writing
from ..web.language import _, bilingual
from ..web.permit import permit
from ..web.services import services
from .frame import ROOT, admin_page, blueprint, go, refused


@blueprint.get(f"{ROOT}/posts")
@permit("staff")
def posts(hub: str) -> Response:
    """Show the posts of every open line; with `suggest` as they are suggested. Six queries."""
    return _page()


def _page(status: int = 200, wrong: Problem | None = None) -> Response:
    ctx = reading()
    lines, workers = _lines(ctx), workers_here(ctx)
    names = sorted(name_workers(ctx.session, workers).items(), key=lambda one: (one[1], one[0]))
    at_table = set(workers_here(ctx, ("worker",)))
    takers = [one for one in names if one[0] in at_table]
    suggested = {one.line_id: one for one in _suggest(ctx, lines, takers)} if "suggest" in request.args else {}
    kept = posts_of(ctx)
    return admin_page(
        "posts.html",
        "posts",
        status=status,
        rows=[_row(line_id, name, kept.get(line_id), suggested.get(line_id)) for line_id, name in lines],
        workers=[("", _("nobody yet")), *names],
        is_suggested=bool(suggested),
        errors={wrong.field: refused(wrong)} if wrong else {},
    )


def _lines(ctx: Context) -> list[tuple[str, str]]:
    found = open_lines(ctx.session, g.hub, services().installed)
    return [(line.id, bilingual(line.manifest.name_zh, line.manifest.name_en)) for line in found if line.manifest]


def _suggest(ctx: Context, lines: list[tuple[str, str]], names: list[tuple[str, str]]) -> list[Pair]:
    ids = [line_id for line_id, _name in lines]
    items = catalogue(services().installed).at(ctx.hub.division, ctx.clock.today(), ids)
    return suggest_pairs(ids, [worker_id for worker_id, _name in names], fields_asked(items))


def _row(line_id: str, name: str, kept: Any, suggested: Pair | None) -> dict[str, Any]:
    form = request.form
    a = suggested.a if suggested else form.get(f"a-{line_id}", kept.a_worker_id if kept else "")
    b = suggested.b if suggested else form.get(f"b-{line_id}", (kept.b_worker_id or "") if kept else "")
    settles = f"settles-{line_id}" in form if form else kept is None or kept.may_settle
    near = round(suggested.near * 100) if suggested else 0
    return {
        "id": line_id,
        "name": name,
        "a": a,
        "b": b,
        "settles": settles,
        "near": _("near by {percent} %", percent=near) if suggested else "",
    }


@blueprint.post(f"{ROOT}/posts")
@permit("staff")
def set_posts(hub: str) -> AnyResponse | Response:
    """Set the posts of the lines for which somebody is chosen."""
    form = request.form
    try:
        with writing() as ctx:
            for line_id, _name in _lines(ctx):
                a, b = form.get(f"a-{line_id}", ""), form.get(f"b-{line_id}", "")
                if a or b:
                    set_post(ctx, line_id, a, b, may_settle=f"settles-{line_id}" in form)
    except Problem as problem:
        close_reading()
        return _page(422, problem)
    return go("posts", _("The posts are set; cover follows them at once."))
