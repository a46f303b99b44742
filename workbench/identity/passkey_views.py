"""Passkeys over the wire: what the browser is asked for, and its answers at sign-on and at registration."""

import json
import secrets
from datetime import datetime
from typing import Any

from flask import Response, g, redirect, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response as AnyResponse

from ..staff.models import WorkerRow
from ..store.problems import Problem
from ..web.acting import reading, writing
from ..web.language import _, current_locale
from ..web.permit import PUBLIC, SIGNED_IN, permit
from ..web.services import services
from . import floods, sessions
from .account_views import account_page
from .audit import record
from .begun import begin, take
from .frame import STEP, asked, blueprint, enter_as, entered, keep_step, note, refusal, site
from .fresh import is_fresh, refuse_stale
from .own_door import door, pass_own_door
from .passkeys import add_passkey, asked_to_make, asked_to_show, check_passkey, refused, remove_passkey
from .second_step import SETTING_UP
from .sign_in import count_failure_from, refuse_flood_from

AT_SIGN_IN, NEW = "passkey", "passkey-new"


@blueprint.post("/sign-in/passkey/ask")
@permit(PUBLIC)
def ask_passkey() -> Response:
    """Give the challenge of a sign-on, to each address so many."""
    shop, address = services(), request.remote_addr or ""
    now = shop.clock.now()
    with shop.store.write() as session:
        wait = floods.minutes_to_wait(session, shop.keys, floods.PASSKEY, now, address=address)
        if not wait:
            floods.count(session, shop.keys, floods.PASSKEY, now, address=address)
    if wait:
        return Response("", 429, {"Retry-After": str(wait * 60)}, content_type="text/plain; charset=utf-8")
    return _challenge(AT_SIGN_IN)


@blueprint.post("/sign-in/passkey")
@permit(PUBLIC)
def enter_with_passkey() -> AnyResponse | Response:
    """Let in whoever's passkey answered the challenge."""
    shop, address = services(), request.remote_addr or ""
    now = shop.clock.now()
    try:
        refuse_flood_from(reading().session, shop.keys, address, now)
        token = _enter()
        if not token:
            with shop.store.write() as writes:
                count_failure_from(writes, shop.keys, address, now)
            raise refused()
    except Problem as problem:
        note("sign-in.refused", subject="passkey", detail={"why": problem.code})
        carried = asked()
        again = url_for("identity.sign_in", next=carried["next_url"] or None, parked=carried["parked_id"] or None)
        return refusal(_("You were not signed in"), "", problem.text(current_locale()), status=422, next_url=again)
    return entered(token)


def _enter() -> str:
    stands = door(reading().session)
    with writing() as ctx:
        challenge = _taken(ctx.session, AT_SIGN_IN, ctx.clock.now())
        row = check_passkey(ctx.session, site(), challenge, _answer(), ctx.clock.now()) if challenge else None
        if row is None:
            return ""
        is_emergency = pass_own_door(ctx, row.id, stands)
        return enter_as(ctx, row, sessions.Proof("emergency" if is_emergency else "passkey"))


@blueprint.post("/account/passkeys/ask")
@permit(SIGNED_IN)
def ask_new_passkey() -> Response:
    """Give the challenge of a registration; nothing to a session whose sign-on is long ago."""
    if not is_fresh():
        return Response("", 403, content_type="text/plain; charset=utf-8")
    return _challenge(NEW)


@blueprint.post("/account/passkeys")
@permit(SIGNED_IN)
def keep_passkey() -> AnyResponse | Response:
    """Keep a new passkey of the worker, or say why not."""
    try:
        refuse_stale()
        with writing() as ctx:
            challenge = _taken(ctx.session, NEW, ctx.clock.now())
            if not challenge:
                raise refused()
            row = add_passkey(ctx, site(), challenge, _answer(), request.form.get("name", ""))
            record(ctx, "passkey.add", subject=f"passkey:{row.id}")
            if g.signed_in.way == SETTING_UP:
                sessions.prove(ctx.session, g.signed_in.digest, "passkey")
    except Problem as problem:
        return account_page(Problem(problem.code, problem.zh, problem.en, problem.field or "passkey"))
    return redirect(url_for("identity.account", done="passkey"), 303)


@blueprint.post("/account/passkeys/<passkey_id>/remove")
@permit(SIGNED_IN)
def forget_passkey(passkey_id: str) -> AnyResponse | Response:
    """Forget a passkey."""
    try:
        refuse_stale()
    except Problem as problem:
        return account_page(problem)
    with writing() as ctx:
        if remove_passkey(ctx.session, g.worker.id, passkey_id[:26]):
            record(ctx, "passkey.remove", subject=f"passkey:{passkey_id[:26]}")
    return redirect(url_for("identity.account", done="passkey-gone"), 303)


def _challenge(kind: str) -> Response:
    """Begin a challenge and give the options; the secret that finishes it goes into a cookie."""
    with writing() as ctx:
        challenge = secrets.token_bytes(32)
        secret = begin(
            ctx.session,
            kind,
            {"challenge": challenge.hex(), "for": g.worker.id if kind == NEW else ""},
            ctx.clock.now(),
        )
        if kind == NEW:
            options = asked_to_make(ctx.session, site(), ctx.session.get_one(WorkerRow, g.worker.id), challenge)
        else:
            options = asked_to_show(site(), challenge)
    response = Response(options, content_type="application/json")
    keep_step(response, secret)
    return response


def _taken(session: Session, kind: str, now: datetime) -> bytes:
    """Give the challenge this browser began, once; empty when there is none."""
    begun = take(session, kind, request.cookies.get(STEP, ""), now)
    if begun is None or (kind == NEW and begun["for"] != g.worker.id):
        return b""
    return bytes.fromhex(begun["challenge"])


def _answer() -> dict[str, Any]:
    try:
        answer = json.loads(request.form.get("answer", ""))
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}
