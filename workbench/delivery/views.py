"""Pages of what travels: the list of deliveries with what an admin may do, the platform board, stray messages."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, current_app, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..api.parcels import TASK_ANSWER
from ..catalogue.loaded import catalogue
from ..identity.filter_views import kept_filters
from ..identity.may import may
from ..store.context import Context
from ..web.acting import close_reading, reading, writing
from ..web.htmx import is_htmx
from ..web.language import _, bilingual
from ..web.live import is_seen, mark_of, marked, unchanged
from ..web.pages import page
from ..web.permit import permit
from ..web.services import services
from .account_views import blueprint as accounts
from .alarm import late_queues
from .board import read_board
from .decide import CannotDecide, hold, release, resend, resend_all
from .find import OPEN, DeliveryLine, count_by_state, count_strays, list_deliveries
from .many import hold_each, release_each, reroute_each, resend_each
from .models import STATES
from .standing import BY_HAND, name_of
from .words import tell

blueprint = Blueprint("delivery", __name__, url_prefix="/h/<hub>")
blueprints = [blueprint, accounts]

PAGE = 50
#: What the tabs of the list show.
VIEWS = {
    "open": OPEN,
    "needs-people": ("needs-people",),
    "with-department": ("sent", "accepted"),
    "finished": ("done", "refused"),
    "all": STATES,
}


@blueprint.get("/deliveries")
@permit("board")
def deliveries(hub: str) -> Response:
    """List the hub's deliveries."""
    return _list_page()


def _list_page(status: int = 200, wrong: str = "") -> Response:
    ctx, platform = reading(), request.values.get("platform", "")[:100]
    state = request.values.get("state", "open")
    states = VIEWS.get(state) or ((state,) if state in STATES else OPEN)
    after = request.args.get("after", "")[:26]
    lines = list_deliveries(ctx, states=states, platform_id=platform, after=after, limit=PAGE + 1)
    counts = count_by_state(ctx, platform)
    chosen = {"state": state, "platform": platform}
    more = _list_url(ctx.hub.id, chosen, after=lines[PAGE - 1].id) if len(lines) > PAGE else ""
    return page(
        "delivery/list.html",
        status=status,
        rows=[_draw(ctx, line) for line in lines[:PAGE]],
        tabs=_tabs(ctx, state, platform, counts),
        state=state,
        platform=platform,
        platforms=[(p.id, bilingual(*name_of(services().installed, p.id))) for p in services().installed.platforms],
        next_url=more,
        first_url=_list_url(ctx.hub.id, chosen) if after else "",
        wrong=wrong,
        done=_done_words(request.args.get("done", "")),
        kept=kept_filters(ctx, "delivery.deliveries", state=state, platform=platform),
        can_resend_all=bool(platform) and state == "needs-people",
        may_configure=may(ctx.actor, "configure"),
    )


def _list_url(hub: str, chosen: Mapping[str, str], **more: str) -> str:
    """Address the list with what was chosen there."""
    query = {key: chosen[key] for key in ("state", "platform") if chosen.get(key)} | more
    address = url_for("delivery.deliveries", hub=hub)
    return f"{address}?{urlencode(query)}" if query else address


def _tabs(ctx: Context, chosen: str, platform: str, counts: dict[str, int]) -> list[dict[str, Any]]:
    names = {
        "open": _("Not with the department yet"),
        "needs-people": _("Needs a person"),
        "with-department": _("With the department"),
        "finished": _("Finished"),
        "all": _("All"),
    }
    totals = {key: sum(counts.get(state, 0) for state in VIEWS[key]) for key in VIEWS}
    return [
        {
            "title": title,
            "url": _list_url(ctx.hub.id, {"state": key, "platform": platform}),
            "active": key == chosen,
            "count": totals.get(key, 0),
        }
        for key, title in names.items()
    ]


def _draw(ctx: Context, line: DeliveryLine) -> dict[str, Any]:
    """Give one row with its words, where it leads, and what may be done with it."""
    zh, en = name_of(services().installed, line.platform_id)
    told = tell(line.state, line.reason, platform_zh=zh, platform_en=en, reference=line.reference)
    item = catalogue(services().installed).find(line.item_code, ctx.hub.division, ctx.clock.today())
    by_hand = BY_HAND.get(line.reason) if line.state == "needs-people" and may(ctx.actor, "rekey") else None
    return {
        "line": line,
        "title": bilingual(line.item_title, item.manifest.title_en if item else ""),
        "platform": bilingual(zh, en),
        "text": bilingual(told.text_zh, told.text_en),
        "who": bilingual(told.who_zh, told.who_en),
        "case_url": _about(ctx, line),
        "hand_url": _url(f"handwork.{by_hand}", "rekey", ctx, delivery_id=line.id) if by_hand else "",
        "verbs": _verbs(line) if may(ctx.actor, "configure") else [],
    }


def _about(ctx: Context, line: DeliveryLine) -> str:
    """Address what a parcel is about: a case, or a task of a department that it answers."""
    if line.operation == TASK_ANSWER:
        return _url("assigned.task", "see", ctx, task_id=line.case_id)
    return _url("cases.case", "see", ctx, case_id=line.case_id)


def _url(endpoint: str, verb: str, ctx: Context, **values: Any) -> str:
    """Address a page of a room above, for those who may open it."""
    there = endpoint in current_app.view_functions and may(ctx.actor, verb)
    return url_for(endpoint, hub=ctx.hub.id, **values) if there else ""


def _verbs(line: DeliveryLine) -> list[tuple[str, str]]:
    """Give what an admin may do; the same conditions as the verbs themselves."""
    verbs = []
    if line.state == "waiting" or (line.state == "needs-people" and line.reason not in ("rekey", "outcome-unknown")):
        verbs.append(("resend", _("Send now")))
    if line.state in ("waiting", "needs-people") and line.reason != "rekey":
        verbs.append(("hold", _("Hold")))
    if line.state == "parked" and line.reason == "held":
        verbs.append(("release", _("Release")))
    return verbs


def _done_words(done: str) -> str:
    if done == "many":
        count, left = request.args.get("count", "0")[:5], request.args.get("left", "0")[:5]
        text = _("Done with {count} deliveries, in the order they were accepted.", count=count)
        return text if left == "0" else text + " " + _("{left} could not be changed as they stand.", left=left)
    words = {
        "hold": _("The delivery is held until somebody releases it."),
        "release": _("The delivery was released."),
        "resend": _("The delivery is sent again now."),
    }
    return words.get(done, "")


@blueprint.post("/deliveries/<delivery_id>/<any(hold, release, resend):verb>")
@permit("configure")
def decide(hub: str, delivery_id: str, verb: str) -> AnyResponse | Response:
    """Hold a delivery, let it go, or send it again."""
    verbs: dict[str, Callable[[Context], Any]] = {
        "hold": lambda ctx: hold(ctx, delivery_id, request.form.get("why", "").strip()[:200]),
        "release": lambda ctx: release(ctx, delivery_id),
        "resend": lambda ctx: resend(ctx, delivery_id),
    }
    try:
        with writing() as ctx:
            verbs[verb](ctx)
    except LookupError:
        abort(404)
    except CannotDecide:
        close_reading()  # what this request has read so far may be older than what hindered it
        return _list_page(409, _("This delivery has moved meanwhile. Look at it as it stands now."))
    return redirect(_list_url(hub, request.form, done=verb), 303)


@blueprint.get("/platforms")
@permit("board")
def platforms(hub: str) -> AnyResponse | Response:
    """Show how every platform is; asked again by the page itself."""
    ctx = reading()
    lines, strays = read_board(ctx.session, services().installed), count_strays(ctx.session)
    late = {queue.platform_id for queue in late_queues(ctx.session, ctx.clock.now())}
    mark = mark_of((lines, strays, sorted(late)))
    if is_htmx() and is_seen(mark):
        return unchanged(mark)
    return marked(page("delivery/board.html", "board", lines=lines, strays=strays, late=late, mark=mark), mark)


@blueprint.post("/deliveries/many")
@permit("configure")
def decide_many(hub: str) -> AnyResponse | Response:
    """Do one thing with several deliveries, in the order they were accepted."""
    ids, form = [chosen[:26] for chosen in request.form.getlist("id")], request.form
    verbs: dict[str, Callable[[Context], tuple[int, int]]] = {
        "resend": lambda ctx: resend_each(ctx, ids),
        "hold": lambda ctx: hold_each(ctx, ids, form.get("why", "").strip()[:200]),
        "release": lambda ctx: release_each(ctx, ids),
        "reroute": lambda ctx: reroute_each(ctx, services().installed, ids, form.get("to", "")[:100]),
        "all": lambda ctx: (resend_all(ctx, form.get("platform", "")[:100]), 0),
    }
    verb = verbs.get(form.get("verb", "")) or abort(400)
    if not ids and form.get("verb") != "all":
        return _list_page(422, _("Tick at least one delivery."))
    with writing() as ctx:
        done, left = verb(ctx)
    return redirect(_list_url(hub, form, done="many", count=str(done), left=str(left)), 303)


# Its routes belong to this blueprint.
from . import people_views  # noqa: E402, F401 - it needs the blueprint
