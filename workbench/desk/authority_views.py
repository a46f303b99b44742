"""Pages of who may act: agents and guardians of a resident, and each adult's authorisation for a means check."""

from datetime import date
from typing import Any

from flask import Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..catalogue.loaded import catalogue
from ..hubs.open_lines import open_lines
from ..identity.audit import record
from ..people.authority import KINDS, Given, authorities_of, end_authority, grant_authority, stands
from ..people.household_models import AuthorityRow
from ..people.households import members_of
from ..people.means_consent import end_consent, give_consent
from ..store.ids import new_id
from ..store.problems import Problem, Problems
from ..web.acting import close_reading, reading, writing
from ..web.filters import day, moment
from ..web.language import _, bilingual, current_locale
from ..web.pages import page
from ..web.permit import permit
from ..web.services import services
from .blueprint import blueprint
from .conflict_views import get_file
from .household_views import find_household, household_page, read_key
from .household_words import relation_options, relation_words
from .resident_views import resident_bar


@blueprint.get("/h/<hub>/people/<person_id>/authority")
@permit("accept")
def authority(hub: str, person_id: str) -> Response:
    """Show who may act for a resident, by which document, for what, until when."""
    row = get_file(person_id)
    with writing() as ctx:
        record(ctx, "person.look", person_id=row.id, purpose="reception")
    return _page(person_id, {})


@blueprint.post("/h/<hub>/people/<person_id>/authority")
@permit("accept")
def grant(hub: str, person_id: str) -> AnyResponse:
    """Write down somebody who may act; sent twice it stands once."""
    row = get_file(person_id)
    try:
        given = _read_given()
        with writing() as ctx:
            grant_authority(ctx, row.id, given, key=read_key())
    except (Problem, Problems) as wrong:
        found = wrong.problems if isinstance(wrong, Problems) else [wrong]
        return _page(person_id, {one.field: one.text(current_locale()) for one in found}, status=422)
    return redirect(url_for("home.authority", hub=hub, person_id=row.id), 303)


@blueprint.post("/h/<hub>/people/<person_id>/authority/<authority_id>/end")
@permit("accept")
def end(hub: str, person_id: str, authority_id: str) -> AnyResponse:
    """Take an authority back."""
    row = get_file(person_id)
    if authority_id not in {one.id for one in authorities_of(reading(), row.id)}:
        abort(404)
    try:
        with writing() as ctx:
            end_authority(ctx, authority_id, request.form.get(f"reason-{authority_id}", "")[:200])
    except Problem as problem:
        close_reading()
        return _page(person_id, {f"reason-{authority_id}": problem.text(current_locale())}, status=422)
    return redirect(url_for("home.authority", hub=hub, person_id=row.id), 303)


@blueprint.post("/h/<hub>/households/<household_id>/consents/<person_id>")
@permit("accept")
def consent(hub: str, household_id: str, person_id: str) -> AnyResponse:
    """Write down that an adult signed the authorisation for a means check."""
    home = find_household(household_id)
    members = members_of(reading(), home.id)
    if person_id not in {one.person_id for one in members}:
        abort(404)
    try:
        signed, until = _read_day(f"signed_on-{person_id}"), _read_day(f"until-{person_id}")
        with writing() as ctx:
            today = ctx.clock.today()
            give_consent(ctx, person_id, signed or today, until or today, key=read_key())
    except Problem as problem:
        errors = {f"{problem.field}-{person_id}": problem.text(current_locale())}
        return household_page(home, members, errors, request.form, status=422)
    return redirect(url_for("home.household", hub=hub, household_id=home.id, _anchor="consents"), 303)


@blueprint.post("/h/<hub>/households/<household_id>/consents/<consent_id>/end")
@permit("accept")
def take_consent_back(hub: str, household_id: str, consent_id: str) -> AnyResponse:
    """Take an authorisation back; a means check that was sent stays sent."""
    home = find_household(household_id)
    try:
        with writing() as ctx:
            end_consent(ctx, consent_id[:26], request.form.get(f"reason-{consent_id}", "")[:200])
    except Problem as problem:
        errors = {f"reason-{consent_id}": problem.text(current_locale())}
        return household_page(home, members_of(reading(), home.id), errors, request.form, status=422)
    return redirect(url_for("home.household", hub=hub, household_id=home.id, _anchor="consents"), 303)


def _read_day(name: str) -> date | None:
    text = request.form.get(name, "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        zh, en = "请按年-月-日填写日期。", "Write the day as year-month-day."
        raise Problem("day", zh, en, name.partition("-")[0]) from None


def _read_given() -> Given:
    typed = {name: request.form.get(name, "").strip()[:200] for name in ("kind", "name", "id_no", "phone", "relation")}
    scope = tuple(code for code in request.form.getlist("scope") if code in dict(_items()))
    return Given(**typed, proof=request.form.get("proof", ""), scope=scope, until=_read_day("until"))


def _items() -> list[tuple[str, str]]:
    ctx, installed = reading(), services().installed
    lines = [line.id for line in open_lines(ctx.session, ctx.hub, installed)]
    items = catalogue(installed).at(ctx.hub.division, ctx.clock.today(), lines)
    return [(one.code, f"{one.code} {bilingual(one.manifest.title_zh, one.manifest.title_en)}") for one in items]


def _page(person_id: str, errors: dict[str, str], status: int = 200) -> Response:
    ctx, row = reading(), get_file(person_id)
    return page(
        "desk/authority.html",
        status=status,
        **resident_bar(row),
        people=[_draw(one) for one in authorities_of(ctx, row.id)],
        kinds=[(kind, {"agent": _("Agent"), "guardian": _("Guardian")}[kind]) for kind in KINDS],
        relations=relation_options(),
        items=_items(),
        scope=request.form.getlist("scope"),
        typed=request.form,
        errors=errors,
        key=request.form.get("key") or new_id(),
    )


def _draw(one: AuthorityRow) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "kind": one.kind,
        "id_no": one.id_masked,
        "relation": relation_words(one.relation),
        "proof": one.proof,
        "scope": one.scope.replace(",", ", "),
        "from_day": day(one.from_day),
        "until": day(one.until_day) if one.until_day else "",
        "stands": stands(one, reading().clock.today()),
        "ended": moment(one.ended_at) if one.ended_at else "",
        "end_reason": one.end_reason,
    }
