"""Signing out that begins at a platform's screen: the worker is asked whether the workbench is meant as well."""

from typing import Any

from authlib.common.urls import add_params_to_uri
from flask import Response, g, redirect, request, session, url_for
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from werkzeug.wrappers import Response as AnyResponse

from ..store.context import Context
from ..web.acting import reading, writing
from ..web.language import _
from ..web.pages import page
from ..web.permit import PUBLIC, permit
from . import sessions
from .audit import record
from .clients import find_client
from .frame import go_on_page, refusal, site
from .platform_views import blueprint
from .signing_keys import ALGORITHM, keys_on_show
from .way_out_models import ClientRow


@blueprint.get("/oidc/sign-out")
@permit(PUBLIC)
def sign_out() -> AnyResponse | Response:
    """Ask whether the workbench is meant too, or go back when nobody is signed in here."""
    client, back = _asked()
    wanted = request.args.get("post_logout_redirect_uri", "")
    if wanted and not back:
        happened = _("The address to return to is not registered here.")
        next_step = _("Close this window. Tell your admin; the platform's registration must be looked at.")
        return refusal(_("You are not taken back to the platform"), happened, next_step, status=400)
    if "signed_in" not in g and "locked_in" not in g:
        return redirect(back or url_for("identity.sign_in"), 303)
    return page(
        "identity/platform_sign_out.html",
        name=client.name if client else "",
        back=back,
        query=request.query_string.decode("ascii", "replace"),
    )


@blueprint.post("/oidc/sign-out")
@permit(PUBLIC)
def confirm_sign_out() -> AnyResponse | Response:
    """End the session of the workbench, and all that platforms were given on it."""
    _client, back = _asked()
    if found := g.get("signed_in") or g.get("locked_in"):
        with writing() as ctx:
            g.worker = found.worker_at("")
            sessions.end(ctx.session, found.digest, ctx.clock.now(), "signed out at a platform")
            record(ctx, "sign-out", subject="platform")
    for name in ("worker", "signed_in", "locked_in"):
        g.pop(name, None)
    session.clear()
    response: AnyResponse = go_on_page(back) if back else redirect(url_for("identity.sign_in"), 303)
    response.delete_cookie(sessions.COOKIE)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _asked() -> tuple[ClientRow | None, str]:
    """Give the screen that asks and the registered address it wants to return to."""
    ctx = reading()
    claims = read_own(ctx, request.args.get("id_token_hint", ""))
    client = find_client(ctx.session, request.args.get("client_id") or str(claims.get("aud", "")))
    if client is None or (claims and claims["aud"] != client.id):
        return None, ""
    wanted = request.args.get("post_logout_redirect_uri", "")
    if wanted not in client.post_logout_uris.split():
        return client, ""
    state = request.args.get("state", "")
    return client, str(add_params_to_uri(wanted, [("state", state)])) if state else wanted


def read_own(ctx: Context, text: str) -> dict[str, Any]:
    """Read an ID token of ours, also one that is over; empty for anything else."""
    keys = keys_on_show(ctx.session, ctx.clock.now())
    if not text or not keys:
        return {}
    try:
        claims = dict(jwt.decode(text, KeySet.import_key_set({"keys": keys}), algorithms=[ALGORITHM]).claims)
    except (JoseError, ValueError, TypeError, KeyError):
        return {}
    return claims if claims.get("iss") == site().origin and isinstance(claims.get("aud"), str) else {}
