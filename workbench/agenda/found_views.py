"""Pages of what the night found: lists by item, and one item's people, taken up, declined or confirmed."""

from typing import Any

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..catalogue.items import Item
from ..catalogue.loaded import catalogue
from ..hubs.open_lines import is_open
from ..identity.audit import Act, record_all
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
from .basis import basis_of
from .find import LEFT_BEHIND, get_waiting
from .found import LISTED, Entry, count_lists, entries, explain_all
from .lists import confirm
from .settle import settle

blueprint = Blueprint("found", __name__, url_prefix="/h/<hub>/found")


@blueprint.get("")
@permit("see")
def overview(hub: str) -> Response:
    """List the items for which somebody was found, with how many; nobody is named."""
    ctx = reading()
    counts = [one for one in count_lists(ctx) if may(ctx.actor, "see", one.line_id)]
    rows: list[dict[str, Any]] = [
        {
            "title": _title(ctx, one.item_code),
            "kind": one.kind,
            "count": one.count,
            "url": url_for("found.listed", hub=hub, item_code=one.item_code, kind=one.kind),
        }
        for one in counts
        if one.kind in LISTED
    ]
    rows.sort(key=lambda row: (-row["count"], row["title"]))
    tasks = sum(one.count for one in counts if one.kind not in LISTED)
    return page(
        "agenda/found.html",
        rows=rows,
        people=sum(row["count"] for row in rows),
        tasks=tasks,
        agenda_url=url_for("agenda.agenda", hub=hub),
        done=_done_words(),
    )


def _title(ctx: Context, code: str) -> str:
    item = _item(ctx, code)
    return bilingual(item.manifest.title_zh, item.manifest.title_en) if item else code


def _item(ctx: Context, code: str) -> Item | None:
    return catalogue(services().installed).find(code, ctx.hub.division, ctx.clock.today())


def _seen_item(ctx: Context, code: str, verb: str = "see", kind: str = "") -> Item:
    """Give an item of a line that is open here, whose people this worker may see; ends the request otherwise."""
    item = _item(ctx, code)
    if item is None or (
        kind not in LEFT_BEHIND and not is_open(ctx.session, ctx.hub, services().installed, item.line_id)
    ):
        abort(404)
    if not may(ctx.actor, verb, item.line_id):
        abort(403)
    return item


@blueprint.get("/<item_code>")
@permit("see")
def listed(hub: str, item_code: str) -> Response:
    """List the people of one item, each with the reasons."""
    return _page(item_code)


def _page(item_code: str, status: int = 200, wrong: Problem | None = None) -> Response:
    ctx = reading()
    item = _seen_item(ctx, item_code)
    kind = "automatic" if request.values.get("kind") == "automatic" else "entitled"
    found, following = entries(ctx, item, kind, request.args.get("after", "")[:26])
    _note_looks(item, found)
    count = sum(one.count for one in count_lists(ctx) if (one.item_code, one.kind) == (item_code, kind))
    here: dict[str, Any] = {"hub": ctx.hub.id, "item_code": item_code, "kind": kind}
    return page(
        "agenda/found_item.html",
        status=status,
        title=bilingual(item.manifest.title_zh, item.manifest.title_en),
        item_code=item_code,
        kind=kind,
        count=count,
        entries=[_draw(one) for one in found],
        may_accept=may(ctx.actor, "accept", item.line_id),
        first_url=url_for("found.listed", **here) if request.args.get("after") else "",
        next_url=url_for("found.listed", after=following, **here) if following else "",
        typed=request.form,
        wrong=wrong.text(current_locale()) if wrong else "",
        done=_done_words(),
    )


def _note_looks(item: Item, found: list[Entry]) -> None:
    """Every person shown stands in the trail, with the purpose of the item."""
    looks = [Act("found.look", one.person_id, f"item:{item.code}", item.manifest.purpose) for one in found]
    with writing() as trail:
        record_all(trail, looks)


def _draw(one: Entry) -> dict[str, Any]:
    return {
        "id": one.id,
        "person_id": one.person_id,
        "name": one.name,
        "id_masked": one.id_masked,
        "phone_masked": one.phone_masked,
        "found_on": one.found_on,
        "was_declined": one.was_declined,
        "holds": one.holds,
        "why": draw_why(one.why),
    }


def draw_why(whys: Any) -> list[dict[str, Any]]:
    """Give each rule's clauses and the origins of its facts, in the language of the page."""
    return [
        {
            "clauses": [
                {"verdict": clause.verdict, "text": bilingual(clause.text_zh, clause.text_en)} for clause in why.clauses
            ],
            "origins": [
                {"label": bilingual(one.label_zh, one.label_en), "source": one.source, "day": one.day}
                for one in why.origins
            ],
        }
        for why in whys
    ]


@blueprint.get("/<item_code>/<row_id>")
@permit("see")
def why(hub: str, item_code: str, row_id: str) -> Response:
    """Say why one entry of the agenda came up, as things stand now."""
    ctx = reading()
    row = get_waiting(ctx, row_id, lock=False)
    if row is None or row.item_code != item_code:
        abort(404)
    item = _seen_item(ctx, item_code, kind=row.kind)
    person = ctx.session.get_one(PersonRow, row.person_id)
    asked = _Asked(person.id, person.sex, person.birth_date)
    holds, whys = explain_all(ctx, item, [asked])[0]
    with writing() as trail:
        record_all(trail, [Act("found.look", person.id, f"item:{item.code}", item.manifest.purpose)])
    return page(
        "agenda/why.html",
        title=bilingual(item.manifest.title_zh, item.manifest.title_en),
        name=person.name,
        standing=person.status,
        holds=holds,
        why=draw_why(whys),
        back_url=url_for("agenda.agenda", hub=hub),
    )


class _Asked:
    """The columns of a person that rules need."""

    def __init__(self, person_id: str, sex: str, birth_date: Any) -> None:
        self.person_id, self.sex, self.birth_date = person_id, sex, birth_date


@blueprint.post("/<item_code>/<row_id>")
@permit("accept")
def settle_one(hub: str, item_code: str, row_id: str) -> AnyResponse | Response:
    """Take one entry up, which opens its form, or decline it with a reason."""
    made = ""
    try:
        with writing() as ctx:
            item = _seen_item(ctx, item_code, "accept")
            row = get_waiting(ctx, row_id)
            if row is None or row.item_code != item_code or row.kind not in LISTED:
                abort(404)
            person = ctx.session.get_one(PersonRow, row.person_id)
            row.basis = basis_of(ctx, item, person, ctx.clock.today())
            if request.form.get("action") == "take":
                made = begin(ctx, item, person).id if row.state == "open" else ""
                settle(ctx, row, "taken", made_case_id=made)
            else:
                settle(ctx, row, "dismissed", reason=request.form.get(f"reason-{row_id}", ""))
    except Problem as problem:
        close_reading()
        return _page(item_code, 422 if problem.field else 409, problem)
    if made:
        return redirect(url_for("reception.form", hub=hub, case_id=made), 303)
    kind = request.form.get("kind", "")
    return redirect(url_for("found.listed", hub=hub, item_code=item_code, kind=kind, done="declined"), 303)


@blueprint.post("/<item_code>")
@permit("accept")
def confirm_page(hub: str, item_code: str) -> AnyResponse | Response:
    """Confirm the people of a page of an automatic list; those left out are declined with the reason."""
    installed, out = services().installed, set(request.form.getlist("out"))
    try:
        with writing() as ctx:
            item = _seen_item(ctx, item_code, "accept")
            rows = [row for row_id in request.form.getlist("row") if (row := get_waiting(ctx, row_id))]
            rows = [row for row in rows if (row.kind, row.item_code, row.state) == ("automatic", item.code, "open")]
            for row in rows:
                if row.id in out:
                    settle(ctx, row, "dismissed", reason=request.form.get("reason", ""))
            kept = [row for row in rows if row.id not in out]
            accepted, left = confirm(ctx, catalogue(installed), installed, kept)
    except Problem as problem:
        close_reading()
        return _page(item_code, 422 if problem.field else 409, problem)
    told: dict[str, Any] = {"done": "confirmed", "accepted": len(accepted), "forms": len(left)}
    return redirect(url_for("found.listed", hub=hub, item_code=item_code, kind="automatic", **told), 303)


def _done_words() -> str:
    done = request.args.get("done", "")
    if done == "confirmed":
        accepted, forms = _number("accepted"), _number("forms")
        told = ngettext("{count} case was accepted.", "{count} cases were accepted.", accepted)
        left = ngettext("{count} form is to be completed.", "{count} forms are to be completed.", forms)
        return f"{told} {left}"
    return _("Declined. It is not shown again until the facts change.") if done == "declined" else ""


def _number(name: str) -> int:
    text = request.args.get(name, "0")
    return int(text) if text.isascii() and text.isdigit() else 0
