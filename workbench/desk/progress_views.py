"""The resident's own page, without sign-on: where does my matter stand? What is typed never stands in an address."""

from flask import Blueprint, Response, request

from ..store.problems import Problem
from ..web.acting import writing
from ..web.language import _, bilingual, current_locale
from ..web.pages import page
from ..web.permit import PUBLIC, permit
from .links import link
from .progress import Seen, count_failure, look_up, refuse_flood

blueprint = Blueprint("progress", __name__)


@blueprint.get("/progress")
@permit(PUBLIC)
def ask() -> Response:
    """Ask for the number and the last four characters."""
    return _page()


@blueprint.post("/progress")
@permit(PUBLIC)
def look() -> Response:
    """Show where the case stands, or say that the two do not fit."""
    number, last_four = request.form.get("number", "").strip(), request.form.get("last_four", "").strip()
    if not number or len(last_four) != 4:
        return _page(422, _("Enter the number of your matter and the last four characters of your ID number."))
    address = request.remote_addr or ""
    try:
        with writing() as ctx:
            now = ctx.clock.now()
            refuse_flood(ctx.session, ctx.keys, number, address, now)
            seen = look_up(ctx.session, number, last_four)
            if seen is None:
                count_failure(ctx.session, ctx.keys, number, address, now)
    except Problem as problem:
        return _page(429, problem.text(current_locale()))
    if seen is None:
        return _page(404, _("Number and characters do not fit. Look at your receipt, or ask at the hub."))
    return _page(seen=seen)


def _page(status: int = 200, wrong: str = "", seen: Seen | None = None) -> Response:
    response = page(
        "desk/progress.html",
        status=status,
        wrong=wrong,
        seen=seen,
        stages=[_("Accepted"), _("Being handled"), _("Concluded")],
        words=bilingual(*seen.words) if seen else "",
        typed=request.form,
        language_url=link("identity.language"),
    )
    response.headers["Cache-Control"] = "no-store"
    return response
