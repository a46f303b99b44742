"""Pages for those who look after deliveries: the day's digest, differences of the books, messages nobody knows."""

from collections.abc import Callable
from typing import Any

from flask import Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..identity.audit import record
from ..identity.may import may
from ..store.context import Context
from ..web.acting import close_reading, reading, writing
from ..web.language import _, bilingual
from ..web.pages import page
from ..web.permit import permit
from ..web.services import services
from .decide import CannotDecide
from .digest import read_digest
from .find import list_strays
from .reconcile import last_runs, open_differences
from .settle import attach, leave, send_all_anew, send_anew, set_aside, take_their_word
from .standing import name_of
from .views import blueprint
from .words import tell


@blueprint.get("/deliveries/digest")
@permit("board")
def digest(hub: str) -> Response:
    """Show what deserves a look today."""
    ctx = reading()
    found = read_digest(ctx)
    stopped = [
        {
            "one": one,
            "platform": _name(one.platform_id),
            "text": _words(one.platform_id, one.state, one.reason),
            "url": url_for("delivery.deliveries", hub=hub, state=one.state, platform=one.platform_id),
        }
        for one in found.stopped
    ]
    late = [{"one": one, "platform": _name(one.platform_id)} for one in found.late]
    return page(
        "delivery/digest.html",
        digest=found,
        stopped=stopped,
        late=late,
        silent=[{"one": one, "platform": _name(one.platform_id)} for one in found.silent],
        locked=[{"one": one, "platform": _name(one.platform_id)} for one in found.locked],
        now=ctx.clock.now(),
    )


def _words(platform_id: str, state: str, reason: str) -> dict[str, str]:
    zh, en = name_of(services().installed, platform_id)
    told = tell(state, reason, platform_zh=zh, platform_en=en)
    return {"what": bilingual(told.text_zh, told.text_en), "who": bilingual(told.who_zh, told.who_en)}


def _name(platform_id: str) -> str:
    return bilingual(*name_of(services().installed, platform_id))


@blueprint.get("/deliveries/differences")
@permit("board")
def differences(hub: str) -> Response:
    """Show where our books and a department's do not agree, and the last comparison of each platform."""
    return _differences_page()


def _differences_page(status: int = 200, wrong: str = "") -> Response:
    ctx = reading()
    found = open_differences(ctx.session, ctx.hub.id)
    rows = [{"one": one, "platform": _name(one.platform_id)} for one in found]
    runs = [{"run": run, "platform": _name(run.platform_id)} for run in last_runs(ctx.session)]
    missing = sorted({one.platform_id for one in found if one.kind == "not-there"})
    return page(
        "delivery/differences.html",
        status=status,
        rows=rows,
        runs=runs,
        missing=[(platform_id, _name(platform_id)) for platform_id in missing],
        wrong=wrong,
        done=_done(request.args.get("done", "")),
        may_configure=may(ctx.actor, "configure"),
    )


@blueprint.post("/deliveries/differences/<int:difference_id>/<any(send, take, leave):verb>")
@permit("configure")
def settle(hub: str, difference_id: int, verb: str) -> AnyResponse | Response:
    """Settle one difference."""
    verbs: dict[str, Callable[[Context], Any]] = {
        "send": lambda ctx: send_anew(ctx, difference_id),
        "take": lambda ctx: take_their_word(ctx, difference_id),
        "leave": lambda ctx: leave(ctx, difference_id, request.form.get("why", "")),
    }
    missing = _("Say why nothing needs to be done.") if verb == "leave" else ""
    return _carry_out(verbs[verb], lambda status, wrong: _differences_page(status, wrong), "differences", missing)


@blueprint.post("/deliveries/differences/all")
@permit("configure")
def settle_all(hub: str) -> AnyResponse | Response:
    """Send again, in the order of accept, all that one department no longer has."""
    platform_id = request.form.get("platform", "")[:100]
    verb = lambda ctx: send_all_anew(ctx, platform_id)  # noqa: E731 - one of several verbs
    return _carry_out(verb, lambda status, wrong: _differences_page(status, wrong), "differences")


@blueprint.get("/platforms/strays")
@permit("board")
def strays(hub: str) -> Response:
    """List messages of departments about no parcel of ours; who looked is written down."""
    with writing() as trail:
        record(trail, "delivery.strays")
    return _strays_page()


def _strays_page(status: int = 200, wrong: str = "") -> Response:
    ctx = reading()
    rows = [{"stray": stray, "platform": _name(stray.platform_id)} for stray in list_strays(ctx.session)]
    return page(
        "delivery/strays.html",
        status=status,
        rows=rows,
        wrong=wrong,
        done=_done(request.args.get("done", "")),
        typed=request.form,
        may_configure=may(ctx.actor, "configure"),
    )


@blueprint.post("/platforms/strays/<int:outcome_id>/<any(attach, aside):verb>")
@permit("configure")
def place(hub: str, outcome_id: int, verb: str) -> AnyResponse | Response:
    """Join a message to a case of this hub, or put it away."""
    verbs: dict[str, Callable[[Context], Any]] = {
        "attach": lambda ctx: attach(ctx, outcome_id, request.form.get("case_no", "")[:40]),
        "aside": lambda ctx: set_aside(ctx, outcome_id, request.form.get("why", "")),
    }
    missing = {
        "attach": _("No case of this number went to this platform from this hub. Check the number."),
        "aside": _("Say why it is none of ours."),
    }
    return _carry_out(verbs[verb], lambda status, wrong: _strays_page(status, wrong), "strays", missing[verb])


def _carry_out(
    verb: Callable[[Context], Any], again: Callable[[int, str], Response], target: str, why_not: str = ""
) -> AnyResponse | Response:
    """Do it, or show the page as it stands now with what hinders."""
    try:
        with writing() as ctx:
            verb(ctx)
            hub = ctx.hub.id
    except LookupError:
        abort(404)
    except CannotDecide:
        close_reading()  # what this request has read so far may be older than what hindered it
        moved = _("This delivery has moved meanwhile. Look at it as it stands now.")
        return again(422 if why_not else 409, why_not or moved)
    return redirect(url_for(f"delivery.{target}", hub=hub, done="settled"), 303)


def _done(done: str) -> str:
    return _("Noted.") if done == "settled" else ""
