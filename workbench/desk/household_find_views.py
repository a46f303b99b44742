"""Finding households by address or by their head; what was typed is never in an address."""

from typing import Any

from flask import Response, request, url_for

from ..identity.audit import record
from ..people.find_homes import HomeHit, find_households
from ..store.context import Context
from ..web.acting import reading, writing
from ..web.pages import page
from ..web.permit import permit
from .blueprint import blueprint

LONGEST, MOST = 100, 20


@blueprint.get("/h/<hub>/households")
@permit("search")
def households(hub: str) -> Response:
    """Show the box and what can be typed into it."""
    return page("desk/households.html", q="", homes=[], asked=False)


@blueprint.post("/h/<hub>/households")
@permit("search")
def search_households(hub: str) -> Response:
    """Show the households that fit; the trail keeps that somebody searched, never the text."""
    q = request.form.get("q", "").strip()[:LONGEST]
    found = find_households(reading(), q, MOST) if q else []
    if q:
        with writing() as ctx:
            record(ctx, "search", detail={"kind": "household", "hits": len(found)})
    homes = [draw_home(reading(), hit) for hit in found]
    return page("desk/households.html", block="results", q=q, homes=homes, asked=bool(q))


def draw_home(ctx: Context, hit: HomeHit) -> dict[str, Any]:
    """Give one household as lists show it."""
    return {
        "id": hit.id,
        "url": url_for("home.household", hub=ctx.hub.id, household_id=hit.id),
        "address": hit.address,
        "head": hit.head,
        "head_url": url_for("home.resident", hub=ctx.hub.id, person_id=hit.head_id),
        "members": hit.members,
    }
