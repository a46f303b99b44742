"""Page of the tokens of machines: make one (shown once), list, end."""

from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Response, g, request
from werkzeug.wrappers import Response as AnyResponse

from ..identity.audit import record
from ..identity.tokens import SCOPES, end_token, is_valid, list_tokens, make_token
from ..store.clock import SHANGHAI
from ..store.problems import Problem
from ..web.acting import reading, writing
from ..web.language import _
from ..web.permit import permit
from .frame import ROOT, admin_page, blueprint, go, refused


def _scope_words() -> dict[str, str]:
    return {
        "metrics": _("Read the figures of /metrics"),
        "items:read": _("Read what can be handled here"),
        "persons:read": _("Search and read residents, numbers masked"),
        "persons:write": _("Register residents"),
        "cases:read": _("Read cases"),
        "cases:write": _("Hand in and accept cases"),
        "deliveries:read": _("Read how deliveries stand"),
    }


@blueprint.get(f"{ROOT}/tokens")
@permit("configure")
def tokens(hub: str) -> Response:
    """List the tokens of this hub."""
    return _page()


@blueprint.post(f"{ROOT}/tokens")
@permit("configure")
def make(hub: str) -> Response:
    """Make a token and show it, this once."""
    name, scopes = request.form.get("name", ""), request.form.getlist("scopes")
    try:
        with writing() as ctx:
            token = make_token(ctx, name, scopes, _end_of_day(request.form.get("expires", "")))
            record(ctx, "token.make", subject=f"token:{name[:64]}", detail={"scopes": scopes})
    except Problem as problem:
        typed = {"name": name, "expires": request.form.get("expires", ""), "scopes": scopes}
        return _page(typed, {problem.field: refused(problem)})
    return admin_page("token.html", "tokens", token=token, name=name.strip())


@blueprint.post(f"{ROOT}/tokens/<token_id>/end")
@permit("configure")
def end(hub: str, token_id: str) -> AnyResponse:
    """End a token at once."""
    try:
        with writing() as ctx:
            row = end_token(ctx, token_id)
            record(ctx, "token.end", subject=f"token:{row.name}")
    except Problem as problem:
        return go("tokens", refused(problem), "error")
    return go("tokens", _("The token is ended. The machine that uses it is refused from now on."))


def _page(typed: dict[str, Any] | None = None, errors: dict[str, str] | None = None) -> Response:
    ctx = reading()
    rows = list_tokens(ctx.session, g.hub.id)
    now, words = ctx.clock.now(), _scope_words()
    return admin_page(
        "tokens.html",
        "tokens",
        status=422 if errors else 200,
        rows=rows,
        valid={row.id for row in rows if is_valid(row, now)},
        scope_words=words,
        scope_options=[(scope, words[scope]) for scope in SCOPES],
        typed=typed or {},
        errors=errors or {},
    )


def _end_of_day(text: str) -> datetime | None:
    if not text.strip():
        return None
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        zh, en = "请按 2026-11-22 的格式填写日期。", "Write the day as 2026-11-22."
        raise Problem("day_wrong", zh, en, field="expires") from None
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI)
