"""The page on which work is shared out: loads, open cases without whom they are about, giving and evening out."""

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..identity.filter_views import kept_filters
from ..store.problems import Problem
from ..web.acting import close_reading, reading, writing
from ..web.filters import day
from ..web.language import _, bilingual, current_locale, ngettext
from ..web.pages import page
from ..web.permit import permit
from .absence_views import blueprint
from .words import line_name, line_names
from .work import balance, listed, loads, reassign

PAGE = 50


@blueprint.get("/work")
@permit("staff")
def work(hub: str) -> Response:
    """Show who has how much, and the open cases. Eight queries."""
    return _page()


def _page(status: int = 200, wrong: Problem | None = None) -> Response:
    ctx = reading()
    owner, line = request.values.get("owner", "")[:26], request.values.get("line", "")[:40]
    people, cases = loads(ctx), listed(ctx, owner, line, PAGE + 1)
    names = {one.worker_id: one.name for one in people}
    moved = request.args.get("moved", "")
    count = int(moved) if moved.isascii() and moved.isdigit() and len(moved) < 6 else 0
    return page(
        "duty/work.html",
        status=status,
        loads=people,
        rows=[
            {
                "id": one.id,
                "title": bilingual(one.title_zh, one.title_en),
                "number": one.case_no or "",
                "line": line_name(one.line_id),
                "owner": names.get(one.owner_id, ""),
                "due": day(one.due_on),
            }
            for one in cases[:PAGE]
        ],
        has_more=len(cases) > PAGE,
        owners=[("", _("Everybody")), *((one.worker_id, one.name) for one in people)],
        lines=[("", _("All lines")), *line_names(ctx).items()],
        takers=[("", _("Choose")), *((one.worker_id, one.name) for one in people if one.is_here)],
        owner=owner,
        line=line,
        kept=kept_filters(ctx, "duty.work", owner=owner, line=line),
        typed=request.form,
        wrong={wrong.field: wrong.text(current_locale())} if wrong else {},
        done=ngettext("{count} case changed hands.", "{count} cases changed hands.", count) if moved else "",
    )


@blueprint.post("/work")
@permit("staff")
def share(hub: str) -> AnyResponse | Response:
    """Give the chosen cases to somebody, or even out, with one reason."""
    form = request.form
    try:
        with writing() as ctx:
            if form.get("action") == "balance":
                moved = balance(ctx, form.get("reason", ""))
            else:
                moved = reassign(ctx, form.getlist("case"), form.get("to", ""), form.get("reason", ""))
    except Problem as problem:
        close_reading()
        return _page(422 if problem.field else 409, problem)
    return redirect(url_for("duty.work", hub=hub, moved=moved), 303)
