"""Pages of sign-on: sign in, choose a hub, lock, unlock, sign out, language."""

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, g, redirect, request, url_for
from sqlmodel import col, select
from werkzeug.wrappers import Response as AnyResponse

from ..api.nouns import Worker
from ..hubs.models import HubRow
from ..store.problems import Problem
from ..web.acting import reading, writing
from ..web.language import LOCALES, current_locale
from ..web.pages import page
from ..web.permit import PUBLIC, SIGNED_IN, permit
from ..web.services import services
from . import sessions
from .audit import record
from .gate import identify
from .parked import unpark
from .sign_in import check_password, count_failure, let_in, refuse_flood, wrong_password

blueprint = Blueprint("identity", __name__)


@blueprint.get("/")
@permit(SIGNED_IN)
def start() -> AnyResponse | Response:
    """Go to the only hub, or choose one."""
    query = select(HubRow.id, HubRow.name_zh, HubRow.name_en).order_by(HubRow.id)
    if not g.worker.is_system_admin:
        query = query.where(col(HubRow.id).in_(g.signed_in.hub_ids))
    hubs = reading().session.exec(query).all()
    if len(hubs) == 1:
        return redirect(url_for("home.home", hub=hubs[0][0]), 303)
    return page("identity/hubs.html", hubs=hubs)


@blueprint.get("/sign-in")
@permit(PUBLIC)
def sign_in() -> Response:
    """Ask for name and password."""
    return page("identity/sign_in.html", **_asked())


@blueprint.post("/sign-in")
@permit(PUBLIC)
def enter() -> AnyResponse | Response:
    """Let a worker in, or say what is wrong beside the field."""
    username = request.form.get("username", "").strip()
    try:
        token = _enter(username, request.form.get("password", ""))
    except Problem as problem:
        wrong = {problem.field: problem.text(current_locale())}
        return page("identity/sign_in.html", status=422, username=username, errors=wrong, **_asked())
    response = redirect(_onwards(), 303)
    _set_cookie(response, token)
    return response


def _enter(username: str, password: str) -> str:
    shop, address = services(), request.remote_addr or ""
    now = shop.clock.now()
    with shop.store.read() as session:
        refuse_flood(session, shop.keys, username, address, now)
        found = check_password(session, username, password)
        worker_id, name = (found.id, found.name) if found else ("", "")
    if not worker_id:
        with shop.store.write() as session:
            count_failure(session, shop.keys, username, address, now)
        raise wrong_password()
    g.worker = Worker(worker_id, username, name)
    with writing() as ctx:
        token = let_in(ctx, worker_id)
        record(ctx, "sign-in", subject="local")
    return token


@blueprint.post("/sign-out")
@permit(PUBLIC)
def leave() -> AnyResponse:
    """End this session, or, with `everywhere`, all of this worker's."""
    if found := g.get("signed_in"):
        with writing() as ctx:
            if request.form.get("everywhere"):
                sessions.end_all(ctx.session, found.worker_id, ctx.clock.now(), "sign-out everywhere")
            sessions.end(ctx.session, found.digest, ctx.clock.now(), "sign-out")
            record(ctx, "sign-out")
    response = redirect(url_for("identity.sign_in"), 303)
    response.delete_cookie(sessions.COOKIE)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@blueprint.post("/lock")
@permit(SIGNED_IN)
def lock() -> AnyResponse:
    """Lock this screen."""
    with writing() as ctx:
        sessions.lock(ctx.session, g.signed_in.digest, ctx.clock.now())
        record(ctx, "lock")
    return redirect(url_for("identity.unlock", next=_local(request.form.get("next", ""))), 303)


@blueprint.get("/unlock")
@permit(PUBLIC)
def unlock() -> AnyResponse | Response:
    """Ask for the password of whoever locked this screen."""
    found = _locked()
    if found is None:
        return redirect(url_for("identity.sign_in", next=_local(request.args.get("next", "")) or None), 303)
    return page("identity/unlock.html", name=found.name, username=found.username, **_asked())


@blueprint.post("/unlock")
@permit(PUBLIC)
def open_again() -> AnyResponse | Response:
    """Open the screen again for its worker."""
    found = _locked()
    if found is None:
        return redirect(url_for("identity.sign_in"), 303)
    shop, address = services(), request.remote_addr or ""
    now = shop.clock.now()
    try:
        with shop.store.read() as session:
            refuse_flood(session, shop.keys, found.username, address, now)
            right = check_password(session, found.username, request.form.get("password", "")) is not None
        if not right:
            with shop.store.write() as session:
                count_failure(session, shop.keys, found.username, address, now)
            raise wrong_password()
    except Problem as problem:
        wrong = {problem.field: problem.text(current_locale())}
        return page(
            "identity/unlock.html", status=422, name=found.name, username=found.username, errors=wrong, **_asked()
        )
    g.worker, g.signed_in = found.worker_at(""), found
    with writing() as ctx:
        sessions.unlock(ctx.session, found.digest, now)
        record(ctx, "unlock")
    return redirect(_onwards(), 303)


def _locked() -> sessions.SignedIn | None:
    found = identify()
    return found if found and found.state == "locked" else None


@blueprint.get("/kept/<parked_id>")
@permit(SIGNED_IN)
def kept(parked_id: str) -> Response:
    """Show a form that arrived after the session had ended, ready to be sent again."""
    with writing() as ctx:
        found = unpark(ctx.session, parked_id, g.worker.id)
    if found is None:
        return page("identity/kept.html", status=404, found=None)
    return page("identity/kept.html", found=found)


@blueprint.post("/language")
@permit(PUBLIC)
def language() -> AnyResponse:
    """Change the language of this screen, and remember it."""
    wanted = request.form.get("locale", "").replace("-", "_")
    response = redirect(_local(request.form.get("next", "")) or _local_referrer() or "/", 303)
    if wanted in LOCALES:
        response.set_cookie("locale", wanted, max_age=31536000, httponly=True, samesite="Lax")
    return response


def _asked() -> dict[str, Any]:
    return {"next_url": _local(request.values.get("next", "")), "parked_id": request.values.get("parked", "")[:26]}


def _onwards() -> str:
    if parked := request.form.get("parked", "")[:26]:
        return url_for("identity.kept", parked_id=parked)
    return _local(request.form.get("next", "")) or "/"


def _local(url: str) -> str:
    """Keep only addresses on this site."""
    parts = urlsplit(url)
    if parts.scheme or parts.netloc or not url.startswith("/") or url.startswith(("//", "/\\")):
        return ""
    return url


def _local_referrer() -> str:
    parts = urlsplit(request.referrer or "")
    return parts.path if parts.netloc == request.host else ""


def _set_cookie(response: AnyResponse, token: str) -> None:
    response.set_cookie(sessions.COOKIE, token, httponly=True, samesite="Lax", secure=request.is_secure)
