"""Pages for correcting items: what is in force here, its corrections, draft, look, publish, take back."""

from typing import Any

from flask import Response, abort, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..catalogue.correct import (
    discard_correction,
    find_draft,
    list_editions,
    open_correction,
    publish_correction,
    save_correction,
    take_back,
)
from ..catalogue.freeze import frozen_item
from ..catalogue.items import Item
from ..catalogue.loaded import catalogue
from ..catalogue.models import ItemEditionRow
from ..catalogue.pick import pick_items
from ..staff.workers import name_workers
from ..store.context import Context
from ..store.problems import Problem
from ..web.acting import reading, writing
from ..web.language import _, current_locale
from ..web.permit import permit
from ..web.services import services
from .frame import ROOT, admin_page, blueprint, go, refused
from .item_check import find_problems
from .item_form import differences, draw, read

PAGE = f"{ROOT}/items/<code>"
MOST = 40


@blueprint.get(f"{ROOT}/items")
@permit("configure")
def items(hub: str) -> Response:
    """Find an item to correct, and list the corrections for this place."""
    ctx, q = reading(), request.args.get("q", "").strip()[:60]
    every = catalogue(services().installed)
    here = every.at(ctx.hub.division, ctx.clock.today(), [line.id for line in services().installed.ready_lines])
    hits = [hit.item for hit in pick_items(q, here, MOST)] if q else []
    editions = list_editions(ctx, ctx.hub.division)
    titles = {item.code: item.manifest for item in here}
    return admin_page("items.html", "items", q=q, hits=hits, titles=titles, **_people(ctx, editions))


@blueprint.get(PAGE)
@permit("configure")
def item(hub: str, code: str) -> Response:
    """Show an item as it is in force here, with its corrections and what a draft would change."""
    return _item_page(_item_or_404(code))


@blueprint.post(f"{PAGE}/correct")
@permit("configure")
def begin_correction(hub: str, code: str) -> AnyResponse:
    """Open the draft of a correction for this place; a system admin may make it for every place."""
    found = _item_or_404(code)
    division = "*" if request.form.get("everywhere") and g.worker.is_system_admin else g.hub.division
    with writing() as ctx:
        open_correction(ctx, found, division)
    return redirect(url_for("admin.correct_item", hub=hub, code=code), 303)


@blueprint.get(f"{PAGE}/correct")
@permit("configure")
def correct_item(hub: str, code: str) -> Response:
    """Show the form of a draft."""
    return _form(_draft_or_404(reading(), code), {})


@blueprint.post(f"{PAGE}/draft")
@permit("configure")
def save_item(hub: str, code: str) -> AnyResponse | Response:
    """Keep a draft as typed; with `_done`, only when nothing is wrong with it."""
    shown = _draft_or_404(reading(), code)
    changes, problems = read(request.form, shown.content)
    reason = request.form.get("reason", "").strip()[:500]
    seen = request.form.get("version", type=int) or 0
    try:
        with writing() as ctx:
            save_correction(ctx, _draft_or_404(ctx, code), changes, reason=reason, seen_version=seen)
    except Problem as problem:
        shown.content, shown.reason = {**shown.content, **changes}, reason
        return _form(shown, {"": problem})
    draft = _draft_or_404(reading(), code)
    if "_done" not in request.form:
        return _form(draft, problems, status=200)
    problems = find_problems(draft.content) | problems
    if not reason:
        problems["reason"] = Problem("reason_missing", "请写明修订依据。", "State the reason.", field="reason")
    if problems:
        return _form(draft, problems)
    return go("item", _("The draft is ready. Somebody else has to publish it."), code=code)


@blueprint.post(f"{PAGE}/publish")
@permit("configure")
def publish_item(hub: str, code: str) -> AnyResponse:
    """Publish a draft somebody else made."""
    try:
        with writing() as ctx:
            draft = _draft_or_404(ctx, code)
            if problems := find_problems(draft.content):
                raise next(iter(problems.values()))
            publish_correction(ctx, draft, seen_version=request.form.get("version", type=int) or 0)
    except Problem as problem:
        return go("item", refused(problem), "error", code=code)
    return go("item", _("The correction is published. Cases accepted before keep their version."), code=code)


@blueprint.post(f"{PAGE}/discard")
@permit("configure")
def discard_item(hub: str, code: str) -> AnyResponse:
    """Give a draft up."""
    try:
        with writing() as ctx:
            discard_correction(ctx, _draft_or_404(ctx, code), seen_version=request.form.get("version", type=int) or 0)
    except Problem as problem:
        return go("item", refused(problem), "error", code=code)
    return go("item", _("The draft is given up."), code=code)


@blueprint.post(f"{PAGE}/take-back")
@permit("configure")
def take_item_back(hub: str, code: str) -> AnyResponse:
    """Take a published correction back; what was in force before is offered again."""
    try:
        with writing() as ctx:
            row = ctx.session.get(ItemEditionRow, request.form.get("edition", "")[:26])
            if row is None or row.code != code or not _is_ours(row.division):
                abort(404)
            take_back(ctx, row, seen_version=request.form.get("version", type=int) or 0)
    except Problem as problem:
        return go("item", refused(problem), "error", code=code)
    return go("item", _("Taken back. The version before it is in force again."), code=code)


def _item_page(found: Item) -> Response:
    ctx = reading()
    editions = list_editions(ctx, ctx.hub.division, found.code)
    draft = next((row for row in editions if row.state == "draft" and _is_ours(row.division)), None)
    base = frozen_item(ctx.session, catalogue(services().installed), draft.base_digest) if draft else None
    return admin_page(
        "item.html",
        "items",
        item=found.manifest,
        draft=draft,
        changes=differences(base or found.manifest, draft.content) if draft else [],
        problems=[problem.text(current_locale()) for problem in find_problems(draft.content).values()] if draft else [],
        is_own=draft is not None and draft.made_by == g.worker.id,
        state_words=state_words(),
        **_people(ctx, editions),
    )


def _form(draft: ItemEditionRow, problems: dict[str, Problem], status: int = 422) -> Response:
    texts = {key: problem.text(current_locale()) for key, problem in problems.items()}
    fields = draw(draft.content, problems)
    labels = {field["name"]: field["label"] for field in fields}
    summary = [(key, f"{labels.get(key.partition('-')[0], '')}: {text}".lstrip(": ")) for key, text in texts.items()]
    return admin_page(
        "correct_item.html",
        "items",
        status=status if problems else 200,
        draft=draft,
        fields=fields,
        errors=summary,
        reason_error=texts.get("reason", ""),
    )


def _people(ctx: Context, editions: list[ItemEditionRow]) -> dict[str, Any]:
    ids = {who for row in editions for who in (row.made_by, row.published_by, row.ended_by) if who}
    return {"editions": editions, "names": name_workers(ctx.session, ids)}


def _item_or_404(code: str) -> Item:
    ctx = reading()
    return catalogue(services().installed).find(code, ctx.hub.division, ctx.clock.today()) or abort(404)


def _draft_or_404(ctx: Context, code: str) -> ItemEditionRow:
    """Give the draft for this place; a system admin also has those for every place."""
    everywhere = find_draft(ctx, code, "*") if g.worker.is_system_admin else None
    return find_draft(ctx, code, g.hub.division) or everywhere or abort(404)


def _is_ours(division: str) -> bool:
    return division == g.hub.division or (division == "*" and g.worker.is_system_admin)


def state_words() -> dict[str, str]:
    """Name the states of a correction."""
    return {
        "draft": _("Draft"),
        "published": _("Published"),
        "withdrawn": _("Taken back"),
        "discarded": _("Given up"),
    }
