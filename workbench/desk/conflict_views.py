"""The page where what sources say differently is settled: side by side, one chosen, with a reason."""

from typing import Any

from flask import Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..api.nouns import Fact
from ..identity.audit import record
from ..people.models import PersonRow
from ..people.register import NoSuchPerson, get_person
from ..people.settle import Conflict, open_conflicts, settle
from ..store.problems import Problem
from ..web.acting import close_reading, reading, writing
from ..web.filters import moment
from ..web.language import bilingual, current_locale
from ..web.pages import page
from ..web.permit import permit
from .blueprint import blueprint
from .known import ELSEWHERE, word_of, write_value
from .resident_views import resident_bar


def get_file(person_id: str) -> PersonRow:
    """Give a file of this hub that stands, or answer 404."""
    try:
        row = get_person(reading(), person_id[:26])
    except NoSuchPerson:
        abort(404)
    if row.status == "merged":
        abort(404)
    return row


@blueprint.get("/h/<hub>/people/<person_id>/conflicts")
@permit("accept")
def conflicts(hub: str, person_id: str) -> Response:
    """Show every detail of which the sources say different things."""
    row = get_file(person_id)
    with writing() as ctx:
        record(ctx, "person.look", person_id=row.id, purpose="reception")
    return _page(row, {})


@blueprint.post("/h/<hub>/people/<person_id>/conflicts")
@permit("accept")
def choose_one(hub: str, person_id: str) -> AnyResponse:
    """Settle one detail; what others recorded meanwhile is shown and never written over."""
    row, form = get_file(person_id), request.form
    key = form.get("key", "")[:100]
    choice, seen = form.get(f"{key}__choice", ""), form.get("seen", "")
    try:
        with writing() as ctx:
            settle(
                ctx, row.id, key, int(choice) if choice.isdecimal() else -1, form.get(f"{key}__reason", "")[:200],
                seen=int(seen) if seen.isdecimal() else -1,
            )  # fmt: skip
            record(ctx, "person.settle", person_id=row.id, purpose="update", detail={"key": key})
    except Problem as problem:
        close_reading()  # what stands now may be newer than what this request has read
        field = f"{key}__choice" if problem.field == key else problem.field
        return _page(get_file(person_id), {field: problem.text(current_locale())}, status=422)
    return redirect(url_for("home.conflicts", hub=hub, person_id=row.id), 303)


def _page(row: PersonRow, errors: dict[str, str], status: int = 200) -> Response:
    found = [one for one in open_conflicts(reading(), row.id) if not one.key.startswith(ELSEWHERE)]
    return page(
        "desk/conflicts.html",
        status=status,
        **resident_bar(row),
        rows=[_row(one) for one in found],
        typed=request.form,
        errors=errors,
        conflicts_url=url_for("home.conflicts", hub=reading().hub.id, person_id=row.id),
    )


def _row(one: Conflict) -> dict[str, Any]:
    word = word_of(one.key)
    return {
        "key": one.key,
        "label": bilingual(word.zh, word.en),
        "seen": one.seen,
        "options": [(str(number), _words(one.key, fact)) for number, fact in enumerate(one.values)],
    }


def _words(key: str, fact: Fact) -> str:
    """Say a value with its source, the day it is true of, and when it was recorded."""
    as_of = fact.as_of.isoformat() if fact.as_of else ""
    told = " ".join(part for part in (fact.source, as_of) if part)
    return f"{write_value(word_of(key), fact.value)} · {told} ({moment(fact.recorded_at)})"
