"""Pages of sign-on, gathered: sign in with a password, choose a hub, lock, unlock, sign out, language."""

from flask import Flask, Response, flash, g, redirect, request, session, url_for
from sqlmodel import col, select
from werkzeug.wrappers import Response as AnyResponse

from ..hubs.models import HubRow
from ..staff.models import WorkerRow
from ..store.context import Context
from ..store.problems import Problem
from ..web.acting import reading, writing
from ..web.filters import moment
from ..web.headers import is_https
from ..web.language import LOCALES, _, bilingual, current_locale
from ..web.pages import page
from ..web.permit import PUBLIC, SIGNED_IN, permit
from ..web.services import services
from . import account_views, passkey_views, platform_sign_out, platform_views, second_step_views, sessions, with_views
from .audit import record
from .begun import begin
from .filter_views import blueprint as filters
from .frame import asked, blueprint, enter_as, entered, go_on_page, keep_step, local, local_referrer, proceed, site
from .gate import identify
from .methods import name_allowed
from .own_door import door, pass_own_door
from .parked import unpark
from .phone_code import has_code
from .providers import open_providers
from .second_step import SETTING_UP, hold_back, is_lacking
from .sign_in import check_password, count_failure, ended_password, refuse_flood, wrong_password
from .sign_out import way_out_of
from .vault import ailing_accounts

__all__ = [
    "account_views", "blueprints", "contribute", "install", "passkey_views", "platform_sign_out", "second_step_views",
    "with_views",
]  # fmt: skip

blueprints = [blueprint, filters, with_views.outside, platform_views.outside, platform_views.blueprint]


def install(app: Flask) -> None:
    """Spare providers and platforms the token of forms; hold back who lacks a second step; keep `Allow` to the asker.

    Providers and platforms call without a browser and without a cookie.
    """
    app.before_request(hold_back)
    app.after_request(name_allowed)
    for one in (with_views.outside, platform_views.outside):
        app.extensions["csrf"].exempt(one)


def contribute() -> dict[str, bool]:
    """Mark every page of a session that came in by an emergency."""
    return {"is_emergency": "signed_in" in g and g.signed_in.way == "emergency"}


@blueprint.get("/")
@permit(SIGNED_IN)
def start() -> AnyResponse | Response:
    """Go to the only hub, or choose one; accounts at platforms that need care are named."""
    _warn_of_accounts()
    _warn_of_password()
    query = select(HubRow.id, HubRow.name_zh, HubRow.name_en).order_by(HubRow.id)
    if not g.worker.is_system_admin:
        query = query.where(col(HubRow.id).in_(g.signed_in.hub_ids))
    hubs = reading().session.exec(query).all()
    if len(hubs) == 1:
        return redirect(url_for("home.home", hub=hubs[0][0]), 303)
    return page("identity/hubs.html", hubs=hubs)


def _warn_of_accounts() -> None:
    ctx = reading()
    for account in ailing_accounts(ctx.session, g.worker.id, ctx.clock.today()):
        platform = services().installed.platform(account.platform_id)
        manifest = platform.manifest if platform else None
        name = bilingual(manifest.name_zh, manifest.name_en) if manifest else account.platform_id
        flash(
            _("Your account at {name} ends soon, is over or was refused. Renew it under Accounts.", name=name),
            "warning",
        )


def _warn_of_password() -> None:
    ends = reading().session.get_one(WorkerRow, g.worker.id).password_ends_at
    if ends is not None:
        words = _(
            "The password an admin gave you lets you in until {time}. Choose your own under My sign-on.",
            time=moment(ends),
        )
        flash(words, "warning")


@blueprint.get("/sign-in")
@permit(PUBLIC)
def sign_in() -> Response:
    """Offer the ways in."""
    return _sign_in_page()


def _sign_in_page(username: str = "", wrong: Problem | None = None) -> Response:
    providers = open_providers(reading().session)
    return page(
        "identity/sign_in.html",
        status=422 if wrong else 200,
        username=username,
        errors={wrong.field: wrong.text(current_locale())} if wrong else {},
        providers=providers,
        only_way=next((row for row in providers if row.is_only_way), None),
        **asked(),
    )


@blueprint.post("/sign-in")
@permit(PUBLIC)
def enter() -> AnyResponse | Response:
    """Let a worker in, ask for the second step, or say what is wrong beside the field."""
    username = request.form.get("username", "").strip()
    try:
        row = _proven(username, request.form.get("password", ""))
        stands = door(reading().session)
        with writing() as ctx:
            is_emergency = pass_own_door(ctx, row.id, stands)
            if has_code(ctx.session, row.id):
                carried = asked() | {"worker_id": row.id, "username": username, "is_emergency": is_emergency}
                secret = begin(ctx.session, "second-step", carried, ctx.clock.now())
                token = ""
            else:
                token = enter_as(ctx, row, sessions.Proof(_way(ctx, row, is_emergency)))
    except Problem as problem:
        return _sign_in_page(username, problem)
    if token:
        return entered(token)
    response = redirect(url_for("identity.second_step"), 303)
    keep_step(response, secret)
    return response


def _way(ctx: Context, row: WorkerRow, is_emergency: bool) -> str:
    if not is_emergency and is_lacking(ctx.session, row, services().settings.second_step, ctx.clock.now()):
        return SETTING_UP
    return "emergency" if is_emergency else "local"


@blueprint.get("/account/second-step")
@permit(SIGNED_IN)
def must_set_up() -> AnyResponse | Response:
    """Lead somebody of whom a second step is demanded through setting one up; nothing else opens until then."""
    if g.signed_in.way != SETTING_UP:
        return redirect(url_for("identity.account"), 303)
    return page("identity/must_set_up.html")


def _proven(username: str, password: str) -> WorkerRow:
    """Find the worker with this name and password. Raises Problem."""
    shop, address = services(), request.remote_addr or ""
    now = shop.clock.now()
    reads = reading().session
    refuse_flood(reads, shop.keys, username, address, now)
    found = check_password(reads, username, password)
    if found is None:
        with shop.store.write() as writes:
            count_failure(writes, shop.keys, username, address, now)
        raise wrong_password()
    if found.password_ends_at is not None and found.password_ends_at <= now:
        raise ended_password()
    return found


@blueprint.post("/sign-out")
@permit(PUBLIC)
def leave() -> AnyResponse:
    """End this session, or, with `everywhere`, all of this worker's; the provider that vouched is told too."""
    onward = ""
    if found := g.get("signed_in") or g.get("locked_in"):
        onward = way_out_of(reading(), found, site().origin + url_for("identity.sign_in"))
        with writing() as ctx:
            if request.form.get("everywhere"):
                sessions.end_all(ctx.session, found.worker_id, ctx.clock.now(), "sign-out everywhere")
            sessions.end(ctx.session, found.digest, ctx.clock.now(), "sign-out")
            g.worker = found.worker_at("")
            record(ctx, "sign-out")
    for name in ("worker", "signed_in", "locked_in"):
        g.pop(name, None)
    session.clear()
    response: AnyResponse = go_on_page(onward) if onward else redirect(url_for("identity.sign_in"), 303)
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
    return redirect(url_for("identity.unlock", next=local(request.form.get("next", ""))), 303)


@blueprint.get("/unlock")
@permit(PUBLIC)
def unlock() -> AnyResponse | Response:
    """Ask whoever locked this screen to show that it is them."""
    found = _locked()
    if found is None:
        return redirect(url_for("identity.sign_in", next=local(request.args.get("next", "")) or None), 303)
    return _unlock_page(found)


def _unlock_page(found: sessions.SignedIn, wrong: Problem | None = None) -> Response:
    return page(
        "identity/unlock.html",
        status=422 if wrong else 200,
        name=found.name,
        username=found.username,
        errors={wrong.field: wrong.text(current_locale())} if wrong else {},
        providers=open_providers(reading().session),
        **asked(),
    )


@blueprint.post("/unlock")
@permit(PUBLIC)
def open_again() -> AnyResponse | Response:
    """Open the screen again for its worker; one who signed in elsewhere does so again there."""
    found = _locked()
    if found is None:
        return redirect(url_for("identity.sign_in"), 303)
    try:
        _proven(found.username, request.form.get("password", ""))
        pass_own_door(reading(), found.worker_id, door(reading().session))
    except Problem as problem:
        return _unlock_page(found, problem)
    g.worker, g.signed_in = found.worker_at(""), found
    with writing() as ctx:
        sessions.unlock(ctx.session, found.digest, ctx.clock.now())
        record(ctx, "unlock")
    return proceed()


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
    response = redirect(local(request.form.get("next", "")) or local_referrer() or "/", 303)
    if wanted in LOCALES:
        response.set_cookie("locale", wanted, max_age=31536000, httponly=True, samesite="Lax", secure=is_https())
    return response
