"""The page of the agenda: what waits, taken or dismissed one by one, or a list confirmed with its exceptions."""

from typing import Any

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..catalogue.loaded import catalogue
from ..hubs.open_lines import is_open
from ..identity.audit import record
from ..identity.filter_views import kept_filters
from ..identity.may import may
from ..people.models import PersonRow
from ..reception.draft import begin
from ..store.context import Context
from ..store.problems import Problem
from ..web.acting import close_reading, reading, writing
from ..web.language import _, bilingual, current_locale, ngettext
from ..web.pages import page
from ..web.permit import permit
from ..web.services import services
from .find import Waiting, count_automatic, get_waiting, waiting
from .found_views import blueprint as found
from .lists import confirm
from .models import KINDS, AgendaRow
from .settle import right_for, settle

blueprint = Blueprint("agenda", __name__, url_prefix="/h/<hub>/agenda")
blueprints = (blueprint, found)
PAGE = 50
#: An automatic list is confirmed as a whole, up to so many at once.
LIST = 500
#: Taken by opening a form.
FORMS = ("apply", "check", "recheck")


@blueprint.get("")
@permit("see")
def agenda(hub: str) -> Response:
    """List what waits at the hub."""
    return _page()


def _page(status: int = 200, wrong: Problem | None = None) -> Response:
    ctx, kind = reading(), request.values.get("kind", "")
    kind = kind if kind in KINDS else ""
    day, _sep, last = request.args.get("after", "").partition("_")
    most = LIST if kind == "automatic" else PAGE
    rows = waiting(ctx, kind, most + 1, after=(day, last) if last else None)
    lines = [one for one in rows[:most] if may(ctx.actor, "see", one.line_id)]
    with writing() as trail:
        record(trail, "agenda.look", subject=f"hub:{ctx.hub.id}")
    return page(
        "agenda/agenda.html",
        status=status,
        rows=[_draw(ctx, one) for one in lines],
        kinds=_tabs(ctx, kind),
        lists=count_automatic(ctx) if kind != "automatic" and may(ctx.actor, "accept") else 0,
        next_url=url_for("agenda.agenda", hub=ctx.hub.id, kind=kind or None, after=_place(rows[most - 1]))
        if len(rows) > most
        else "",
        first_url=url_for("agenda.agenda", hub=ctx.hub.id, kind=kind or None) if last else "",
        kind=kind,
        kept=kept_filters(ctx, "agenda.agenda", kind=kind),
        automatic=[one for one in lines if one.kind == "automatic"] and kind == "automatic",
        typed=request.form,
        left_out=request.form.getlist("out"),
        wrong=wrong.text(current_locale()) if wrong else "",
        done=request.args.get("done", ""),
        forms=request.args.get("forms", ""),
        done_words=_done_words(),
    )


def _place(one: Waiting) -> str:
    return f"{one.due_on.isoformat()}_{one.id}"


def _tabs(ctx: Context, chosen: str) -> list[dict[str, Any]]:
    """Give the kinds as tabs; the first is everything."""
    words = {"": _("Everything"), **kind_words()}
    words.pop("entitled", None)  # its list has a page of its own
    return [
        {"title": word, "url": url_for("agenda.agenda", hub=ctx.hub.id, kind=key or None), "active": key == chosen}
        for key, word in words.items()
    ]


def kind_words() -> dict[str, str]:
    """Name the kinds of proposals."""
    return {
        "stop": _("Stop what is paid"),
        "apply": _("Apply for it"),
        "check": _("Check it"),
        "recheck": _("Re-check"),
        "automatic": _("Without application"),
        "sample": _("Sample"),
        "entitled": _("Has not applied"),
    }


def _draw(ctx: Context, one: Waiting) -> dict[str, Any]:
    item = catalogue(services().installed).find(one.item_code, ctx.hub.division, ctx.clock.today())
    return {
        "one": one,
        "kind": kind_words()[one.kind],
        "title": bilingual(item.manifest.title_zh, item.manifest.title_en) if item else one.item_code,
        "note": bilingual(one.note_zh, one.note_en),
        "late": one.due_on < ctx.clock.today(),
        "may_settle": may(ctx.actor, right_for(one.kind), one.line_id),
        "whose": _("For the policy post.") if one.kind == "sample" else _("For a worker of this line."),
        "opens_form": one.kind in FORMS,
        "why_url": _why_url(ctx, one),
    }


def _why_url(ctx: Context, one: Waiting) -> str:
    """What the night proposed explains itself; what a concluded case proposed names that case."""
    if one.kind != "stop" or not one.by_night:
        return ""
    return url_for("found.why", hub=ctx.hub.id, item_code=one.item_code, row_id=one.id)


def _done_words() -> str:
    done, forms = request.args.get("done", ""), request.args.get("forms", "")
    if done == "confirmed":
        accepted = request.args.get("accepted", "0")
        told = ngettext("{count} case was accepted.", "{count} cases were accepted.", _number(accepted))
        left = ngettext("{count} form is to be completed.", "{count} forms are to be completed.", _number(forms))
        return f"{told} {left}"
    return _("It is settled.") if done else ""


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


@blueprint.post("/<row_id>")
@permit("see")
def settle_one(hub: str, row_id: str) -> AnyResponse | Response:
    """Take or dismiss one proposal; one that asks for a form opens it."""
    made = ""
    try:
        with writing() as ctx:
            row = get_waiting(ctx, row_id)
            if row is None:
                abort(404)
            taken = request.form.get("action") == "take"
            if taken and row.kind in FORMS and row.state == "open":
                made = _begin(ctx, row)
            reason = request.form.get(f"reason-{row_id}", "")
            settle(ctx, row, "taken" if taken else "dismissed", reason=reason, made_case_id=made)
    except Problem as problem:
        close_reading()
        return _page(422 if problem.field else 409, problem)
    if made:
        return redirect(url_for("reception.form", hub=hub, case_id=made), 303)
    return redirect(url_for("agenda.agenda", hub=hub, done="settled", kind=request.form.get("kind") or None), 303)


def _begin(ctx: Context, row: AgendaRow) -> str:
    if not may(ctx.actor, "accept", row.line_id):
        raise Problem("may_not", "您的岗位不能进行此操作。", "Your role does not include this action.")
    item = catalogue(services().installed).find(row.item_code, ctx.hub.division, ctx.clock.today())
    if item is None:
        zh, en = "该事项已停止办理，请写明理由后关闭此提示。", "The item was withdrawn; dismiss this with a reason."
        raise Problem("item_withdrawn", zh, en)
    if not is_open(ctx.session, ctx.hub, services().installed, item.line_id):
        zh, en = "该条线在本站点已关闭，未开始办理。", "This line has been closed at this hub. Nothing was started."
        raise Problem("line_closed", zh, en)
    return begin(ctx, item, ctx.session.get_one(PersonRow, row.person_id)).id


@blueprint.post("")
@permit("accept")
def confirm_list(hub: str) -> AnyResponse | Response:
    """Confirm the people of an automatic list that are not left out; those left out are dismissed with the reason."""
    installed, out = services().installed, set(request.form.getlist("out"))
    try:
        with writing() as ctx:
            rows = [row for row_id in request.form.getlist("row") if (row := get_waiting(ctx, row_id))]
            rows = [row for row in rows if row.kind == "automatic" and row.state == "open"]
            for row in rows:
                if row.id in out:
                    settle(ctx, row, "dismissed", reason=request.form.get("reason", ""))
            kept = [row for row in rows if row.id not in out]
            accepted, left = confirm(ctx, catalogue(installed), installed, kept)
    except Problem as problem:
        close_reading()
        return _page(422 if problem.field else 409, problem)
    there = url_for("agenda.agenda", hub=hub, done="confirmed", accepted=len(accepted), forms=len(left))
    return redirect(there, 303)
