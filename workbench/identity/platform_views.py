"""The workbench as OpenID provider, over the wire: discovery, keys, authorize, token, userinfo, introspect, revoke."""

from collections.abc import Iterator
from contextlib import contextmanager

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc6749 import InvalidScopeError, OAuth2Error
from authlib.oidc.core.errors import LoginRequiredError
from flask import Blueprint, Response, g, jsonify, redirect, request, url_for
from sqlmodel import col, select
from werkzeug.wrappers import Response as AnyResponse

from ..hubs.models import HubRow
from ..store.context import Context
from ..web.acting import reading, writing
from ..web.language import _
from ..web.pages import page
from ..web.permit import PUBLIC, TOKEN, permit
from .audit import record
from .clients import find_client
from .frame import AUTHORIZE, refusal, site
from .issued import find_access
from .launches import find_launch
from .oidc_server import METHODS, SCOPES, Client, server
from .signing_keys import ALGORITHM, keys_on_show
from .told import Guest, claims_about
from .way_out_models import AccessRow, ClientRow

blueprint = Blueprint("platform_sign_on", __name__)
#: Called by platforms' servers, not by browsers.
outside = Blueprint("platform_servers", __name__)


@blueprint.get("/.well-known/openid-configuration")
@permit(PUBLIC)
def configuration() -> Response:
    """Say what this provider offers and where."""
    origin = site().origin
    return jsonify(
        issuer=origin,
        authorization_endpoint=origin + AUTHORIZE,
        token_endpoint=origin + url_for("platform_servers.token"),
        userinfo_endpoint=origin + url_for("platform_servers.userinfo"),
        jwks_uri=origin + url_for("platform_sign_on.jwks"),
        introspection_endpoint=origin + url_for("platform_servers.introspect"),
        revocation_endpoint=origin + url_for("platform_servers.revoke"),
        end_session_endpoint=origin + url_for("platform_sign_on.sign_out"),
        response_types_supported=["code"],
        response_modes_supported=["query"],
        grant_types_supported=["authorization_code"],
        subject_types_supported=["pairwise"],
        id_token_signing_alg_values_supported=[ALGORITHM],
        token_endpoint_auth_methods_supported=METHODS,
        revocation_endpoint_auth_methods_supported=METHODS,
        introspection_endpoint_auth_methods_supported=METHODS,
        code_challenge_methods_supported=["S256"],
        scopes_supported=list(SCOPES),
        claims_supported=[
            "sub",
            "iss",
            "aud",
            "exp",
            "iat",
            "auth_time",
            "nonce",
            "amr",
            "sid",
            "hub",
            "roles",
            "purpose",
        ],
        prompt_values_supported=["none", "login"],
        authorization_response_iss_parameter_supported=True,
        backchannel_logout_supported=True,
        backchannel_logout_session_supported=True,
        request_parameter_supported=False,
        request_uri_parameter_supported=False,
        claims_parameter_supported=False,
    )


@blueprint.get("/oidc/jwks")
@permit(PUBLIC)
def jwks() -> Response:
    """Show the public halves of the signing keys."""
    ctx = reading()
    return jsonify(keys=keys_on_show(ctx.session, ctx.clock.now()))


@blueprint.get(AUTHORIZE)
@permit(PUBLIC)
def authorize() -> AnyResponse | Response:
    """Tell a platform's screen who is in front of it, once the worker is signed in; or say why not."""
    try:
        with _way_out() as ctx:
            return _authorize(ctx)
    except OAuth2Error as error:
        return _refused(error)


def _authorize(ctx: Context) -> AnyResponse | Response:
    guest = _guest()
    grant = server.get_consent_grant(end_user=guest)
    client: Client = grant.client
    if "openid" not in (grant.request.payload.scope or "").split():
        raise InvalidScopeError("openid must be among the scopes", redirect_uri=grant.redirect_uri)
    is_old = guest is not None and _is_too_old(guest)
    if is_old and request.args.get("prompt") == "none":
        raise LoginRequiredError(redirect_uri=grant.redirect_uri)
    if guest is None or is_old:
        return _ask_to_sign_in(_without("prompt"))
    ticket = request.args.get("login_hint", "")
    launch = find_launch(ctx, ticket, client.row, guest) if ticket else None
    if ticket and launch is None:
        happened = _("This opening is over, or it belongs to another worker.")
        return refusal(_("{name} was not opened", name=client.row.name), happened, _("Open it again from the case."))
    hub = launch.hub_id if launch else _hub()
    if hub is None:
        return _choose_hub(client.row)
    guest = Guest(guest.worker_id, hub, guest.sid, guest.auth_time, guest.way, launch.id if launch else "")
    record(
        ctx,
        "platform.sign-on",
        subject=f"client:{client.row.id}",
        person_id=launch.person_id if launch else "",
        purpose=launch.purpose if launch else "",
    )
    answer = server.create_authorization_response(grant=grant, grant_user=guest)
    return redirect(add_params_to_uri(answer.location, [("iss", site().origin)]), 302)


def _guest() -> Guest | None:
    """Give who is signed in here; for `prompt=login` nobody is until they sign in anew."""
    found = g.get("signed_in")
    if found is None or request.args.get("prompt") == "login":
        return None
    return Guest(found.worker_id, "", found.sid, int(found.created_at.timestamp()), found.way)


def _is_too_old(guest: Guest) -> bool:
    longest = request.args.get("max_age", "")
    now = reading().clock.now().timestamp()
    return longest.isdecimal() and len(longest) < 10 and now - guest.auth_time > int(longest) + 1


def _hub() -> str | None:
    """Give the hub the worker is at: their only one, or the one they chose; None when they must choose."""
    mine = g.signed_in.hub_ids
    chosen = request.args.get("hub", "")
    return chosen if chosen in mine else mine[0] if len(mine) == 1 else None


def _choose_hub(client: ClientRow) -> Response:
    query = select(HubRow).where(col(HubRow.id).in_(g.signed_in.hub_ids)).order_by(HubRow.id)
    hubs = [(hub.name_zh, hub.name_en, _without("hub", hub=hub.id)) for hub in reading().session.exec(query)]
    if not hubs:
        happened = _("You hold no role at any hub.")
        next_step = _("Ask your hub admin to give you one; then sign in again.")
        return refusal(_("{name} was not opened", name=client.name), happened, next_step)
    return page("identity/choose_hub.html", hubs=hubs, name=client.name)


def _ask_to_sign_in(after: str) -> AnyResponse:
    target = "identity.unlock" if "locked_in" in g else "identity.sign_in"
    return redirect(url_for(target, next=after), 303)


def _without(name: str, **more: str) -> str:
    """Give this address without one of its parameters."""
    args = [(key, value) for key, value in request.args.items(multi=True) if key != name]
    return str(add_params_to_uri(AUTHORIZE, [*args, *more.items()]))


def _refused(error: OAuth2Error) -> AnyResponse | Response:
    """Say why a screen was not told who is in front of it; it learns so itself when it may, or by the button."""
    back = ""
    if error.redirect_uri:
        said = [("error", error.error), ("error_description", error.description or ""), ("iss", site().origin)]
        said += [("state", state)] if (state := request.args.get("state", "")) else []
        back = add_params_to_uri(error.redirect_uri, said)
    if back and request.args.get("prompt") == "none":
        return redirect(back, 302)
    with writing() as ctx:
        record(
            ctx,
            "platform.refused",
            subject=f"client:{request.args.get('client_id', '')[:26]}",
            detail={"why": error.error},
        )
    client = find_client(reading().session, request.args.get("client_id"))
    name = client.name if client else _("The platform")
    words = {
        "invalid_client": _("It is not registered here, or its registration has ended."),
        "invalid_scope": _("It asks for something that is not given here."),
        "unsupported_response_type": _("It asks in a way that is not allowed here; only codes are given."),
    }
    happened = words.get(
        error.error, _("It asks without what makes signing on safe (a registered address, PKCE with S256, a nonce).")
    )
    return refusal(
        _("{name} cannot sign you on", name=name),
        happened,
        _("Tell your admin what this page says: the platform's registration must be looked at. You did nothing wrong."),
        status=400,
        next_url=back,
        next_text=_("Back to the platform") if back else "",
    )


@outside.post("/oidc/token")
@permit(TOKEN)
def token() -> Response:
    """Exchange a code, once, for the ID token and a short access token."""
    with _way_out():
        answer: Response = server.create_token_response()
    return answer


@outside.post("/oidc/revoke")
@permit(TOKEN)
def revoke() -> Response:
    """Take a token back."""
    with _way_out():
        answer: Response = server.create_endpoint_response("revocation")
    return answer


@outside.post("/oidc/introspect")
@permit(TOKEN)
def introspect() -> Response:
    """Tell a screen whether its token still counts."""
    with _way_out():
        answer: Response = server.create_endpoint_response("introspection")
    return answer


@outside.route("/oidc/userinfo", methods=["GET", "POST"])
@permit(TOKEN)
def userinfo() -> Response:
    """Give the claims about the worker in front of a screen."""
    row = bearer_access()
    if row is None:
        return no_access()
    ctx = reading()
    return jsonify(claims_about(ctx, ctx.session.get_one(ClientRow, row.client_id), row))


def bearer_access() -> AccessRow | None:
    """Find the access token a screen shows with this request, if it counts."""
    kind, _sep, text = request.headers.get("Authorization", "").partition(" ")
    ctx = reading()
    return find_access(ctx.session, text.strip(), ctx.clock.now()) if kind.lower() == "bearer" else None


def no_access() -> Response:
    """Answer a screen whose token does not count (RFC 6750)."""
    response = jsonify(error="invalid_token", error_description="the token is over; let the worker sign on again")
    response.status_code = 401
    response.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    return response


@contextmanager
def _way_out() -> Iterator[Context]:
    """Give the provider its context, and one transaction for all it does."""
    with writing() as ctx:
        g.way_out = ctx
        yield ctx
