"""Signing on with an OpenID provider: there, back, and when the provider says that a session ended.

Every refusal is a page that says what happened and what to do now; nothing the provider sent is shown.
"""

from secrets import token_urlsafe
from typing import Any

from flask import Blueprint, Response, abort, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..store.context import Context
from ..store.problems import Problem
from ..web.acting import reading, writing
from ..web.headers import is_https
from ..web.language import _, bilingual, current_locale
from ..web.permit import PUBLIC, permit
from . import sessions
from .audit import record
from .begun import begin, take
from .discovery import ProviderDown, ProviderTrouble, discover
from .frame import BEGUN, asked, blueprint, enter_as, entered, note, refusal, site
from .fresh import is_fresh
from .linking import make_link, worker_of
from .models import digest_of
from .providers import find_provider
from .seen_tokens import is_new
from .vouched import Asked, NotVouched, Vouched, new_asked, read_logout_token, redeem, refuse_foreign, way_there
from .way_in_models import ProviderRow

#: Called by providers, not by browsers.
outside = Blueprint("provider_notices", __name__)
PAGE = "/sign-in/with/<provider_id>"
#: Letters of what marks a browser.
LENGTH = 43


@blueprint.get(PAGE)
@permit(PUBLIC)
def go_there(provider_id: str) -> AnyResponse | Response:
    """Send the browser to the provider; whoever is signed in and asks so links the identity to their account."""
    provider = _provider_or_404(provider_id)
    browser = request.cookies.get(BEGUN, "")
    browser = browser if len(browser) == LENGTH else token_urlsafe(32)
    asks, links = new_asked(), "link" in request.args and "signed_in" in g
    if links and not is_fresh():
        return redirect(url_for("identity.account"), 303)  # which says what to do first
    try:
        found = discover(provider.issuer, fresh=True)  # a page of ours is better than none of theirs
    except ProviderTrouble as trouble:
        return _trouble(provider, trouble)
    carried = asked() | {
        "provider": provider.id,
        "nonce": asks.nonce,
        "verifier": asks.verifier,
        "browser": digest_of(browser).hex(),
        "link": g.worker.id if links else "",
    }
    with writing() as ctx:
        state = begin(ctx.session, "provider", carried, ctx.clock.now())
    response = redirect(way_there(provider, found, asks, state=state, back=_back(provider.id)), 303)
    response.set_cookie(BEGUN, browser, httponly=True, samesite="Lax", secure=is_https())
    return response


@blueprint.get(f"{PAGE}/back")
@permit(PUBLIC)
def come_back(provider_id: str) -> AnyResponse | Response:
    """Take what the provider sent along with the browser: let the worker in, or say why not."""
    provider = _provider_or_404(provider_id)
    try:
        begun = _begun(provider)
        vouched = _vouched(provider, Asked(begun["nonce"], begun["verifier"]))
        return _let_in(provider, vouched, begun)
    except NotVouched as refused:
        note("sign-in.refused", subject=f"provider:{provider.id}", detail={"why": refused.why})
        return _refused(provider, refused.why)
    except ProviderTrouble as trouble:
        return _trouble(provider, trouble)
    except Problem as problem:
        note("sign-in.refused", subject=f"provider:{provider.id}", detail={"why": problem.code})
        title = _("{name} knows you, but the workbench does not let you in", name=_name(provider))
        return refusal(title, "", problem.text(current_locale()))


def _begun(provider: ProviderRow) -> dict[str, Any]:
    """Give what this browser began with this provider, once."""
    with writing() as ctx:
        begun = take(ctx.session, "provider", request.args.get("state", ""), ctx.clock.now())
    here = digest_of(request.cookies.get(BEGUN, "")).hex()
    if begun is None or begun["browser"] != here:
        raise NotVouched("state")
    if begun["provider"] != provider.id:
        raise NotVouched("issuer")
    return begun


def _vouched(provider: ProviderRow, asks: Asked) -> Vouched:
    found = discover(provider.issuer)
    refuse_foreign(found, request.args.get("iss"))
    code = request.args.get("code", "")
    if "error" in request.args or not code:
        raise NotVouched("refused")
    return redeem(provider, found, asks, code=code, back=_back(provider.id), now=reading().clock.now())


def _let_in(provider: ProviderRow, vouched: Vouched, begun: dict[str, Any]) -> AnyResponse:
    g.carried = begun
    with writing() as ctx:
        if begun["link"]:
            _link(ctx, provider, vouched, begun["link"])
            return redirect(url_for("identity.account", done="link"), 303)
        row = worker_of(ctx, provider, vouched)
        proof = sessions.Proof("provider", provider.id, vouched.subject, vouched.sid, vouched.id_token)
        token = enter_as(ctx, row, proof)
    return entered(token)


def _link(ctx: Context, provider: ProviderRow, vouched: Vouched, worker_id: str) -> None:
    if "signed_in" not in g or g.worker.id != worker_id:
        raise NotVouched("state")
    make_link(ctx, provider.id, vouched.subject, worker_id)


@outside.post(f"{PAGE}/signed-out")
@permit(PUBLIC)
def signed_out(provider_id: str) -> Response:
    """End the sessions a provider no longer vouches for (OpenID back-channel logout)."""
    provider = _provider_or_404(provider_id)
    try:
        text = request.form.get("logout_token", "")
        claims = read_logout_token(provider, discover(provider.issuer), text, reading().clock.now())
        with writing() as ctx:
            if not is_new(ctx.session, f"{provider.id} {claims['jti']}", ctx.clock.now()):
                raise NotVouched("claims")
            subject, sid = str(claims.get("sub", "")), str(claims.get("sid", ""))
            count = sessions.end_vouched(ctx.session, provider.id, subject, sid, ctx.clock.now())
            record(ctx, "sign-out.provider", subject=f"provider:{provider.id}", detail={"sessions": count})
    except (NotVouched, ProviderTrouble):
        return Response('{"error": "invalid_request"}', 400, content_type="application/json")
    return Response("", 200)


def _refused(provider: ProviderRow, why: str) -> Response:
    name = _name(provider)
    again = _("Start the sign-in again. If it happens again, tell your admin what this page says.")
    admin = _(
        "Do not try again now. Tell your admin what this page says: the settings of the sign-on must be looked at."
    )
    words = {
        "state": (_("This sign-in was used already, took too long, or was begun in another browser."), again),
        "issuer": (_("The answer came from another provider than the one you chose."), admin),
        "refused": (_("{name} did not let you in, or you turned back there.", name=name), again),
        "code": (_("{name} says that this sign-in was used already or took too long.", name=name), again),
        "signature": (_("The proof is not signed with a key of {name}.", name=name), admin),
        "expired": (_("The proof of {name} is out of date.", name=name), again),
        "nonce": (_("The proof belongs to another sign-in."), again),
        "claims": (_("The proof is not for this workbench, or something in it is missing."), admin),
    }
    happened, next_step = words[why]
    return refusal(_("You were not signed in"), happened, next_step)


def _trouble(provider: ProviderRow, trouble: ProviderTrouble) -> Response:
    name = _name(provider)
    if isinstance(trouble, ProviderDown):
        happened = _("{name} does not answer.", name=name)
        next_step = _("Try again in a few minutes. Admins may use the emergency sign-on with their password.")
    else:
        happened = _("{name} answers something that cannot be used.", name=name)
        next_step = _("Tell your admin: address and client of the provider must be looked at.")
    return refusal(_("You were not signed in"), happened, next_step, status=503)


def _provider_or_404(provider_id: str) -> ProviderRow:
    return find_provider(reading().session, provider_id) or abort(404)


def _name(provider: ProviderRow) -> str:
    return bilingual(provider.name_zh, provider.name_en)


def _back(provider_id: str) -> str:
    return site().origin + url_for("identity.come_back", provider_id=provider_id)
