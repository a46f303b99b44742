"""The resident's page to rate a visit, and the hub admin's page of bad ratings."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..identity import floods
from ..identity.may import may
from ..store.context import Context
from ..store.problems import Problem
from ..web.acting import close_reading, reading, writing
from ..web.language import bilingual, current_locale
from ..web.pages import page
from ..web.permit import PUBLIC, permit
from .rate import Visit, is_rated, rate, read_token, read_visit
from .settle import bad_ratings, count_ratings, get_rating, note_call, settle, who_rated
from .words import level_words

blueprint = Blueprint("ratings", __name__, url_prefix="/h/<hub>/ratings")
outside = Blueprint("rating", __name__, url_prefix="/rate")
blueprints = [blueprint, outside]
#: What the figures look back on.
LOOK_BACK = timedelta(days=90)
CLEARED = 30


@outside.get("/<token>")
@permit(PUBLIC)
def ask(token: str) -> Response:
    """Ask how the visit was: as a whole, and each matter."""
    return _ask_page(token)


def _ask_page(token: str, status: int = 200, wrong: Problem | None = None) -> Response:
    ctx = reading()
    visit = _visit(ctx, token)
    response = page(
        "quality/rate.html",
        status=status,
        token=token,
        matters=[(case_id, bilingual(zh, en)) for case_id, zh, en, _line, _item in visit.matters],
        is_rated=is_rated(ctx, visit.id),
        at_screen=request.values.get("at") == "screen",
        levels=level_words(),
        typed=request.form,
        wrong=wrong.text(current_locale()) if wrong else "",
        wrong_field=wrong.field if wrong else "",
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _visit(ctx: Context, token: str) -> Visit:
    reception_id = read_token(ctx.keys, token[:60])
    visit = read_visit(ctx, reception_id) if reception_id else None
    if visit is None:
        abort(404)
    return visit


@outside.post("/<token>")
@permit(PUBLIC)
def take(token: str) -> AnyResponse | Response:
    """Keep the rating."""
    form = request.form
    try:
        with writing() as ctx:
            floods.refuse(ctx.session, ctx.keys, floods.RATING, ctx.clock.now(), address=request.remote_addr or "")
        with writing() as ctx:
            visit = _visit(ctx, token)
            matters = {one[0]: level for one in visit.matters if (level := _level(form.get(f"matter-{one[0]}", "")))}
            channel = "PAD" if form.get("at") == "screen" else "QR"
            rate(ctx, visit, _level(form.get("score", "")), matters, words=form.get("words", ""), channel=channel)
    except Problem as problem:
        close_reading()
        return _ask_page(token, {"too_many_attempts": 429}.get(problem.code, 422 if problem.field else 409), problem)
    return redirect(url_for("rating.ask", token=token), 303)


def _level(face: str) -> int:
    """The faces count from 5, very satisfied, the standard from 1; 0 when none was chosen."""
    return 6 - int(face) if face in ("1", "2", "3", "4", "5") else 0


@blueprint.get("")
@permit("board")
def ratings(hub: str) -> Response:
    """Show how the hub was rated; who gave a bad rating only to whoever settles it, or once it is settled."""
    ctx = reading()
    settles = may(ctx.actor, "quality")
    count = count_ratings(ctx, ctx.clock.now() - LOOK_BACK)
    return page(
        "quality/ratings.html",
        count=count,
        levels=[(level, word, count.by_level.get(level, 0)) for level, word in level_words().items()],
        open=bad_ratings(ctx, settled=False) if settles else [],
        settled=bad_ratings(ctx, settled=True),
        settles=settles,
        today=ctx.clock.today(),
        words=level_words(),
    )


@blueprint.get("/<rating_id>")
@permit("quality")
def rating(hub: str, rating_id: str) -> Response:
    """Show one bad rating to whoever settles it."""
    return _rating_page(rating_id)


def _rating_page(rating_id: str, status: int = 200, wrong: Problem | None = None) -> Response:
    with writing() as ctx:
        row = get_rating(ctx, rating_id)
        if row is None or row.state == "good" or row.worker_id == ctx.actor.id:
            abort(404)
        person, matters = who_rated(ctx, row.reception_id)
        drawn: dict[str, Any] = {
            "row": {name: getattr(row, name) for name in type(row).model_fields},
            "person": {"id": person.id, "name": person.name, "phone": person.phone_masked},
            "matters": [(bilingual(case.title_zh, case.title_en), level_words()[level]) for case, level in matters],
        }
    return page(
        "quality/rating.html",
        status=status,
        words=level_words(),
        typed=request.form,
        wrong=wrong.text(current_locale()) if wrong else "",
        wrong_field=wrong.field if wrong else "",
        **drawn,
    )


@blueprint.post("/<rating_id>")
@permit("quality")
def change(hub: str, rating_id: str) -> AnyResponse | Response:
    """Note the call-back, or settle it."""
    action, form = request.form.get("action", ""), request.form
    try:
        with writing() as ctx:
            row = get_rating(ctx, rating_id, lock=True)
            if row is None:
                abort(404)
            if action == "called":
                note_call(ctx, row)
            else:
                settle(ctx, row, finding=form.get("finding", ""), measure=form.get("measure", ""))
    except Problem as problem:
        close_reading()
        return _rating_page(rating_id, 422 if problem.field else 409, problem)
    if action == "called":
        return redirect(url_for("ratings.rating", hub=hub, rating_id=rating_id), 303)
    return redirect(url_for("ratings.ratings", hub=hub), 303)
