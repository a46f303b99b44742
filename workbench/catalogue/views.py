"""The guide of an item: who may apply, what to bring, how long it takes, and where we know it from."""

from flask import Blueprint, Response, abort, current_app, g, request, url_for

from ..hubs.open_lines import open_lines
from ..identity.may import may
from ..rules.explain import explain
from ..rules.parse import parse
from ..web.acting import reading
from ..web.pages import page
from ..web.permit import permit
from ..web.services import services
from .compare_views import blueprint as compared
from .editions import install
from .items import Item
from .line_links import line_links
from .loaded import catalogue
from .pick import pick_items

__all__ = ["blueprint", "blueprints", "install"]

blueprint = Blueprint("catalogue", __name__, url_prefix="/h/<hub>/items")
blueprints = (blueprint, compared)


@blueprint.get("")
@permit("see")
def items(hub: str) -> Response:
    """List the hub's open lines and the items of one, or those that fit what is typed."""
    ctx = reading()
    lines = open_lines(ctx.session, ctx.hub, services().installed)
    offer = catalogue(services().installed).offer(ctx.hub.division, ctx.clock.today(), [line.id for line in lines])
    text = request.args.get("q", "").strip()[:60]
    hits = [hit.item for hit in pick_items(text, offer.items, limit=40)] if text else []
    chosen = request.args.get("line", "")
    tabs = line_links(lines, offer, url_for("catalogue.items", hub=hub), chosen)
    rows = offer.by_line.get(chosen, ())
    return page("catalogue/items.html", "list", q=text, hits=hits, tabs=tabs, rows=rows)


@blueprint.get("/<code>")
@permit("see")
def guide(hub: str, code: str) -> Response:
    """Show the guide of one item; 404 when its line is closed here."""
    ctx = reading()
    item = catalogue(services().installed).find(code, ctx.hub.division, ctx.clock.today())
    lines = {line.id: line for line in open_lines(ctx.session, ctx.hub, services().installed)}
    if item is None or item.line_id not in lines:
        abort(404)
    manifest = item.manifest
    conditions = [clause for rule in manifest.rules for clause in explain(parse(rule), {})]
    conditions += [clause for rule in manifest.exclusions for clause in explain(parse(rule), {}, excluded=True)]
    return page(
        "catalogue/guide.html",
        item=manifest,
        line=lines[item.line_id],
        conditions=conditions,
        enquiry_url=_enquiry_url(hub, item),
    )


def _enquiry_url(hub: str, item: Item) -> str:
    """Give the way to take an enquiry in; the room of enquiries stands above and may be absent."""
    there = "enquiries.ask" in current_app.view_functions and may(g.worker, "accept", item.line_id)
    person = request.args.get("person", "")[:26] or None
    return url_for("enquiries.ask", hub=hub, code=item.code, person=person) if there else ""
