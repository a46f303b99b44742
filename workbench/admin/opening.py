"""Pages of opening a line: what it adds, its admission, its rehearsal, then open; every refusal is in the trail."""

from datetime import date
from typing import Any

from flask import Response, abort, g, request
from werkzeug.wrappers import Response as AnyResponse

from ..api.nouns import Hub
from ..catalogue.loaded import catalogue
from ..host.discover import Line
from ..hubs.open_lines import admissions_in_force, find_hub, is_open
from ..opening.adds import what_it_adds
from ..opening.admission import Admitting, admit, lasts_until, list_admissions, withdraw
from ..opening.rehearse import ask_rehearsal, last_rehearsal, open_rehearsed, waive_rehearsal
from ..staff.workers import name_workers
from ..store.context import Context
from ..store.problems import Problem, Problems
from ..web.acting import reading, writing
from ..web.htmx import is_htmx
from ..web.language import _, current_locale
from ..web.permit import permit
from ..web.services import services
from .frame import ROOT, admin_page, blueprint, go, note_refusal, refused, role_words
from .line_settings import drawn_settings
from .lines import line_or_404, name_of, tell
from .platforms import way_words
from .versions import versions_of

PAGE = f"{ROOT}/lines/<line_id>"
ADMISSION = ("approved_by", "directory", "valid_from", "valid_to", "forms", "ledgers")


@blueprint.get(f"{PAGE}/opening")
@permit("configure")
def opening(hub: str, line_id: str) -> Response:
    """Show what a line adds here, its admission and its rehearsal, with the button that opens it."""
    return _page(line_or_404(line_id))


@blueprint.post(f"{PAGE}/open")
@permit("configure")
def open_one(hub: str, line_id: str) -> AnyResponse:
    """Open a line here."""
    line = line_or_404(line_id)
    if is_open(reading().session, g.hub, services().installed, line_id):
        return go("lines", _("{line} is open. Its items can be accepted now.", line=name_of(line)))
    try:
        with writing() as ctx:
            open_rehearsed(ctx, services().installed, line_id)
    except Problem as problem:
        note_refusal("line.open_refused", f"line:{line_id}", problem)
        return go("opening", refused(problem), "error", line_id=line_id)
    return tell("line_opened", line, _("{line} is open. Its items can be accepted now.", line=name_of(line)))


@blueprint.post(f"{PAGE}/admission")
@permit("configure")
def admit_one(hub: str, line_id: str) -> AnyResponse | Response:
    """Record an admission, or say beside each field what is wrong."""
    line, typed = line_or_404(line_id), {key: request.form.get(key, "").strip() for key in ADMISSION}
    was_open = is_open(reading().session, g.hub, services().installed, line_id)
    try:
        with writing() as ctx:
            admit(ctx, services().installed, line_id, _admitting(typed))
    except Problems as several:
        note_refusal("line.admission_refused", f"line:{line_id}", several.problems[0])
        return _page(line, typed, {one.field: one.text(current_locale()) for one in several.problems})
    text = _("The admission is recorded.")
    if not was_open and is_open(reading().session, _fresh_hub(), services().installed, line_id):
        return tell("line_opened", line, text + " " + _("{line} is open again.", line=name_of(line)))
    return go("opening", text, line_id=line_id)


@blueprint.post(f"{PAGE}/admission/<admission_id>/withdraw")
@permit("configure")
def withdraw_one(hub: str, line_id: str, admission_id: str) -> AnyResponse:
    """Withdraw an admission before its time; without another one its line is closed."""
    line = line_or_404(line_id)
    was_open = is_open(reading().session, g.hub, services().installed, line_id)
    try:
        with writing() as ctx:
            withdraw(ctx, services().installed, admission_id[:26], request.form.get(f"why-{admission_id}", "").strip())
    except LookupError:
        abort(404)
    except Problem as problem:
        note_refusal("line.withdrawal_refused", f"line:{line_id}", problem)
        return go("opening", refused(problem), "error", line_id=line_id)
    text = _("The admission is withdrawn.")
    if was_open and not is_open(reading().session, _fresh_hub(), services().installed, line_id):
        return tell(
            "line_closed", line, text + " " + _("{line} is closed. Its cases stay readable.", line=name_of(line))
        )
    return go("opening", text, line_id=line_id)


@blueprint.post(f"{PAGE}/rehearse")
@permit("configure")
def rehearse_one(hub: str, line_id: str) -> AnyResponse:
    """Have the worker process rehearse the line now; the page shows the result as soon as it is there."""
    line = _ready_or_404(line_id)
    with writing() as ctx:
        ask_rehearsal(ctx, line)
    return go("opening", line_id=line_id, _anchor="rehearsal")


@blueprint.post(f"{PAGE}/waive")
@permit("configure")
def waive_one(hub: str, line_id: str) -> AnyResponse | Response:
    """Go without a rehearsal, for a stated reason."""
    line = _ready_or_404(line_id)
    try:
        with writing() as ctx:
            waive_rehearsal(ctx, line, request.form.get("reason", ""))
    except Problem as problem:
        note_refusal("line.waive_refused", f"line:{line_id}", problem)
        return _page(line, None, {"reason": refused(problem)})
    text = _("It is written down that this line is opened without a rehearsal, and why.")
    return go("opening", text, line_id=line_id)


def _ready_or_404(line_id: str) -> Line:
    line = line_or_404(line_id)
    return line if line.state == "ready" else abort(404)


def _admitting(typed: dict[str, str]) -> Admitting:
    return Admitting(
        approved_by=typed["approved_by"][:200],
        directory=typed["directory"][:300],
        valid_from=_day(typed["valid_from"]),
        valid_to=_day(typed["valid_to"]),
        forms=typed["forms"],
        ledgers=typed["ledgers"],
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _fresh_hub() -> Hub:
    """Give the hub as it stands after what was just written."""
    return find_hub(reading().session, g.hub.id) or g.hub


def _page(line: Line, typed: dict[str, str] | None = None, errors: dict[str, str] | None = None) -> Response:
    ctx, shop = reading(), services()
    rehearsal = last_rehearsal(ctx.session, ctx.hub.id, line)
    shown: dict[str, Any] = {"line": line, "rehearsal": rehearsal, "verdict_words": verdict_words()}
    shown |= {"errors": dict.fromkeys((*ADMISSION, "reason"), "") | (errors or {}), "problem": bool(errors)}
    if is_htmx() and request.method == "GET":
        return admin_page("opening.html", "lines", block="result", **shown, **_names(ctx, rehearsal))
    known = catalogue(shop.installed)
    items = known.at(ctx.hub.division, ctx.clock.today(), [line.id])
    admissions, today = list_admissions(ctx.session, ctx.hub.id, line.id), ctx.clock.today()
    in_force = admissions_in_force(ctx.session, ctx.hub.id, line.id, today)
    open_now = is_open(ctx.session, g.hub, shop.installed, line.id)
    versions = versions_of(ctx, line)
    return admin_page(
        "opening.html",
        "lines",
        block="result",
        status=422 if errors else 200,
        adds=what_it_adds(line, shop.installed, items),
        admissions=admissions,
        in_force={row.id for row in in_force},
        admitted_until=lasts_until(admissions, today),
        is_open=open_now,
        may_open=line.state == "ready"
        and not open_now
        and bool(in_force)
        and rehearsal is not None
        and rehearsal.is_good,
        typed=dict.fromkeys(ADMISSION, "") | (typed or {"valid_from": today.isoformat()}),
        faults=[fault for fault in known.faults if fault.line_id == line.id],
        role_words=role_words(),
        way_words=way_words(),
        origin_words=origin_words(),
        versions=versions,
        settings=drawn_settings(ctx, f"line:{line.id}", line.manifest.settings if line.manifest else ()),
        **shown,
        **_names(ctx, rehearsal, *admissions, trials=versions.trials),
    )


def _names(ctx: Context, rehearsal: Any, *admissions: Any, trials: Any = ()) -> dict[str, Any]:
    ids = {row.tried_by for row in trials} | {who for row in admissions for who in (row.made_by, row.ended_by) if who}
    ids |= {rehearsal.row.asked_by} if rehearsal else set()
    return {"names": name_workers(ctx.session, ids) if ids else {}}


def verdict_words() -> dict[str, str]:
    """Name how a parcel of a rehearsal went."""
    return {
        "accepted": _("Accepted"),
        "taken": _("Taken"),
        "sheet": _("Sheet to type in"),
        "nothing-sent": _("Nothing is sent"),
        "not-now": _("Not in season"),
        "failed": _("Failed"),
    }


def origin_words() -> dict[str, str]:
    """Name how an admission came about."""
    return {
        "recorded": _("Recorded here"),
        "carried-over": _("Carried over"),
        "demonstration": _("Demonstration"),
        "imported": _("From a file"),
    }
