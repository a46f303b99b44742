"""The page of papers on the way between hubs: what is to be handed over, and what is to be received."""

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..store.problems import Problem
from ..web.acting import close_reading, reading, writing
from ..web.filters import moment
from ..web.language import current_locale
from ..web.pages import page
from ..web.permit import permit
from .anywhere import hand_over, papers_on_the_way, take_over
from .find import get_case

blueprint = Blueprint("papers_on_the_way", __name__, url_prefix="/h/<hub>/papers")


@blueprint.get("")
@permit("see")
def papers(hub: str) -> Response:
    """List what travels."""
    return _page()


def _page(status: int = 200, wrong: Problem | None = None) -> Response:
    ctx = reading()
    rows = [
        {
            "one": one,
            "ours": one.hop.from_hub == ctx.hub.id and one.hop.sent_at is None,
            "by": moment(one.hop.hand_over_by),
            "late": one.hop.sent_at is None and ctx.clock.now() > one.hop.hand_over_by,
        }
        for one in papers_on_the_way(ctx)
    ]
    return page(
        "cases/papers.html",
        status=status,
        rows=rows,
        typed=request.form,
        wrong=wrong.text(current_locale()) if wrong else "",
    )


@blueprint.post("/<case_id>")
@permit("see")
def move(hub: str, case_id: str) -> AnyResponse | Response:
    """Write down that papers left or came."""
    try:
        with writing() as ctx:
            case = get_case(ctx, case_id, lock=True)
            if case is None:
                abort(404)
            said = request.form.get(f"said-{case_id}", "")
            if request.form.get("action") == "send":
                hand_over(ctx, case, said)
            else:
                take_over(ctx, case, said)
    except Problem as problem:
        close_reading()
        return _page(422 if problem.field else 409, problem)
    return redirect(url_for("papers_on_the_way.papers", hub=hub), 303)
