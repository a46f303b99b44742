"""The page of the second step: the six digits of the worker's phone, after the password was right."""

from typing import Any

from flask import Response, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..staff.models import WorkerRow
from ..store.problems import Problem
from ..web.acting import reading, writing
from ..web.language import current_locale
from ..web.pages import page
from ..web.permit import PUBLIC, permit
from ..web.services import services
from . import sessions
from .begun import look, take
from .frame import STEP, blueprint, enter_as, entered
from .phone_code import check_code, wrong_code
from .sign_in import count_failure, refuse_flood

KIND = "second-step"


@blueprint.get("/sign-in/code")
@permit(PUBLIC)
def second_step() -> AnyResponse | Response:
    """Ask for the code."""
    return _page() if _begun() else redirect(url_for("identity.sign_in"), 303)


@blueprint.post("/sign-in/code")
@permit(PUBLIC)
def take_code() -> AnyResponse | Response:
    """Let the worker in with a right code; a wrong one counts as a failed sign-in."""
    begun = _begun()
    if begun is None:
        return redirect(url_for("identity.sign_in"), 303)
    shop, address, bucket = services(), request.remote_addr or "", f"code {begun['username']}"
    now = shop.clock.now()
    try:
        refuse_flood(reading().session, shop.keys, bucket, address, now)
        token = _enter(begun)
        if not token:
            with shop.store.write() as writes:
                count_failure(writes, shop.keys, bucket, address, now)
            raise wrong_code()
    except Problem as problem:
        return _page(problem)
    g.carried = begun
    response = entered(token)
    response.delete_cookie(STEP)
    return response


def _enter(begun: dict[str, Any]) -> str:
    """Begin the session when the code is right; both the code and the step are used up by it."""
    with writing() as ctx:
        now = ctx.clock.now()
        if not check_code(ctx.session, begun["worker_id"], request.form.get("code", ""), now):
            return ""
        row = ctx.session.get_one(WorkerRow, begun["worker_id"])
        if not row.is_active or take(ctx.session, KIND, request.cookies.get(STEP, ""), now) is None:
            return ""
        return enter_as(ctx, row, sessions.Proof("emergency" if begun["is_emergency"] else "phone-code"))


def _begun() -> dict[str, Any] | None:
    ctx = reading()
    return look(ctx.session, KIND, request.cookies.get(STEP, ""), ctx.clock.now())


def _page(wrong: Problem | None = None) -> Response:
    text = wrong.text(current_locale()) if wrong else ""
    return page("identity/second_step.html", status=422 if wrong else 200, wrong=text)
