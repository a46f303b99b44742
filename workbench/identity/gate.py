"""The gate every request passes: who is this, is the screen locked, which hub, may they?

A form that arrives after the session ended or was locked is kept for its worker, and comes back
after sign-in; nothing typed is lost.
"""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, abort, request, url_for
from werkzeug.wrappers import Response

from ..web import htmx
from ..web.here import application, asked, held
from ..web.language import know_worker_locale
from ..web.permit import PUBLIC, SIGNED_IN, TOKEN, permission_of
from ..web.services import services
from . import sessions
from .may import may
from .parked import park

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def install(app: Flask) -> None:
    """Put the gate before every view."""
    app.before_request(pass_gate)


def pass_gate() -> Response | None:
    """Let a request through, send it to sign in, or refuse it."""
    request = asked()
    if request.endpoint is None:
        identify()  # an unknown page still shows the frame of whoever asks
        return None
    if request.endpoint == "static":
        return None
    _refuse_foreign_origin()
    verb = permission_of(application(), request.endpoint)
    if verb == TOKEN:
        return None
    found = identify()
    if verb == PUBLIC:
        return None
    if found is None or found.state != "live":
        return _keep_and_ask(found)
    _touch(found)
    if verb != SIGNED_IN:
        _ask_right(found, verb)
    return None


def identify() -> sessions.SignedIn | None:
    """Find whose session this request carries, and put a live one on `g`."""
    token, here = asked().cookies.get(sessions.COOKIE, ""), held()
    if not token:
        return None
    shop = services()
    idle = timedelta(minutes=shop.settings.idle_lock_minutes)
    longest = timedelta(hours=shop.settings.session_hours)
    hub_id = _hub_id()
    found = sessions.find(shop.store, token, shop.clock.now(), hub_id=hub_id, idle=idle, longest=longest)
    if found and found.state == "locked":
        here.locked_in = found
    if found and found.state == "live":
        here.signed_in = found
        know_worker_locale(found.locale)
        here.worker = found.worker_at(hub_id)
    return found


def _hub_id() -> str:
    return str((asked().view_args or {}).get("hub", ""))


def _ask_right(found: sessions.SignedIn, verb: str) -> None:
    here = held()
    if _hub_id():
        # A hub nobody knows and a hub that is not yours look the same.
        if found.hub is None or not (here.worker.roles or found.is_system_admin):
            abort(404)
        here.hub = found.hub
    if not may(here.worker, verb):
        abort(403)


def _touch(found: sessions.SignedIn) -> None:
    now = services().clock.now()
    if not htmx.is_poll() and now - found.seen_at > sessions.TOUCH:
        with services().store.write() as session:
            sessions.touch(session, found.digest, now)


def _keep_and_ask(found: sessions.SignedIn | None) -> Response:
    back: dict[str, Any] = {}
    if found and request.method not in SAFE:
        parked = park(found.worker_id)
        if parked:
            back["parked"] = parked
    target = "identity.unlock" if found and found.state == "locked" else "identity.sign_in"
    if request.method in SAFE and not htmx.is_htmx():
        back["next"] = request.full_path.rstrip("?")
    elif request.headers.get("HX-Current-URL"):
        back["next"] = urlsplit(request.headers["HX-Current-URL"]).path
    return htmx.go_to(url_for(target, **back))


def _refuse_foreign_origin() -> None:
    """Refuse a change that another site's page sends, before the token is even looked at."""
    if asked().method in SAFE:
        return
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        abort(403)
