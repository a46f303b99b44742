"""The pages that write an event of a household down: one form for each kind, everything wrong shown at once."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..identity.audit import record
from ..people.find import PersonHit, find_people
from ..people.household_events import (
    Leaving,
    belong_to_both,
    die,
    join,
    leave,
    move_house,
    open_household,
    split,
    state_relations,
)
from ..people.household_models import HouseholdEventRow
from ..people.household_record import Deed
from ..people.households import Member, members_of
from ..people.models import HouseholdRow, PersonRow
from ..people.register import NoSuchPerson
from ..people.view import age_on
from ..reception.newborn import Newborn, open_file
from ..store.context import Context
from ..store.ids import new_id
from ..store.problems import Problem, Problems
from ..web.acting import close_reading, reading, writing
from ..web.language import _, current_locale
from ..web.pages import page
from ..web.permit import permit
from .blueprint import blueprint
from .conflict_views import get_file
from .household_views import draw_members, find_household, read_key, tell
from .household_words import relation_options

MOST = 10
Do = Callable[[Context, HouseholdRow, list[Member], Deed], HouseholdEventRow]


def acts() -> dict[str, tuple[str, str]]:
    """Give the kinds of change with their title and what they are for."""
    return {
        "join": (
            _("Somebody moves in"),
            _("Who lives here from now on. Somebody whom another hub has as moved away comes over with their file."),
        ),
        "birth": (
            _("A child is born"),
            _("A newborn without a name or a number is put on file under the name of a parent."),
        ),
        "leave": (_("Members move out"), _("Tick everybody for a whole household. Who stays needs one head.")),
        "split": (
            _("Members form a household of their own"),
            _("Exactly one of them is its head, and one of those who stay is the head here."),
        ),
        "death": (_("A member died"), _("The file stays and says so. Who stays needs one head.")),
        "relations": (_("State the relations anew"), _("Also where somebody else becomes the head.")),
        "address": (_("The whole household moves within the area"), ""),
        "second": (
            _("Somebody of another household belongs here too"),
            _("They stay in their main household; both pages show it."),
        ),
    }


@blueprint.get("/h/<hub>/households/<household_id>/change/<act>")
@permit("accept")
def change_household(hub: str, household_id: str, act: str) -> Response:
    """Show the form of one kind of change."""
    if act not in acts():
        abort(404)
    return _page(find_household(household_id), act, {})


@blueprint.post("/h/<hub>/households/<household_id>/change/<act>")
@permit("accept")
def do_change(hub: str, household_id: str, act: str) -> AnyResponse:
    """Look for the person first, or write the event down; sent twice it stands once."""
    if act not in acts():
        abort(404)
    home = find_household(household_id)
    if "_find" in request.form:
        return _page(home, act, {}, found=_find())
    try:
        with writing() as ctx:
            members = members_of(ctx, home.id)
            event_id = DO[act](ctx, home, members, _deed()).id
    except (Problem, Problems) as wrong:
        close_reading()
        return _page(find_household(household_id), act, _texts(wrong), found=_find(), status=422)
    except NoSuchPerson:
        abort(404)
    tell(event_id)
    return redirect(url_for("home.household_event", hub=hub, household_id=home.id, event_id=event_id), 303)


@blueprint.route("/h/<hub>/people/<person_id>/household", methods=["GET", "POST"])
@permit("accept")
def open_home(hub: str, person_id: str) -> AnyResponse:
    """Open a household with this person as its head; somebody in one already is led there."""
    row = get_file(person_id)
    if row.household_id and "key" not in request.form:
        return redirect(url_for("home.household", hub=hub, household_id=row.household_id), 303)
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            with writing() as ctx:
                event = open_household(ctx, row.id, request.form.get("address", "")[:200], {}, _deed())
                home_id, event_id = event.household_id, event.id
            tell(event_id)
            return redirect(url_for("home.household", hub=hub, household_id=home_id), 303)
        except (Problem, Problems) as wrong:
            errors = _texts(wrong)
    return page(
        "desk/household_open.html",
        status=422 if errors else 200,
        name=row.name,
        resident_url=url_for("home.resident", hub=hub, person_id=row.id),
        **_common(errors),
    )


def _page(
    home: HouseholdRow,
    act: str,
    errors: dict[str, str],
    *,
    found: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> Response:
    title, hint = acts()[act]
    members = draw_members(members_of(reading(), home.id))
    return page(
        "desk/household_change.html",
        status=status,
        home=home,
        act=act,
        act_title=title,
        act_hint=hint,
        members=members,
        parents=[(one["id"], one["name"]) for one in members],
        ticked=request.form.getlist("who"),
        found=found,
        relations=relation_options(),
        **_common(errors),
    )


def _common(errors: dict[str, str]) -> dict[str, Any]:
    return {
        "errors": errors,
        "typed": request.form,
        "key": request.form.get("key") or new_id(),
        "today": reading().clock.today().isoformat(),
    }


def _find() -> list[tuple[str, str]]:
    """Look for somebody by anything; by the whole number also at other hubs, for who moved here."""
    ctx, q = reading(), request.form.get("q", "").strip()[:100]
    hits = find_people(ctx, q, MOST, citywide=True) if q else []
    hits = [hit for hit in hits if hit.hub_id == ctx.hub.id or hit.status == "moved"]
    with writing() as trail:
        record(trail, "search", purpose="household", detail={"hits": len(hits)})
    return [_hit(ctx, hit) for hit in hits]


def _hit(ctx: Context, hit: PersonHit) -> tuple[str, str]:
    age = age_on(hit.birth_date, ctx.clock.today())
    words = [hit.name, _("age {age}", age=age) if age is not None else "", hit.id_masked]
    words.append(_("on file elsewhere as moved away") if hit.hub_id != ctx.hub.id else "")
    return hit.id, " · ".join(word for word in words if word)


def _deed() -> Deed:
    return Deed(read_key(), _day("on"), request.form.get("reason", "")[:200], request.form.get("proof", "")[:200])


def _day(name: str) -> date | None:
    text = request.form.get(name, "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Problem("day", "请按年-月-日填写日期。", "Write the day as year-month-day.", name) from None


def _texts(wrong: Problem | Problems) -> dict[str, str]:
    found = wrong.problems if isinstance(wrong, Problems) else [wrong]
    places = {"member_relation": "relation"}
    return {places.get(one.field, one.field) or "q": one.text(current_locale()) for one in found}


def _ticked(members: list[Member]) -> list[str]:
    ticked = [one.person_id for one in members if one.person_id in request.form.getlist("who")]
    if not ticked:
        raise Problem("nobody", "请勾选成员。", "Tick the members.", "who")
    return ticked


def _rest(members: list[Member], gone: list[str]) -> dict[str, str]:
    """Give how those who stay stand to the head, where that changes."""
    stay = [one for one in members if one.person_id not in gone]
    asked = {one.person_id: request.form.get(f"rest-{one.person_id}", one.relation) for one in stay}
    return {one.person_id: asked[one.person_id] for one in stay if asked[one.person_id] != one.relation}


def _chosen() -> str:
    person_id = request.form.get("person", "")[:26]
    if not person_id:
        raise Problem("nobody", "请先查找并选择人员。", "Look for the person and choose them first.", "q")
    return person_id


def _join(ctx: Context, home: HouseholdRow, members: list[Member], deed: Deed) -> HouseholdEventRow:
    return join(ctx, home.id, {_chosen(): request.form.get("relation", "")}, deed)


def _second(ctx: Context, home: HouseholdRow, members: list[Member], deed: Deed) -> HouseholdEventRow:
    return belong_to_both(ctx, home.id, _chosen(), request.form.get("relation", ""), deed)


def _birth(ctx: Context, home: HouseholdRow, members: list[Member], deed: Deed) -> HouseholdEventRow:
    parent = ctx.session.get(PersonRow, request.form.get("parent", "")[:26])
    if parent is None or parent.id not in {one.person_id for one in members}:
        raise Problem("parent", "请选择父亲或母亲。", "Choose the father or the mother.", "parent")
    born = _day("birth_date")
    if born is None:
        raise Problem("born", "请填写出生日期。", "Enter the day of birth.", "birth_date")
    known = ctx.session.get(HouseholdEventRow, deed.id)
    if known is not None:
        return known
    told = {name: request.form.get(name, "").strip()[:100] for name in ("name", "id_no", "sex")}
    child = open_file(ctx, parent, Newborn(born, told["name"], told["id_no"], told["sex"]))
    return join(
        ctx,
        home.id,
        {child.id: request.form.get("relation", "")},
        Deed(deed.id, born, deed.reason, deed.proof),
        kind="birth",
    )


def _leave(ctx: Context, home: HouseholdRow, members: list[Member], deed: Deed) -> HouseholdEventRow:
    gone = _ticked(members)
    is_away = request.form.get("away", "true") == "true"
    return leave(ctx, home.id, Leaving(tuple(gone), _rest(members, gone), is_away), deed)


def _split(ctx: Context, home: HouseholdRow, members: list[Member], deed: Deed) -> HouseholdEventRow:
    gone = _ticked(members)
    people = {person_id: request.form.get(f"new-{person_id}", "") for person_id in gone}
    address = request.form.get("address", "").strip()[:200]
    return split(ctx, home.id, people, address, Leaving(tuple(gone), _rest(members, gone)), deed)


def _death(ctx: Context, home: HouseholdRow, members: list[Member], deed: Deed) -> HouseholdEventRow:
    gone = _ticked(members)
    if len(gone) > 1:
        raise Problem("one_person", "请逐人登记。", "Write down one person at a time.", "who")
    return die(ctx, home.id, gone[0], _rest(members, gone), deed)


def _relations(ctx: Context, home: HouseholdRow, members: list[Member], deed: Deed) -> HouseholdEventRow:
    changed = _rest(members, [])
    if not changed:
        raise Problem("no_change", "没有改动。", "Nothing was changed.", "relations")
    return state_relations(ctx, home.id, changed, deed)


def _address(ctx: Context, home: HouseholdRow, members: list[Member], deed: Deed) -> HouseholdEventRow:
    return move_house(ctx, home.id, request.form.get("address", "")[:200], deed)


DO: dict[str, Do] = {
    "join": _join, "second": _second, "birth": _birth, "leave": _leave, "split": _split, "death": _death,
    "relations": _relations, "address": _address,
}  # fmt: skip
