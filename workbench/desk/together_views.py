"""Choosing several matters at once: any items of any lines, or a moment of life, each for whom it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Response, abort, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..catalogue.items import Item
from ..catalogue.life_events import LifeEvent, find_life_event, load_life_events
from ..catalogue.loaded import catalogue
from ..catalogue.pick import Hit, pick_items
from ..hubs.open_lines import open_lines
from ..hubs.parameters import region_facts
from ..identity.may import lines_where, may
from ..people.facts import current_facts
from ..people.households import members_of
from ..people.models import PersonRow
from ..people.register import NoSuchPerson
from ..people.view import age_on
from ..people.visitors import find_resident
from ..reception.begin_together import Choice as Chosen
from ..reception.begin_together import begin_together
from ..reception.newborn import Newborn, register_newborn
from ..reception.rule_facts import rule_names
from ..store.context import Context
from ..store.ids import new_id
from ..store.problems import Problem, Problems
from ..web.acting import reading, writing
from ..web.language import _, bilingual, current_locale
from ..web.pages import page
from ..web.permit import permit
from ..web.services import services
from .blueprint import blueprint
from .entitled import facts_for_rules
from .item_list import Choice, all_choices, found_choices
from .platforms import read_health
from .resident_views import get_resident, resident_bar

LONGEST, MOST = 60, 20
HERE, NEW = "me", "new"
CHILD_FIELDS = ("name", "sex", "birth_date", "id_no", "key")


@dataclass(frozen=True)
class Typed:
    """What the page was sent: codes in their order, for whom each, words that were looked for, a child."""

    codes: tuple[str, ...]
    whom: Mapping[str, str]
    q: str
    child: Mapping[str, str]


@blueprint.get("/h/<hub>/people/<person_id>/together")
@permit("accept")
def together(hub: str, person_id: str) -> Response:
    """Show what may be taken together; a moment of life comes with its matters chosen."""
    row, event = get_resident(person_id), find_life_event(request.args.get("event", ""))
    codes = event.item_codes if event else tuple(request.args.getlist("item")[:MOST])
    return _page(row, Typed(codes, {}, "", {}), event)


@blueprint.post("/h/<hub>/people/<person_id>/together")
@permit("accept")
def start_together(hub: str, person_id: str) -> AnyResponse | Response:
    """Look for more, or open one form for all that was chosen."""
    row, event = get_resident(person_id), find_life_event(request.form.get("event", ""))
    typed = _read()
    if "_open" not in request.form:
        return _page(row, typed, event)
    items = _items(typed.codes)
    if not items:
        return _page(row, typed, event, {"_none": _("Choose at least one matter.")}, 422)
    if any(not may(g.worker, "accept", item.line_id) for item in items):
        abort(403)
    try:
        with writing() as ctx:
            host = find_resident(ctx, person_id)
            chosen = _choices(ctx, host, items, typed)
            sitting_id = begin_together(ctx, host, chosen, catalogue(services().installed)).id
    except Problems as several:
        errors = {_control(problem): problem.text(current_locale()) for problem in several.problems}
        return _page(row, typed, event, errors, 422)
    except Problem as problem:
        return _page(row, typed, event, {_control(problem): problem.text(current_locale())}, 422)
    return redirect(url_for("sitting.form", hub=hub, sitting_id=sitting_id), 303)


def _control(problem: Problem) -> str:
    return f"child-{problem.field}" if problem.field in CHILD_FIELDS else problem.field or "_none"


def _read() -> Typed:
    codes = tuple(dict.fromkeys(request.form.getlist("item")))[:MOST]
    whom = {code: request.form.get(f"for-{code}", HERE) for code in codes}
    child = {name: request.form.get(f"child-{name}", "").strip()[:60] for name in CHILD_FIELDS}
    return Typed(codes, whom, request.form.get("q", "").strip()[:LONGEST], child)


def _items(codes: tuple[str, ...]) -> list[Item]:
    """Give the chosen items that are on offer here; what was closed or withdrawn meanwhile is left out."""
    ctx, shop = reading(), services()
    is_open = {line.id for line in open_lines(ctx.session, ctx.hub, shop.installed)}
    found = (catalogue(shop.installed).find(code, ctx.hub.division, ctx.clock.today()) for code in codes)
    return [item for item in found if item is not None and item.line_id in is_open]


def _choices(ctx: Context, host: PersonRow, items: list[Item], typed: Typed) -> list[Chosen]:
    """Give each item with its applicant; a child that is not on file yet gets its file here."""
    people: dict[str, PersonRow] = {HERE: host}
    for whom in {typed.whom.get(item.code, HERE) for item in items} - {HERE}:
        people[whom] = _new_child(ctx, host, typed.child) if whom == NEW else _member(ctx, host, whom)
    return [(item, people[typed.whom.get(item.code, HERE)]) for item in items]


def _member(ctx: Context, host: PersonRow, person_id: str) -> PersonRow:
    """Only who lives with the person at the table may be acted for from here."""
    try:
        found = find_resident(ctx, person_id)
    except NoSuchPerson:
        abort(404)
    if not host.household_id or found.household_id != host.household_id:
        abort(404)
    return found


def _new_child(ctx: Context, host: PersonRow, said: Mapping[str, str]) -> PersonRow:
    try:
        born = date.fromisoformat(said["birth_date"])
    except ValueError:
        zh, en = "请填写孩子的出生日期。", "Enter the child's date of birth."
        raise Problem("birth_missing", zh, en, "birth_date") from None
    return register_newborn(ctx, host, Newborn(born, said["name"], said["id_no"], said["sex"], said["key"]))


def _page(
    row: PersonRow, typed: Typed, event: LifeEvent | None, errors: Mapping[str, str] | None = None, status: int = 200
) -> Response:
    ctx = reading()
    found, choices, events = _offered(ctx, row, typed, event)
    hits = [one for one in found_choices(found, choices) if one["choice"].code not in typed.codes]
    extra = [choices[code] for code in (event.also if event else ()) if code in choices and code not in typed.codes]
    people, youngest = _people(ctx, row)
    usual = dict.fromkeys(event.for_child if event else (), youngest)
    chosen = [choices[code] for code in typed.codes if code in choices]
    return page(
        "desk/together.html",
        status=status,
        **resident_bar(row),
        event=event,
        events=[(one.key, bilingual(one.title_zh, one.title_en)) for one in events],
        rows=[_row(one, typed, usual.get(one.code, HERE), people, checked=True) for one in chosen],
        extra=[_row(one, typed, usual.get(one.code, HERE), people, checked=False) for one in extra],
        hits=[_row(one["choice"], typed, usual.get(one["choice"].code, HERE), people, checked=False) for one in hits],
        elsewhere=[bilingual(one.title_zh, one.title_en) for one in event.by_name_only if one.code not in choices]
        if event
        else [],
        people=people,
        child={**typed.child, "key": typed.child.get("key") or new_id()},
        q=typed.q,
        errors=errors or {},
        together_url=url_for("home.together", hub=ctx.hub.id, person_id=row.id),
    )


def _offered(
    ctx: Context, row: PersonRow, typed: Typed, event: LifeEvent | None
) -> tuple[list[Hit], dict[str, Choice], list[LifeEvent]]:
    """Give what was found, what the rules say of what the page shows, and the bundles that hold anything here."""
    shop, today = services(), ctx.clock.today()
    lines = lines_where(g.worker, "accept", open_lines(ctx.session, ctx.hub, shop.installed))
    items = catalogue(shop.installed).at(ctx.hub.division, today, [line.id for line in lines])
    hits = pick_items(typed.q, items, MOST) if typed.q else []
    shown = {hit.item.code for hit in hits} | set(typed.codes) | set(event.also if event else ())
    region = region_facts(ctx.session, ctx.hub.division, today)
    facts = facts_for_rules(row, current_facts(ctx, row.id, rule_names()), region, {}, today)
    chosen = [item for item in items if item.code in shown]
    here = {item.code for item in items}
    events = [one for one in load_life_events() if not here.isdisjoint(one.item_codes)]
    return hits, all_choices(chosen, lines, facts, read_health()), events


def _people(ctx: Context, row: PersonRow) -> tuple[list[tuple[str, str]], str]:
    """Give for whom a matter may be: who sits here, who lives with them, a child that is not on file.

    Beside them stands who a child's matter is usually for: the youngest infant of the household, if there is one.
    """
    members = members_of(ctx, row.household_id) if row.household_id else []
    others = [one for one in members if one.person_id != row.id and one.status == "active"]
    infants = [one for one in others if age_on(one.birth_date, ctx.clock.today()) == 0]
    youngest = max(infants, key=lambda one: one.birth_date or date.min, default=None)
    people = [
        (HERE, row.name),
        *((one.person_id, one.name) for one in others),
        (NEW, _("a child that is not on file yet")),
    ]
    return people, youngest.person_id if youngest else NEW


def _row(choice: Choice, typed: Typed, usual: str, people: list[tuple[str, str]], *, checked: bool) -> dict[str, Any]:
    whom = typed.whom.get(choice.code, usual)
    return {"choice": choice, "checked": checked, "whom": whom if whom in dict(people) else HERE}
