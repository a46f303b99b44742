"""The one box: residents, items and cases by anything a worker types. What was typed is never in an address.

The trail keeps that somebody searched and how much was found, never the text.
"""

from typing import Any

from flask import Response, g, request

from ..cases.find import CaseLine, find_by_number
from ..catalogue.items import Item
from ..catalogue.loaded import catalogue
from ..catalogue.pick import SURE, pick_items
from ..hubs.open_lines import open_lines
from ..identity.audit import record
from ..identity.evidence import leave
from ..people.find import PersonHit, explain_nothing, find_people
from ..people.find_homes import HEAD_WORD, find_households, looks_like_address
from ..people.id_number import tidy
from ..people.view import age_on
from ..people.visitors import let_in_visitor
from ..store.context import Context
from ..store.problems import Problem
from ..web.acting import reading, writing
from ..web.htmx import go_to, wants_fragment
from ..web.language import bilingual, current_locale
from ..web.pages import page
from ..web.permit import permit
from ..web.services import services
from .blueprint import blueprint
from .household_find_views import draw_home
from .line_boxes import search_boxes
from .links import case_link, link, new_url, resident_link

LONGEST = 100
MOST, MOST_SUGGESTED = 20, 5


@blueprint.get("/h/<hub>/search")
@permit("search")
def empty_search(hub: str) -> Response:
    """Show the box and what can be typed into it."""
    return page("desk/search.html", q="", asked=False, new_url=new_url())


@blueprint.post("/h/<hub>/search")
@permit("search")
def search(hub: str) -> Response:
    """Show what was found, by kind; one hit is shown too and never jumped to."""
    q = _typed()
    found: dict[str, Any] = _find(reading(), q, MOST) if q else {"new_url": new_url()}
    if q:
        _note("sent", found)
        found["boxes"] = search_boxes(open_lines(reading().session, g.hub, services().installed), q)
    return page("desk/search.html", block="results", q=q, asked=bool(q), **found)


@blueprint.post("/h/<hub>/suggest")
@permit("search")
def suggest(hub: str) -> Response | str:
    """Answer the box of the frame while somebody types."""
    q = _typed()
    if len(q) < 2 or not wants_fragment():
        return ""
    found = _find(reading(), q, MOST_SUGGESTED)
    _note("typed", found)
    return page("desk/search.html", block="suggestions", q=q, **found)


@blueprint.post("/h/<hub>/search/citywide")
@permit("search")
def search_citywide(hub: str) -> Any:
    """Look for a resident of another hub by the full ID number, with a reason that stands in the trail."""
    q, reason = _typed(), request.form.get("reason", "")[:200]
    try:
        with writing() as ctx:
            hit = let_in_visitor(ctx, q, reason)
    except Problem as problem:
        errors = {problem.field: problem.text(current_locale())}
        found = _find(reading(), q, MOST)
        return page("desk/search.html", status=422, q=q, asked=True, errors=errors, reason=reason, boxes=[], **found)
    if hit is not None:
        return go_to(resident_link(hit.id))
    return page("desk/search.html", q=q, asked=True, nowhere=True, boxes=[], **_find(reading(), q, MOST))


def _typed() -> str:
    return request.form.get("q", "").strip()[:LONGEST]


def _note(kind: str, found: dict[str, Any]) -> None:
    hits = sum(len(found[name]) for name in ("people", "items", "cases"))
    people = [*(one["id"] for one in found["people"]), *(one["person_id"] for one in found["cases"])]
    detail = {"kind": kind, "hits": hits, "people": people}
    leave(lambda ctx: record(ctx, "search", purpose=kind, detail=detail))


def _find(ctx: Context, q: str, most: int) -> dict[str, Any]:
    shop = services()
    lines = open_lines(ctx.session, ctx.hub, shop.installed)
    items = catalogue(shop.installed).at(ctx.hub.division, ctx.clock.today(), [line.id for line in lines])
    people = find_people(ctx, q, most)
    problem = None if people else explain_nothing(q)
    is_id = len(tidy(q)) >= 15 and sum(char.isdigit() for char in q) >= 10
    return {
        "people": [_person(ctx, hit) for hit in people],
        "homes": _homes(ctx, q, most),
        "items": [_item(hit.item) for hit in pick_items(q, items, most, least=SURE)],
        "cases": [_case(line) for line in find_by_number(ctx, q)],
        "problem": problem.text(current_locale()) if problem else "",
        "may_look_citywide": is_id and not people and not problem,
        "new_url": new_url(),
        "new_field": "id_no" if any(char.isdigit() for char in q) else "name",
    }


def _homes(ctx: Context, q: str, most: int) -> list[dict[str, Any]]:
    """Look for households only where an address or "户主" was typed."""
    is_asked = looks_like_address(q) or q.startswith(HEAD_WORD)
    return [draw_home(ctx, hit) for hit in find_households(ctx, q, most)] if is_asked else []


def _person(ctx: Context, hit: PersonHit) -> dict[str, Any]:
    return {
        "id": hit.id,
        "name": hit.name,
        "url": resident_link(hit.id),
        "sex": hit.sex,
        "age": age_on(hit.birth_date, ctx.clock.today()),
        "id_no": hit.id_masked,
        "phone": hit.phone_masked,
        "status": hit.status,
    }


def _item(item: Item) -> dict[str, Any]:
    manifest = item.manifest
    return {
        "code": item.code,
        "title": bilingual(manifest.title_zh, manifest.title_en),
        "department": manifest.department,
        "is_name_only": manifest.depth == "name",
        "url": link("catalogue.guide", code=item.code),
        "gone": manifest.status == "superseded",
    }


def _case(line: CaseLine) -> dict[str, Any]:
    return {
        "id": line.id,
        "url": case_link(line.id, line.state) or resident_link(line.person_id),
        "number": line.case_no or "",
        "reference": line.reference,
        "title": bilingual(line.title_zh, line.title_en),
        "person": line.person_name,
        "person_id": line.person_id,
        "state": {"granted": "granted", "refused": "denied"}.get(line.result, line.state),
    }
