"""Choosing an item for a resident: initials, alias or plain words; a choice opens its form."""

from typing import Any

from flask import Response, abort, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..catalogue.items import Item
from ..catalogue.line_links import line_links
from ..catalogue.loaded import catalogue
from ..catalogue.pick import pick_items
from ..host.discover import Line
from ..hubs.open_lines import is_open, open_lines
from ..hubs.parameters import region_facts
from ..identity.may import lines_where, may
from ..people.facts import current_facts
from ..people.models import PersonRow
from ..people.visitors import find_resident
from ..reception.draft import begin
from ..reception.rule_facts import rule_names
from ..store.context import Context
from ..store.problems import Problem
from ..web.acting import reading, writing
from ..web.language import _, bilingual, current_locale
from ..web.pages import page
from ..web.permit import permit
from ..web.services import services
from .blueprint import blueprint
from .entitled import facts_for_rules
from .item_list import MOST, Choice, all_choices, bundle_codes, bundles, found_choices, popular_codes
from .links import link, links_to
from .platforms import read_health
from .resident_views import get_resident, resident_bar

LONGEST = 60


@blueprint.get("/h/<hub>/people/<person_id>/items")
@permit("accept")
def picker(hub: str, person_id: str) -> Response:
    """Show the items that fit what was typed, or all of them; htmx gets the list alone."""
    return _item_page(get_resident(person_id))


@blueprint.post("/h/<hub>/people/<person_id>/start")
@permit("accept")
def start(hub: str, person_id: str) -> AnyResponse | Response:
    """Open the form of the chosen item; the same item begun twice is the same form."""
    row, ctx = get_resident(person_id), reading()
    item = catalogue(services().installed).find(request.form.get("item", ""), ctx.hub.division, ctx.clock.today())
    if item is None:
        return _item_page(row, 409, _("This item is not on offer here today. Choose another one."))
    if not is_open(ctx.session, ctx.hub, services().installed, item.line_id):
        return _item_page(row, 409, _closed_words(item))
    if not may(g.worker, "accept", item.line_id):
        abort(403)
    try:
        case_id = _begin(item, person_id)
    except Problem as problem:
        return _item_page(row, 409, problem.text(current_locale()))
    form_url = link("reception.form", case_id=case_id) or url_for("home.resident", hub=hub, person_id=person_id)
    return redirect(form_url, 303)


def _begin(item: Item, person_id: str) -> str:
    with writing() as ctx:
        return begin(ctx, item, find_resident(ctx, person_id)).id


def _closed_words(item: Item) -> str:
    line = services().installed.line(item.line_id)
    name = bilingual(line.name_zh, line.name_en) if line else item.line_id
    return _("The line {name} was closed at this hub meanwhile. Nothing was started; choose another item.", name=name)


def _item_page(row: PersonRow, status: int = 200, stopped: str = "") -> Response:
    ctx, q = reading(), request.args.get("q", "").strip()[:LONGEST]
    lines = open_lines(ctx.session, ctx.hub, services().installed)
    mine = lines_where(g.worker, "accept", lines)
    list_url = url_for("home.picker", hub=ctx.hub.id, person_id=row.id)
    return page(
        "desk/items.html",
        block="list",
        status=status,
        **resident_bar(row),
        **_offer(ctx, row, mine, q, list_url),
        q=q,
        stopped=stopped,
        together_url=url_for("home.together", hub=ctx.hub.id, person_id=row.id),
        start_url=url_for("home.start", hub=ctx.hub.id, person_id=row.id),
        list_url=list_url,
        enquiry_url=links_to("enquiries.ask", "code") if link("enquiries.enquiries") else None,
    )


def _offer(ctx: Context, row: PersonRow, lines: tuple[Line, ...], q: str, list_url: str) -> dict[str, Any]:
    """Give what the list shows: the hits, or one line's items, and only of those what the rules say."""
    offer = catalogue(services().installed).offer(ctx.hub.division, ctx.clock.today(), [line.id for line in lines])
    hits = pick_items(q, offer.items, MOST) if q else []
    line = "" if q else request.args.get("line", "")
    popular = [] if q else popular_codes(ctx)
    wanted = dict.fromkeys((*(hit.item.code for hit in hits), *popular, *sorted(bundle_codes(q))))
    shown = {code: offer.by_code[code] for code in wanted if code in offer.by_code}
    shown |= {item.code: item for item in offer.by_line.get(line, ())}
    choices = _judge(ctx, row, lines, list(shown.values()))
    return {
        "hits": found_choices(hits, choices),
        "tabs": [] if q else line_links(lines, offer, list_url, line),
        "rows": [{"choice": choices[item.code], "matched": ""} for item in offer.by_line.get(line, ())],
        "popular": [choices[code] for code in popular if code in choices and not choices[code].is_superseded],
        "bundles": bundles(q, choices),
    }


def _judge(ctx: Context, row: PersonRow, lines: tuple[Line, ...], items: list[Item]) -> dict[str, Choice]:
    region = region_facts(ctx.session, ctx.hub.division, ctx.clock.today())
    facts = facts_for_rules(row, current_facts(ctx, row.id, rule_names()), region, {}, ctx.clock.today())
    return all_choices(items, lines, facts, read_health())
