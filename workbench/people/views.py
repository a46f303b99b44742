"""Pages that open a resident's file and change it. Everything wrong is shown at once, and nothing typed is lost."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..identity.audit import record
from ..store.ids import new_id
from ..store.problems import Problem, Problems
from ..web.acting import reading, writing
from ..web.language import current_locale
from ..web.pages import page
from ..web.permit import permit
from .change import change_person, shown_details
from .check import check_person
from .duplicates import Duplicate, likely_duplicates
from .models import PersonRow
from .place_names import communities
from .register import AlreadyRegistered, NoSuchPerson, get_person, opened_before, register_person
from .type_in import FIELDS, read_input, typed_values
from .view import age_on, identity_bar

blueprint = Blueprint("people", __name__, url_prefix="/h/<hub>/people")


@blueprint.get("/new")
@permit("accept")
def new(hub: str) -> Response:
    """Show an empty form."""
    return _new_page({}, {})


@blueprint.post("/new")
@permit("accept")
def create(hub: str) -> AnyResponse | Response:
    """Open a file, unless something is wrong or somebody like this is on file already."""
    typed = typed_values(request.form)
    if request.form.get("_begin"):
        return _new_page(typed, {})
    given, problems = read_input(typed)
    if given is None:
        return _new_page(typed, _texts(problems), status=422)
    try:
        check_person(given, reading().clock.today())
    except Problems as found:
        return _new_page(typed, _texts([*problems, *found.problems]), status=422)
    if problems:
        return _new_page(typed, _texts(problems), status=422)
    key = request.form.get("key", "")
    if done := opened_before(reading(), key):  # by this very form
        return redirect(url_for("home.resident", hub=hub, person_id=done.id), 303)
    likely = likely_duplicates(reading(), given)
    reason = request.form.get("duplicate_reason", "").strip()[:200]
    if likely and (len(reason) < 2 or any(one.reason == "same_id" for one in likely)):
        return _new_page(typed, {}, likely, status=409)
    try:
        with writing() as ctx:
            row = opened_before(ctx, key)
            if row is None:
                row = register_person(ctx, given, key=key)
                detail = {"likely": [one.person.id for one in likely]} if likely else None
                record(ctx, "person.new", person_id=row.id, purpose=reason or "registration", detail=detail)
            person_id = row.id
    except AlreadyRegistered:  # by somebody else, a moment ago
        return _new_page(typed, {}, likely_duplicates(reading(), given), status=409)
    return redirect(url_for("home.resident", hub=hub, person_id=person_id), 303)


@blueprint.get("/<person_id>/edit")
@permit("accept")
def edit(hub: str, person_id: str) -> AnyResponse | Response:
    """Show what can be changed, each value with its origin; a merged file leads to where it went."""
    row = _get(person_id)
    if row.merged_into:
        return redirect(url_for("people.edit", hub=hub, person_id=row.merged_into), 303)
    return _edit_page(row, {}, {})


@blueprint.post("/<person_id>/edit")
@permit("accept")
def save(hub: str, person_id: str) -> AnyResponse | Response:
    """Record what changed as new facts; the old ones stay."""
    _get(person_id)
    typed = request.form.to_dict()
    try:
        with writing() as ctx:
            changed = change_person(ctx, person_id, typed)
            if changed:
                record(ctx, "person.edit", person_id=person_id, purpose="reception", detail={"keys": changed})
    except Problems as found:
        return _edit_page(_get(person_id), typed, _texts(found.problems), status=422)
    except Problem as merged:  # by somebody else, while this form was open
        return _edit_page(_get(person_id), typed, _texts([merged]), status=409)
    return redirect(url_for("home.resident", hub=hub, person_id=person_id), 303)


def _get(person_id: str) -> PersonRow:
    try:
        row = get_person(reading(), person_id[:26])
    except NoSuchPerson:
        abort(404)
    if row.status == "merged" and not row.merged_into:  # it leads to nobody
        abort(404)
    return row


def _texts(problems: Sequence[Problem]) -> dict[str, str]:
    """Give the first problem of each field, in the order of the form; those of no field stand at the name."""
    texts: dict[str, str] = {}
    for problem in problems:
        texts.setdefault(problem.field or "name", problem.text(current_locale()))
    order = {name: number for number, name in enumerate(FIELDS)}
    return dict(sorted(texts.items(), key=lambda entry: order.get(entry[0], len(order))))


def _new_page(
    typed: Mapping[str, str], errors: Mapping[str, str], likely: Sequence[Duplicate] = (), status: int = 200
) -> Response:
    ctx = reading()
    return page(
        "people/new.html",
        status=status,
        typed=typed,
        key=request.form.get("key") or new_id(),
        errors=errors,
        communities=communities(ctx),
        likely=[_likely(one) for one in likely],
        must_be_same=any(one.reason == "same_id" for one in likely),
    )


def _likely(one: Duplicate) -> dict[str, Any]:
    ctx, hit = reading(), one.person
    at_hub = hit.hub_id == ctx.hub.id
    return {
        "id": hit.id,
        "name": hit.name,
        "url": url_for("home.resident", hub=ctx.hub.id, person_id=hit.id) if at_hub else "",
        "age": age_on(hit.birth_date, ctx.clock.today()),
        "id_no": hit.id_masked,
        "phone": hit.phone_masked,
        "reason": one.reason,
    }


def _edit_page(row: PersonRow, typed: Mapping[str, str], errors: Mapping[str, str], status: int = 200) -> Response:
    ctx = reading()
    return page(
        "people/edit.html",
        status=status,
        bar=identity_bar(ctx, row.id),
        details=shown_details(ctx, row.id),
        typed=typed,
        errors=errors,
        resident_url=url_for("home.resident", hub=ctx.hub.id, person_id=row.id),
    )
