"""Pages of enquiries: the hub's list, taking one in, one enquiry with its slip, and a resident's own."""

from typing import Any

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..catalogue.items import Item
from ..catalogue.loaded import catalogue
from ..hubs.open_lines import is_open
from ..identity.audit import record
from ..identity.may import lines_where, may
from ..people.models import PersonRow
from ..store.context import Context
from ..store.ids import new_id
from ..store.problems import Problem, Problems
from ..web.acting import close_reading, reading, writing
from ..web.filters import moment
from ..web.language import _, bilingual, current_locale
from ..web.pages import page
from ..web.permit import permit
from ..web.services import services
from .find import MOST, count_enquiries, enquiries_of, list_enquiries
from .slip import make_slip
from .take import Asked, Settled, get_enquiry, note_receipt, settle, take_in
from .words import answered_words, passed_words, state_words

blueprint = Blueprint("enquiries", __name__, url_prefix="/h/<hub>/enquiries")
TABS = ("open", "passed-on", "answered")


@blueprint.get("")
@permit("see")
def enquiries(hub: str) -> Response:
    """List enquiries by how they stand, or the one with a number; how many there were this month."""
    return _list("")


@blueprint.post("")
@permit("see")
def find(hub: str) -> Response:
    """Find an enquiry by its number; what is typed never stands in an address."""
    return _list(request.form.get("number", "").strip()[:60])


def _list(number: str) -> Response:
    ctx = reading()
    hub = ctx.hub.id
    chosen = request.args.get("state", "open")
    state, lines = chosen if chosen in TABS else "open", lines_of(ctx)
    rows = list_enquiries(ctx, lines, state, number)
    with writing() as trail:
        record(trail, "enquiry.list", subject=f"hub:{hub}")
    counts = count_enquiries(ctx, lines)
    tabs = [
        {
            "title": words,
            "url": url_for("enquiries.enquiries", hub=hub, state=one),
            "active": one == state and not number,
        }
        for one, words in state_words().items()
    ]
    drawn = [_draw(ctx, row) for row in rows]
    return page("enquiries/list.html", rows=drawn, tabs=tabs, number=number, counts=counts, most=MOST)


@blueprint.get("/of/<person_id>")
@permit("see")
def of_resident(hub: str, person_id: str) -> Response:
    """Give the box of a resident's page: what they asked. Who opened that page stands in the trail."""
    ctx = reading()
    rows = [_draw(ctx, row) for row in enquiries_of(ctx, person_id[:26], lines_of(ctx))]
    return page("enquiries/panel.html", rows=rows)


@blueprint.get("/new/<code>")
@permit("accept")
def ask(hub: str, code: str) -> Response:
    """Show the form of an enquiry about an item."""
    return _new_page(_item_or_404(code), {}, request.args)


@blueprint.post("/new/<code>")
@permit("accept")
def take(hub: str, code: str) -> AnyResponse | Response:
    """Take an enquiry in; sent twice it stands once."""
    item, form = _item_or_404(code), request.form
    key = form.get("key", "")
    key = key if len(key) == len(new_id()) and key.isalnum() else ""
    try:
        with writing() as ctx:
            person = _person(ctx, form.get("person", ""))
            said = Asked(form.get("question", ""), person.id if person else "", form.get("asked_by", ""),
                         form.get("phone", ""))  # fmt: skip
            made = take_in(ctx, item, said, key=key).id
    except Problem as problem:
        close_reading()
        return _new_page(item, {problem.field: problem.text(current_locale())}, form)
    return redirect(url_for("enquiries.enquiry", hub=hub, enquiry_id=made), 303)


@blueprint.get("/<enquiry_id>")
@permit("see")
def enquiry(hub: str, enquiry_id: str) -> Response:
    """Show one enquiry; who looked is written down."""
    return _page(enquiry_id)


@blueprint.post("/<enquiry_id>")
@permit("accept")
def act(hub: str, enquiry_id: str) -> AnyResponse | Response:
    """Answer an enquiry, pass it on, or write down the department's receipt."""
    form, seen = request.form, request.form.get("version", type=int) or 0
    names = ("state", "answer", "answered_how", "passed_to", "passed_how")
    try:
        with writing() as ctx:
            row = get_enquiry(ctx, enquiry_id, lock=True) or abort(404)
            if "receipt" in form:
                note_receipt(ctx, row, form["receipt"], seen_version=seen)
            else:
                settle(ctx, row, Settled(*(form.get(name, "") for name in names)), seen_version=seen)
    except Problems as several:
        close_reading()
        return _page(enquiry_id, several.problems)
    except Problem as problem:
        close_reading()
        return _page(enquiry_id, [problem])
    return redirect(url_for("enquiries.enquiry", hub=hub, enquiry_id=enquiry_id), 303)


@blueprint.get("/<enquiry_id>/slip.pdf")
@permit("accept")
def slip(hub: str, enquiry_id: str) -> Response:
    """Print the slip that goes along: number, QR code, and the part the department signs."""
    ctx = reading()
    row = get_enquiry(ctx, enquiry_id) or abort(404)
    content = make_slip(ctx, row, _person(ctx, row.person_id))
    with writing() as trail:
        record(trail, "print.enquiry", person_id=row.person_id or "", subject=f"enquiry:{row.id}", purpose="enquiry")
    response = Response(content, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="enquiry-{row.number}.pdf"'
    return response


def lines_of(ctx: Context) -> list[str]:
    """Give the lines that the worker may see, closed ones too: what was asked there still waits for an answer."""
    return [line.id for line in lines_where(ctx.actor, "see", services().installed.lines)]


def _item_or_404(code: str) -> Item:
    ctx, installed = reading(), services().installed
    item = catalogue(installed).find(code, ctx.hub.division, ctx.clock.today())
    if item is None or not is_open(ctx.session, ctx.hub, installed, item.line_id):
        abort(404)
    if not may(ctx.actor, "accept", item.line_id):
        abort(404)
    return item


def _person(ctx: Context, person_id: str | None) -> PersonRow | None:
    row = ctx.session.get(PersonRow, person_id[:26]) if person_id else None
    return row if row is not None and row.hub_id == ctx.hub.id else None


def _draw(ctx: Context, row: Any) -> dict[str, Any]:
    return {
        "number": row.number,
        "url": url_for("enquiries.enquiry", hub=ctx.hub.id, enquiry_id=row.id),
        "title": bilingual(row.title_zh, row.title_en),
        "who": row.person or row.asked_by or _("not named"),
        "state": row.state,
        "word": state_words()[row.state],
        "due": row.due_on.isoformat(),
        "late": row.state == "open" and row.due_on < ctx.clock.today(),
        "passed_to": row.passed_to,
        "receipt": row.receipt,
        "made": f"{moment(row.made_at)} {row.made_name}",
    }


def _new_page(item: Item, errors: dict[str, str], typed: Any) -> Response:
    ctx = reading()
    person = _person(ctx, typed.get("person", ""))
    return page(
        "enquiries/new.html", status=422 if errors else 200, item=item.manifest, person=person, typed=typed,
        errors=errors, problem=bool(errors), key=typed.get("key") or new_id(),
        title=bilingual(item.manifest.title_zh, item.manifest.title_en),
    )  # fmt: skip


def _page(enquiry_id: str, wrong: list[Problem] | None = None) -> Response:
    ctx, locale = reading(), current_locale()
    row = get_enquiry(ctx, enquiry_id) or abort(404)
    person, errors = _person(ctx, row.person_id), {one.field: one.text(locale) for one in wrong or () if one.field}
    may_act = may(ctx.actor, "accept", row.line_id)
    drawn = page(
        "enquiries/enquiry.html",
        status=(422 if errors else 409) if wrong else 200,
        row=row,
        title=bilingual(row.title_zh, row.title_en),
        word=state_words()[row.state],
        who=person.name if person else row.asked_by or _("not named"),
        person_url=url_for("home.resident", hub=ctx.hub.id, person_id=person.id) if person else "",
        answered=answered_words().get(row.answered_how, ""),
        passed=passed_words().get(row.passed_how, ""),
        may_settle=may_act and row.state != "answered",
        may_act=may_act,
        late=row.state == "open" and row.due_on < ctx.clock.today(),
        answered_options=list(answered_words().items()),
        passed_options=list(passed_words().items()),
        typed=request.form,
        errors=errors,
        problem=bool(wrong),
        wrong="" if errors else " ".join(one.text(locale) for one in wrong or ()),
    )
    with writing() as trail:
        record(trail, "enquiry.look", person_id=row.person_id or "", subject=f"enquiry:{row.id}", purpose="enquiry")
    return drawn
