"""The worker's own page of sign-on: password, passkeys, codes of a phone, linked providers, screens."""

import base64
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import segno
from flask import Response, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..staff.models import WorkerRow
from ..store.problems import Problem
from ..web.acting import reading, writing
from ..web.language import _, current_locale
from ..web.pages import page
from ..web.permit import SIGNED_IN, permit
from ..web.services import services
from . import phone_code, sessions
from .audit import record
from .begun import begin, look, take
from .frame import STEP, blueprint, keep_step
from .fresh import is_fresh, refuse_stale
from .linking import links_of, remove_link
from .new_password import refuse_easy_password
from .passkeys import passkeys_of
from .passwords import hash_password, matches
from .providers import open_providers
from .second_step import SETTING_UP
from .sign_in import count_failure, refuse_flood

NEW_CODE = "phone-code-new"


@blueprint.get("/account")
@permit(SIGNED_IN)
def account() -> Response:
    """Show how this worker signs on."""
    return account_page()


def account_page(wrong: Problem | None = None) -> Response:
    """Draw the page, with what is wrong beside its field."""
    session = reading().session
    links = {link.provider_id: link for link in links_of(session, g.worker.id)}
    providers = open_providers(session)
    return page(
        "identity/account.html",
        status=422 if wrong else 200,
        passkeys=passkeys_of(session, g.worker.id),
        has_code=phone_code.has_code(session, g.worker.id),
        has_password=bool(session.get_one(WorkerRow, g.worker.id).password_hash),
        providers=[(provider, links.get(provider.id)) for provider in providers],
        errors={wrong.field: wrong.text(current_locale())} if wrong else {},
        done=_done_words(request.args.get("done", "")),
        is_fresh=is_fresh(),
    )


@blueprint.post("/account/password")
@permit(SIGNED_IN)
def change_password() -> AnyResponse | Response:
    """Change the worker's own password; the old one is asked for."""
    old, new = request.form.get("old_password", ""), request.form.get("new_password", "")
    try:
        kept = reading().session.get_one(WorkerRow, g.worker.id).password_hash
        with counting("old_password"):
            if not matches(old, kept):
                raise Problem("wrong_password", "原密码不正确。", "The old password is not right.", "old_password")
        refuse_easy_password(new, g.worker.username, old)
        fresh = hash_password(new)
        with writing() as ctx:
            row = ctx.session.get_one(WorkerRow, g.worker.id)
            row.password_hash, row.password_ends_at = fresh, None
            record(ctx, "password.change", subject=f"worker:{g.worker.id}")
    except Problem as problem:
        return account_page(problem)
    return redirect(url_for("identity.account", done="password"), 303)


@blueprint.post("/account/code/new")
@permit(SIGNED_IN)
def new_code() -> Response:
    """Show the code for the phone; nothing changes until the phone shows a right one."""
    try:
        refuse_stale()
    except Problem as problem:
        return account_page(problem)
    secret = phone_code.new_secret()
    with writing() as ctx:
        step = begin(ctx.session, NEW_CODE, {"secret": secret, "for": g.worker.id}, ctx.clock.now())
    response = _code_page(secret)
    keep_step(response, step)
    return response


@blueprint.post("/account/code")
@permit(SIGNED_IN)
def keep_code() -> AnyResponse | Response:
    """Ask for codes from now on."""
    step, now = request.cookies.get(STEP, ""), reading().clock.now()
    begun = look(reading().session, NEW_CODE, step, now)
    if begun is None or begun["for"] != g.worker.id:
        return redirect(url_for("identity.account", done="late"), 303)
    try:
        with writing() as ctx:
            phone_code.set_up(ctx, begun["secret"], request.form.get("code", ""))
            take(ctx.session, NEW_CODE, step, now)
            record(ctx, "phone-code.set", subject=f"worker:{g.worker.id}")
            if g.signed_in.way == SETTING_UP:
                sessions.prove(ctx.session, g.signed_in.digest, "phone-code")
    except Problem as problem:
        return _code_page(begun["secret"], problem)
    return redirect(url_for("identity.account", done="code"), 303)


@blueprint.post("/account/code/remove")
@permit(SIGNED_IN)
def forget_code() -> AnyResponse | Response:
    """Ask for no codes any more; a right one is asked for a last time."""
    try:
        refuse_stale()
        with counting("code"), writing() as ctx:
            if not phone_code.check_code(ctx.session, g.worker.id, request.form.get("code", ""), ctx.clock.now()):
                raise phone_code.wrong_code()
            phone_code.remove_code(ctx.session, g.worker.id)
            record(ctx, "phone-code.remove", subject=f"worker:{g.worker.id}")
    except Problem as problem:
        return account_page(problem)
    return redirect(url_for("identity.account", done="code-gone"), 303)


@blueprint.post("/account/links/<link_id>/remove")
@permit(SIGNED_IN)
def unlink(link_id: str) -> AnyResponse | Response:
    """Take a link to a provider away."""
    try:
        refuse_stale()
    except Problem as problem:
        return account_page(problem)
    with writing() as ctx:
        remove_link(ctx, link_id[:26])
    return redirect(url_for("identity.account", done="unlink"), 303)


@contextmanager
def counting(field: str) -> Iterator[None]:
    """Count what is typed wrong within as wrong sign-ons are; raises Problem beside the field, also when too often."""
    shop, address, name = services(), request.remote_addr or "", f"{field} {g.worker.id}"
    now = shop.clock.now()
    try:
        refuse_flood(reading().session, shop.keys, name, address, now)
        yield
    except Problem as problem:
        if problem.code in ("wrong_password", "wrong_code"):
            with shop.store.write() as writes:
                count_failure(writes, shop.keys, name, address, now)
        raise Problem(problem.code, problem.zh, problem.en, field) from None


def _code_page(secret: str, wrong: Problem | None = None) -> Response:
    drawn = io.BytesIO()
    segno.make(phone_code.address_for_phone(secret, g.worker.username)).save(drawn, kind="png", scale=5, border=3)
    return page(
        "identity/new_code.html",
        status=422 if wrong else 200,
        secret=" ".join(secret[place : place + 4] for place in range(0, len(secret), 4)),
        picture="data:image/png;base64," + base64.b64encode(drawn.getvalue()).decode(),
        wrong=wrong.text(current_locale()) if wrong else "",
    )


def _done_words(done: str) -> str:
    words: dict[str, Any] = {
        "password": _("The password is changed."),
        "passkey": _("The passkey is registered. You can sign in with it from now on."),
        "passkey-gone": _("The passkey is removed."),
        "code": _("From now on a code of your phone is asked for after the password."),
        "code-gone": _("No code is asked for any more."),
        "link": _("The identity is linked to your account."),
        "unlink": _("The link is taken away."),
        "late": _("That took too long. Begin again."),
    }
    return str(words.get(done, ""))
