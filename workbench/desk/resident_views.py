"""The resident's page: who this is, what is known and from where. Every look is written into the trail."""

from collections.abc import Mapping
from typing import Any

from flask import Response, abort, redirect, request, url_for
from sqlalchemy import select
from sqlmodel import col

from ..hubs.models import HubRow
from ..identity.audit import record
from ..identity.evidence import leave
from ..people.models import PersonRow
from ..people.register import NoSuchPerson
from ..people.view import bar_of, reveal
from ..people.visitors import find_resident
from ..store.problems import Problem
from ..web.acting import reading, writing
from ..web.language import bilingual, current_locale
from ..web.pages import page
from ..web.permit import permit
from .blueprint import blueprint
from .known import MASKED, word_of
from .resident_parts import at_home, page_parts


def get_resident(person_id: str) -> PersonRow:
    """Give a resident this worker may open; a merged file leads to the one it went into; others answer 404."""
    try:
        return find_resident(reading(), person_id)
    except NoSuchPerson:
        row = reading().session.get(PersonRow, person_id[:26])
        if row is None or row.hub_id != reading().hub.id or not row.merged_into:
            abort(404)
        abort(redirect(url_for("home.resident", hub=reading().hub.id, person_id=row.merged_into), 303))


@blueprint.get("/h/<hub>/people/<person_id>")
@permit("see")
def resident(hub: str, person_id: str) -> Response:
    """Show a resident's page, and write into the trail who looked, also at those who live there and are named on it."""
    row = get_resident(person_id)
    bar, members = resident_bar(row), at_home(reading(), row)
    beside = [one.person_id for one in members if one.person_id != row.id]
    detail = {"people": beside} if beside else None
    leave(lambda ctx: record(ctx, "person.look", person_id=row.id, purpose="reception", detail=detail))
    return page("desk/resident.html", **bar, **page_parts(reading(), row, members))


@blueprint.get("/h/<hub>/people/<person_id>/reveal")
@permit("see")
def ask_reveal(hub: str, person_id: str) -> Response:
    """Ask why a full number is needed."""
    return _reveal_page(person_id, {})


@blueprint.post("/h/<hub>/people/<person_id>/reveal")
@permit("see")
def show_full(hub: str, person_id: str) -> Response:
    """Show one number in full, once, and write down who saw it and why."""
    row = get_resident(person_id)
    reason = request.form.get("reason", "").strip()[:200] or request.form.get("usual", "").strip()[:200]
    try:
        with writing() as ctx:
            value = reveal(ctx, row.id, _field(), reason, citywide=True)
    except Problem as problem:
        return _reveal_page(person_id, {problem.field: problem.text(current_locale())}, status=422)
    word, bar = word_of(_field()), resident_bar(row)
    return page("desk/revealed.html", **bar, label=bilingual(word.zh, word.en), kind=word.type, full=value)


def _reveal_page(person_id: str, errors: Mapping[str, str], status: int = 200) -> Response:
    row, word = get_resident(person_id), word_of(_field())
    label = bilingual(word.zh, word.en)
    bar = resident_bar(row)
    return page("desk/reveal.html", status=status, **bar, field=_field(), label=label, errors=errors)


def _field() -> str:
    """Only values that pages mask can be revealed."""
    field = request.values.get("field", "person.id_no")
    return field if word_of(field).type in MASKED else "person.id_no"


def resident_bar(row: PersonRow) -> dict[str, Any]:
    """Give what the bar on top of every page about a resident shows."""
    ctx = reading()
    bar = bar_of(ctx, row)
    return {
        "person_id": row.id,
        "bar": {
            "name": bar.name,
            "sex": bar.sex,
            "age": bar.age,
            "id_no": bar.id_masked,
            "phone": bar.phone_masked,
            "size": bar.household_size,
            "status": bar.status,
        },
        "home_hub": _home_hub(row) if row.hub_id != ctx.hub.id else "",
        "resident_url": url_for("home.resident", hub=ctx.hub.id, person_id=row.id),
        "reveal_url": url_for("home.ask_reveal", hub=ctx.hub.id, person_id=row.id),
    }


def _home_hub(row: PersonRow) -> str:
    query = select(col(HubRow.name_zh), col(HubRow.name_en)).where(col(HubRow.id) == row.hub_id)
    return bilingual(*reading().session.execute(query).one())
