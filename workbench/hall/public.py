"""Pages of the hall without sign-on: the screen on the wall and the kiosk that gives numbers.

Their address holds a key of the hub, so that numbers are drawn in the hall only; it says nothing about anybody.
"""

import hmac
from typing import Any

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..api.nouns import Hub
from ..hubs.models import HubRow
from ..identity import floods
from ..store.context import Context
from ..store.crypto import KeyRing
from ..store.ids import new_id
from ..store.problems import Problem
from ..web.acting import reading, writing
from ..web.htmx import is_htmx
from ..web.language import _, current_locale
from ..web.live import is_seen, mark_of, marked, unchanged
from ..web.pages import page
from ..web.permit import PUBLIC, permit
from .draw import LETTERS, draw, wait_of
from .look import look
from .models import TicketRow
from .words import channel_words

blueprint = Blueprint("hall_public", __name__, url_prefix="/hall/<place>/<key>")
#: Seconds after which the kiosk shows its first page again.
CLEARED = 30


def hall_key(keys: KeyRing, hub_id: str) -> str:
    """Give the key that stands in the address of a hub's hall pages."""
    return keys.mark("hall", hub_id).hex()[:20]


def _enter(ctx: Context, place: str, key: str) -> Context:
    """Give the context of a hub's hall; a wrong key and a hub nobody knows look the same."""
    hub = ctx.session.get(HubRow, place[:32])
    if hub is None or not hmac.compare_digest(key.encode(), hall_key(ctx.keys, hub.id).encode()):
        abort(404)
    return ctx.at(Hub(hub.id, hub.name_zh, hub.name_en, hub.division, hub.version))


@blueprint.get("/screen")
@permit(PUBLIC)
def screen(place: str, key: str) -> Response:
    """Show who is called where, and how many wait; asks again by itself."""
    ctx = _enter(reading(), place, key)
    now = look(ctx)
    mark = mark_of((now.called, len(now.waiting), now.average, [one.number for one in now.missed]))
    if is_htmx() and is_seen(mark):
        return unchanged(mark)
    content: dict[str, Any] = {"now": now, "mark": mark, "place": place, "key": key, "hall_name": ctx.hub}
    if is_htmx():
        return marked(page("hall/screen_now.html", **content), mark)
    return page("hall/screen.html", **content)


@blueprint.get("/kiosk")
@permit(PUBLIC)
def kiosk(place: str, key: str) -> Response:
    """Offer the channels, or show the number that was just drawn."""
    ctx = _enter(reading(), place, key)
    drawn = ctx.session.get(TicketRow, request.args.get("drawn", "")[:26])
    if drawn is not None and (drawn.hub_id != ctx.hub.id or drawn.day != ctx.clock.today()):
        drawn = None
    return _kiosk(ctx, place, key, drawn)


def _kiosk(
    ctx: Context, place: str, key: str, drawn: TicketRow | None, *, status: int = 200, wrong: str = ""
) -> Response:
    channels = [(name, *channel_words()[name]) for name in LETTERS if name != "appointment"]
    response = page(
        "hall/kiosk.html",
        status=status,
        place=place,
        key=key,
        hall_name=ctx.hub,
        drawn=drawn,
        wait=wait_of(ctx, drawn) if drawn and drawn.state == "waiting" else None,
        channels=channels,
        wrong=wrong,
        once=new_id(),
    )
    response.headers["Cache-Control"] = "no-store"
    if drawn or wrong:
        response.headers["Refresh"] = f"{CLEARED}; url={url_for('hall_public.kiosk', place=place, key=key)}"
    return response


@blueprint.post("/kiosk")
@permit(PUBLIC)
def draw_number(place: str, key: str) -> AnyResponse | Response:
    """Give a number."""
    _enter(reading(), place, key)
    try:
        with writing() as ctx:
            hall = _enter(ctx, place, key)
            floods.refuse(ctx.session, ctx.keys, floods.HALL, ctx.clock.now(), address=request.remote_addr or "")
            drawn = draw(hall, request.form.get("channel", ""), once=request.form.get("once", "")).id
    except Problem as problem:
        text = problem.text(current_locale()) or _("Please ask a worker.")
        return _kiosk(_enter(reading(), place, key), place, key, None, status=429, wrong=text)
    return redirect(url_for("hall_public.kiosk", place=place, key=key, drawn=drawn), 303)
