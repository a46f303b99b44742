"""Pages of retention: what is due, release after seeing it, holds with their reasons, what was erased."""

from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..cases.find_case import find_case
from ..cases.words import term_words
from ..catalogue.loaded import catalogue
from ..identity.audit import record
from ..store.clock import local
from ..store.context import Context
from ..store.problems import Problem
from ..web.acting import close_reading, reading, writing
from ..web.filters import day, moment
from ..web.language import _, bilingual, current_locale
from ..web.pages import page
from ..web.permit import permit
from ..web.services import services
from .erase import contents_of, release
from .find import PAGE, Due, case_by_number, count_due, read_due, read_erased, read_holds, read_one
from .holds import Hold, hold, lift, settle_appeal
from .models import ErasureRow
from .terms import Terms

blueprint = Blueprint("retention", __name__, url_prefix="/h/<hub>/retention")


@blueprint.get("")
@permit("erase")
def due(hub: str) -> Response:
    """List what is due, what is held, and what was erased."""
    return _page({})


@blueprint.post("")
@permit("erase")
def release_some(hub: str) -> AnyResponse | Response:
    """Release what was chosen; sent twice it is released once."""
    try:
        with writing() as ctx:
            count = release(ctx, terms(), request.form.getlist("chosen")[:PAGE], request.form.get("reason", ""))
    except Problem as problem:
        close_reading()
        return _page({problem.field: problem.text(current_locale())}, status=422)
    return redirect(url_for("retention.due", hub=hub, done=count), 303)


@blueprint.get("/<erasure_id>")
@permit("erase")
def one(hub: str, erasure_id: str) -> Response:
    """Show one of what is due: what it is, under which rule, what would go, what holds it."""
    return _one_page(erasure_id, {})


@blueprint.post("/<erasure_id>")
@permit("erase")
def decide(hub: str, erasure_id: str) -> AnyResponse | Response:
    """Release this one, hold it, or note how its appeal ended."""
    reason, action = request.form.get("reason", ""), request.form.get("action", "")
    try:
        with writing() as ctx:
            row = ctx.session.get(ErasureRow, erasure_id[:26])
            if row is None or row.hub_id != ctx.hub.id:
                abort(404)
            _do(ctx, row, action, reason)
    except Problem as problem:
        close_reading()
        return _one_page(erasure_id, {problem.field: problem.text(current_locale())}, status=422)
    return redirect(url_for("retention.one", hub=hub, erasure_id=erasure_id), 303)


def _do(ctx: Context, row: ErasureRow, action: str, reason: str) -> None:
    if action == "release":
        release(ctx, terms(), [row.id], reason)
    elif action in ("hold", "hold_all") and row.case_id:
        hold(ctx, find_case(ctx, row.case_id), reason, everything=action == "hold_all")
    elif action == "appeal" and row.case_id:
        settle_appeal(ctx, find_case(ctx, row.case_id, lock=True), reason)
    else:
        raise Problem("no_such_action", "没有这个操作，请刷新页面。", "There is no such action; reload the page.")


@blueprint.post("/hold")
@permit("erase")
def hold_case(hub: str) -> AnyResponse | Response:
    """Hold a case by its number, or everything of its resident."""
    form = request.form
    try:
        with writing() as ctx:
            found = case_by_number(ctx, form.get("number", ""))
            if found is None:
                zh, en = "本站点没有这个办件编号，请核对。", "This hub has no case of this number. Check it."
                raise Problem("no_such_case", zh, en, "number")
            hold(ctx, found, form.get("why", ""), everything=form.get("everything") == "yes")
    except Problem as problem:
        close_reading()
        field = "why" if problem.field == "reason" else problem.field
        return _page({field: problem.text(current_locale())}, status=422)
    return redirect(url_for("retention.due", hub=hub, _anchor="holds"), 303)


@blueprint.post("/hold/<hold_id>/lift")
@permit("erase")
def lift_hold(hub: str, hold_id: str) -> AnyResponse | Response:
    """Lift a hold."""
    try:
        with writing() as ctx:
            lift(ctx, hold_id, request.form.get(f"lift-{hold_id}", ""))
    except Problem as problem:
        close_reading()
        return _page({f"lift-{hold_id}": problem.text(current_locale())}, status=422)
    return redirect(url_for("retention.due", hub=hub, _anchor="holds"), 303)


def terms() -> Terms:
    """Give the terms of this installation."""
    shop = services()
    return Terms(catalogue(shop.installed), shop.settings.retention)


def _page(errors: dict[str, str], status: int = 200) -> Response:
    ctx = reading()
    found = read_due(ctx, catalogue(services().installed), _after())
    shown = found[:PAGE]
    drawn = page(
        "retention/due.html",
        status=status,
        rows=[_line(one) for one in shown],
        count=count_due(ctx),
        holds=[_hold_line(row) for row in read_holds(ctx)],
        erased=[_line(Due(row, ())) for row in read_erased(ctx)],
        typed=request.form,
        chosen=set(request.form.getlist("chosen")),
        errors=errors,
        done=request.args.get("done", ""),
        usual=bilingual(*term_words(terms().person().text)),
        next_url=_next(shown[-1]) if len(found) > PAGE else "",
        first_url=url_for("retention.due", hub=ctx.hub.id) if _after() else "",
    )
    with writing() as trail:
        record(trail, "retention.look", subject="retention")
    return drawn


def _after() -> tuple[date, str] | None:
    due_on, _sep, last = request.args.get("after", "").partition("_")
    try:
        return (date.fromisoformat(due_on), last[:26]) if last else None
    except ValueError:
        abort(400)


def _next(last: Due) -> str:
    return url_for("retention.due", hub=reading().hub.id, after=f"{last.row.due_on.isoformat()}_{last.row.id}")


def _line(one: Due) -> dict[str, Any]:
    row = one.row
    return {
        "id": row.id,
        "url": url_for("retention.one", hub=reading().hub.id, erasure_id=row.id),
        "title": bilingual(row.title_zh, row.title_en) if row.case_id else _("The resident's file"),
        "no": row.case_no,
        "person": row.name,
        "ended": day(local(row.concluded_at).date()) if row.concluded_at else "",
        "due": day(row.due_on),
        "rule": bilingual(*term_words(f"{row.years}|{row.said}|{row.basis}")),
        "holds": [hold_words(each) for each in one.holds],
        "is_free": row.state == "due" and not one.holds,
        "state": row.state,
        "erased": moment(row.erased_at),
        "released": row.released_name,
        "reason": row.reason,
    }


def hold_words(one: Hold) -> str:
    """Say what keeps something from being erased."""
    return {
        "open": _("The case is still under way."),
        "appeal": _("An appeal was noted and not settled."),
        "delivery": _("A delivery has not arrived yet."),
        "message": _("A department's answer is not yet applied."),
        "difference": _("Our books and a department's differ."),
        "benefit": _("What was granted may still be running."),
        "hold": _("Held: {reason}", reason=one.text),
    }[one.kind]


def _hold_line(row: Any) -> dict[str, Any]:
    whole = _("everything of the resident of {number}", number=row.case_no)
    return {
        "id": row.id,
        "what": row.case_no if row.case_id else whole,
        "reason": row.reason,
        "by": row.by_name,
        "at": moment(row.at),
        "url": url_for("retention.lift_hold", hub=reading().hub.id, hold_id=row.id),
    }


def _one_page(erasure_id: str, errors: dict[str, str], status: int = 200) -> Response:
    ctx = reading()
    found = read_one(ctx, catalogue(services().installed), erasure_id)
    if found is None:
        abort(404)
    row = ctx.session.get_one(ErasureRow, found.row.id)
    counts = row.counts if row.state == "erased" else contents_of(ctx.session, row)
    drawn = page(
        "retention/one.html",
        status=status,
        line=_line(found),
        is_case=bool(row.case_id),
        counts=[{"key": _table_word(name), "value": number} for name, number in _by_words(counts)],
        has_appeal=any(each.kind == "appeal" for each in found.holds),
        case_url=url_for("cases.case", hub=ctx.hub.id, case_id=row.case_id) if row.case_id else "",
        proofs=sum(map(len, row.proofs.values())),
        typed=request.form,
        errors=errors,
    )
    with writing() as trail:
        record(trail, "retention.look", person_id=row.person_id, subject=row.mark)
    return drawn


def _by_words(counts: dict[str, int]) -> list[tuple[str, int]]:
    found: dict[str, int] = {}
    for table, number in counts.items():
        word = WORDS.get(table, "other")
        found[word] = found.get(word, 0) + number
    order = [*dict.fromkeys(WORDS.values()), "other"]
    return sorted(found.items(), key=lambda entry: order.index(entry[0]))


#: table -> under which word it is counted on the page.
WORDS = {
    "person": "person", "person_key": "person", "payload": "form", "draft": "form", "document": "material",
    "case_material": "material", "fact": "fact", "document_print": "print", "delivery": "parcel",
    "delivery_event": "parcel", "outcome": "parcel", "difference": "parcel", "case_step": "step", "case_event": "step",
    "household": "home", "household_member": "home", "household_change": "home", "household_event": "home",
    "address_key": "home", "authority": "authority", "means_consent": "authority", "person_merge": "merge",
}  # fmt: skip


def _table_word(name: str) -> str:
    return {
        "person": _("Name, numbers and search keys"),
        "form": _("Forms as they were accepted"),
        "material": _("Materials and scans"),
        "fact": _("Details known of the resident"),
        "print": _("Contents of printed documents"),
        "parcel": _("What was sent and answered"),
        "step": _("Words of steps and timeline"),
        "home": _("Household and address"),
        "authority": _("Authorisations and consents"),
        "merge": _("Files that were merged"),
        "other": _("Other notes"),
    }[name]
