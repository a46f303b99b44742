"""The page of a household: who lives there, what happened, who authorised a means check; events are taken back here."""

from typing import Any

from flask import Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..catalogue.loaded import catalogue
from ..hubs.open_lines import open_lines
from ..identity.audit import record
from ..identity.may import may
from ..people.household_history import Happened, event_named, history_of
from ..people.household_record import Deed
from ..people.household_undo import undo
from ..people.households import Member, get_household, members_of, second_households
from ..people.means_consent import adults_of, consents_of
from ..people.models import HouseholdRow
from ..people.tell_household import note_untold_of, tell_household
from ..people.view import age_on
from ..store.ids import new_id
from ..store.problems import Problem
from ..web.acting import close_reading, reading, writing
from ..web.filters import day
from ..web.language import bilingual, current_locale
from ..web.pages import page
from ..web.permit import permit
from ..web.services import services
from .blueprint import blueprint
from .household_words import draw_history, relation_words


def find_household(household_id: str) -> HouseholdRow:
    """Give a household of this hub, or answer 404."""
    try:
        return get_household(reading(), household_id[:26])
    except Problem:
        abort(404)


@blueprint.get("/h/<hub>/households/<household_id>")
@permit("see")
def household(hub: str, household_id: str) -> Response:
    """Show a household, and write into the trail who looked at whom."""
    home = find_household(household_id)
    members = members_of(reading(), home.id)
    with writing() as ctx:
        for one in members:
            record(ctx, "person.look", person_id=one.person_id, subject=f"household:{home.id}", purpose="reception")
    return household_page(home, members, {})


def household_page(
    home: HouseholdRow, members: list[Member], errors: dict[str, str], typed: Any = None, status: int = 200
) -> Response:
    """Draw the page of a household."""
    ctx = reading()
    return page(
        "desk/household.html",
        status=status,
        home=home,
        members=draw_members(members),
        events=draw_history(
            history_of(ctx, home.id),
            lambda event_id: url_for("home.undo_event", hub=ctx.hub.id, household_id=home.id, event_id=event_id),
        ),
        adults=_adults(home),
        may_change=may(ctx.actor, "accept"),
        errors=errors,
        typed=typed or {},
        today=ctx.clock.today().isoformat(),
    )


def draw_members(members: list[Member]) -> list[dict[str, Any]]:
    """Give the members as lists show them, with the other households they belong to."""
    ctx = reading()
    in_two = [one.person_id for one in members if one.homes > 1]
    others = second_households(ctx, in_two) if in_two else {}
    return [
        {
            "id": one.person_id,
            "name": one.name,
            "url": url_for("home.resident", hub=ctx.hub.id, person_id=one.person_id),
            "relation": relation_words(one.relation),
            "code": one.relation,
            "age": age_on(one.birth_date, ctx.clock.today()),
            "id_no": one.id_masked,
            "since": day(one.since) if one.since else "",
            "homes": [
                {"url": url_for("home.household", hub=ctx.hub.id, household_id=home_id), "why": why, "is_main": is_main}
                for home_id, why, is_main in others.get(one.person_id, [])
            ],
        }
        for one in members
    ]


def _adults(home: HouseholdRow) -> list[dict[str, Any]]:
    ctx = reading()
    adults = adults_of(ctx, [home.id])[home.id]
    given = consents_of(ctx, [one.person_id for one in adults]) if adults else {}
    return [
        {
            "id": one.person_id,
            "key": new_id(),
            "name": one.name,
            "until": day(one.until) if one.until else "",
            "signed": [
                {
                    "id": row.id,
                    "signed_on": day(row.signed_on),
                    "until": day(row.until_day),
                    "way": row.way,
                    "for_case": bool(row.case_id),
                    "ended": day(row.ended_at) if row.ended_at else "",
                    "reason": row.end_reason,
                }
                for row in given.get(one.person_id, [])
            ],
        }
        for one in adults
    ]


@blueprint.get("/h/<hub>/households/<household_id>/events/<event_id>")
@permit("see")
def household_event(hub: str, household_id: str, event_id: str) -> Response:
    """Show what was written down, what the lines say to it, and which could not be told."""
    home, event = _find_event(household_id, event_id)
    ctx, installed = reading(), services().installed
    lines = open_lines(ctx.session, ctx.hub, installed)
    answers = tell_household(ctx, services().caller, installed, event.id) if event.kind != "undo" else []
    items = catalogue(installed).at(ctx.hub.division, ctx.clock.today(), [line.id for line in lines])
    known = {item.code: item.manifest for item in items if item.manifest.status == "in_force"}
    said = [one for answer in answers if not answer.fault for one in answer.value or () if one.item_code in known]
    untold = [installed.line(line_id) for line_id in event.untold.split(",") if line_id]
    return page(
        "desk/household_event.html",
        home=home,
        event=draw_history([event], lambda _id: "")[0],
        members=draw_members(members_of(ctx, home.id)),
        suggested=[
            {
                "code": one.item_code,
                "title": bilingual(known[one.item_code].title_zh, known[one.item_code].title_en),
                "reason": bilingual(one.reason_zh, one.reason_en),
            }
            for one in said
        ],
        untold=", ".join(
            bilingual(line.manifest.name_zh, line.manifest.name_en) for line in untold if line and line.manifest
        ),
        other_id=event.other_id if event.kind == "split" else "",
    )


@blueprint.post("/h/<hub>/households/<household_id>/events/<event_id>/tell")
@permit("accept")
def tell_event_again(hub: str, household_id: str, event_id: str) -> AnyResponse:
    """Tell the lines of an event that could not be told before."""
    _home, event = _find_event(household_id, event_id)
    tell(event.id)
    return redirect(url_for("home.household_event", hub=hub, household_id=household_id, event_id=event_id), 303)


@blueprint.route("/h/<hub>/households/<household_id>/events/<event_id>/undo", methods=["GET", "POST"])
@permit("accept")
def undo_event(hub: str, household_id: str, event_id: str) -> AnyResponse:
    """Ask why, and take an event back by a further one."""
    home, event = _find_event(household_id, event_id)
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            with writing() as ctx:
                deed = Deed(read_key(), reason=request.form.get("reason", "")[:200])
                done = undo(ctx, event.id, deed).id
            tell(done)
            return redirect(url_for("home.household_event", hub=hub, household_id=home.id, event_id=done), 303)
        except Problem as problem:
            errors = {problem.field or "reason": problem.text(current_locale())}
    return page(
        "desk/household_undo.html",
        status=422 if errors else 200,
        home=home,
        event=draw_history([event], lambda _id: "")[0],
        errors=errors,
        reason=request.form.get("reason", ""),
        key=request.form.get("key") or new_id(),
    )


def _find_event(household_id: str, event_id: str) -> tuple[HouseholdRow, Happened]:
    home, event = find_household(household_id), event_named(reading(), event_id[:26])
    if event is None or home.id not in (event.household_id, event.other_id):
        abort(404)
    return home, event


def read_key() -> str:
    """Give the id the page made for what it asks; a page that sends none gets a new one."""
    key = request.form.get("key", "")
    return key if len(key) == len(new_id()) and key.isalnum() else new_id()


def tell(event_id: str) -> None:
    """Tell the lines after the commit, and keep who could not be told."""
    close_reading()
    answers = tell_household(reading(), services().caller, services().installed, event_id)
    with writing() as ctx:
        note_untold_of(ctx, event_id, [answer.line.id for answer in answers if answer.fault])
