"""Pages for two files that are one person: find the other, compare, merge, and take apart again."""

from collections.abc import Iterable
from typing import Any

from flask import Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..identity.audit import record
from ..people.duplicates import duplicates_of
from ..people.find import PersonHit, find_people
from ..people.merge import merge_people, merges_of
from ..people.models import MergeRow, PersonRow
from ..people.part import part_people
from ..people.register import NoSuchPerson
from ..people.tell_lines import note_untold, tell_lines
from ..people.view import age_on
from ..store.problems import Problem
from ..web.acting import close_reading, reading, writing
from ..web.filters import moment
from ..web.language import _, bilingual, current_locale
from ..web.pages import page
from ..web.permit import permit
from ..web.services import services
from .blueprint import blueprint
from .conflict_views import get_file
from .resident_views import resident_bar
from .same_person import compare

MOST = 10


@blueprint.get("/h/<hub>/people/<person_id>/merge")
@permit("accept")
def merge(hub: str, person_id: str) -> Response:
    """Show which files may be the same person, and which were merged into this one."""
    return _page(get_file(person_id), {})


@blueprint.post("/h/<hub>/people/<person_id>/merge")
@permit("accept")
def find_other(hub: str, person_id: str) -> Response:
    """Look for the other file by anything; what was typed is never in an address."""
    row, q = get_file(person_id), request.form.get("q", "").strip()[:100]
    found = [hit for hit in find_people(reading(), q, MOST + 1) if hit.id != row.id] if q else []
    with writing() as ctx:
        record(ctx, "search", person_id=row.id, purpose="merge", detail={"hits": len(found)})
    return _page(row, {}, found=found, q=q)


@blueprint.get("/h/<hub>/people/<person_id>/merge/<other_id>")
@permit("accept")
def compare_files(hub: str, person_id: str, other_id: str) -> Response:
    """Show two files side by side and ask which stays."""
    row, other = get_file(person_id), get_file(other_id)
    with writing() as ctx:
        record(ctx, "person.look", person_id=other.id, purpose="merge")
    return _compare_page(row, other, {})


@blueprint.post("/h/<hub>/people/<person_id>/merge/<other_id>")
@permit("accept")
def merge_files(hub: str, person_id: str, other_id: str) -> AnyResponse:
    """Merge the two; a second click finds the first one's work."""
    kept, gone = (other_id, person_id) if request.form.get("kept") == other_id else (person_id, other_id)
    try:
        with writing() as ctx:
            done = merge_people(ctx, kept[:26], gone[:26], request.form.get("reason", "")[:200]).id
    except NoSuchPerson:
        abort(404)
    except Problem as problem:
        errors = {problem.field or "reason": problem.text(current_locale())}
        return _compare_page(get_file(person_id), get_file(other_id), errors, status=422)
    _tell(done)
    return redirect(url_for("home.merge", hub=hub, person_id=kept, _anchor="merged"), 303)


@blueprint.post("/h/<hub>/people/<person_id>/part/<merge_id>")
@permit("accept")
def part(hub: str, person_id: str, merge_id: str) -> AnyResponse:
    """Take two files apart again."""
    row = get_file(person_id)
    try:
        with writing() as ctx:
            done = part_people(ctx, merge_id[:26], request.form.get(f"reason-{merge_id}", "")[:200])
            gone_id, done_id = done.gone_id, done.id
    except Problem as problem:
        return _page(row, {f"reason-{merge_id}": problem.text(current_locale())}, status=422)
    _tell(done_id)
    return redirect(url_for("home.resident", hub=hub, person_id=gone_id), 303)


@blueprint.post("/h/<hub>/people/<person_id>/tell/<merge_id>")
@permit("accept")
def tell_again(hub: str, person_id: str, merge_id: str) -> AnyResponse:
    """Tell the lines of a merge that could not be told before."""
    row = get_file(person_id)
    if merge_id not in {one.id for one in merges_of(reading(), row.id)}:
        abort(404)
    _tell(merge_id)
    return redirect(url_for("home.merge", hub=hub, person_id=row.id, _anchor="merged"), 303)


def _tell(merge_id: str) -> None:
    close_reading()  # what was just written must be seen
    untold = tell_lines(reading(), services().caller, services().installed, merge_id)
    with writing() as ctx:
        note_untold(ctx, merge_id, untold)


def _page(
    row: PersonRow, errors: dict[str, str], *, found: Iterable[PersonHit] = (), q: str = "", status: int = 200
) -> Response:
    ctx = reading()
    likely = duplicates_of(ctx, row, MOST)
    return page(
        "desk/merge.html",
        status=status,
        **resident_bar(row),
        likely=[_hit(row, one.person) | {"reason": one.reason} for one in likely],
        found=[_hit(row, hit) for hit in found],
        q=q,
        merges=[_merge(row, one) for one in merges_of(ctx, row.id)],
        errors=errors,
    )


def _hit(row: PersonRow, hit: PersonHit) -> dict[str, Any]:
    ctx = reading()
    return {
        "id": hit.id,
        "name": hit.name,
        "age": age_on(hit.birth_date, ctx.clock.today()),
        "id_no": hit.id_masked,
        "phone": hit.phone_masked,
        "reason": "",
        "url": url_for("home.compare_files", hub=ctx.hub.id, person_id=row.id, other_id=hit.id),
    }


def _merge(row: PersonRow, one: MergeRow) -> dict[str, Any]:
    ctx, installed = reading(), services().installed
    gone = ctx.session.get(PersonRow, one.gone_id)
    lines = [installed.line(line_id) for line_id in one.untold.split(",") if line_id]
    return {
        "id": one.id,
        "name": gone.name if gone else "",
        "id_no": gone.id_masked if gone else "",
        "at": moment(one.at),
        "reason": one.reason,
        "untold": ", ".join(
            bilingual(line.manifest.name_zh, line.manifest.name_en) for line in lines if line and line.manifest
        ),
        "part_url": url_for("home.part", hub=ctx.hub.id, person_id=row.id, merge_id=one.id),
        "tell_url": url_for("home.tell_again", hub=ctx.hub.id, person_id=row.id, merge_id=one.id),
    }


def _compare_page(row: PersonRow, other: PersonRow, errors: dict[str, str], status: int = 200) -> Response:
    ctx = reading()
    left, right, differences = compare(ctx, row, other)
    rows = [
        {"label": label, "left": getattr(left, key), "right": getattr(right, key)} for key, label in _lines().items()
    ]
    return page(
        "desk/merge_compare.html",
        status=status,
        **resident_bar(row),
        sides=(left, right),
        rows=rows,
        differences=differences,
        kept=request.form.get("kept", row.id),
        reason=request.form.get("reason", ""),
        errors=errors,
        merge_url=url_for("home.merge_files", hub=ctx.hub.id, person_id=row.id, other_id=other.id),
        back_url=url_for("home.merge", hub=ctx.hub.id, person_id=row.id),
    )


def _lines() -> dict[str, str]:
    return {
        "name": _("Name"),
        "sex": _("Sex"),
        "birth_date": _("Date of birth"),
        "id_no": _("ID number"),
        "phone": _("Phone"),
        "opened": _("File opened"),
        "cases": _("Cases"),
        "documents": _("Documents on file"),
        "facts": _("Details known"),
    }
