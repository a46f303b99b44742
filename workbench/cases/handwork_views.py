"""Pages for deliveries that need a person: the re-keying sheet, and what to do when an answer was lost.

They stand with the cases because only a case knows whose delivery it is; each view of a form is audited.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..api.errors import BrokenPromise
from ..delivery.decide import CannotDecide, NumbersDiffer, confirm_rekeyed, confirm_unknown, record_decision
from ..delivery.models import DeliveryRow
from ..delivery.standing import BY_HAND, read_standing
from ..identity.audit import record
from ..identity.may import may
from ..people.view import identity_bar
from ..store.context import Context
from ..store.problems import Problem
from ..web.acting import close_reading, reading, writing
from ..web.language import _, current_locale
from ..web.pages import page
from ..web.permit import permit
from ..web.services import services
from .find import get_case
from .left_over import left_over
from .look import item_of
from .models import CaseRow
from .screen import draw_person, person_url
from .sheet import lay_out, screen_address

blueprint = Blueprint("handwork", __name__, url_prefix="/h/<hub>/deliveries/<delivery_id>")

MOVED = (
    "moved",
    "这件报送的状态刚刚变了，请按现在的情况处理；您填写的内容已保留。",
    "This delivery has moved meanwhile. Look at it as it stands now; what you typed is kept.",
)
DIFFER = (
    "numbers_differ",
    "两次填写的编号不一致，请核对后重新填写。",
    "The two numbers differ. Check and type them again.",
)


def find_delivery(ctx: Context, delivery_id: str) -> tuple[DeliveryRow, CaseRow]:
    """Give a delivery of this hub with its case, if this worker may handle it; ends the request otherwise."""
    delivery = ctx.session.get(DeliveryRow, delivery_id[:26])
    case = get_case(ctx, delivery.case_id) if delivery is not None and delivery.hub_id == ctx.hub.id else None
    if delivery is None or case is None:
        abort(404)
    if not may(ctx.actor, "rekey", case.line_id):
        abort(403)
    return delivery, case


def _about(ctx: Context, delivery: DeliveryRow, case: CaseRow, look: str) -> dict[str, Any]:
    """Give what both pages show of a delivery, and write down who looked."""
    item = item_of(ctx, services().installed, case)
    purpose = item.purpose if item else ""
    with writing() as trail:
        record(trail, look, person_id=case.person_id, subject=f"delivery:{delivery.id}", purpose=purpose)
    platform = services().installed.platform(delivery.platform_id)
    return {
        "delivery": read_standing(ctx.session, delivery.id, services().installed),
        "case": case,
        "person": draw_person(identity_bar(ctx, case.person_id, citywide=True)),
        "person_url": person_url(ctx.hub.id, case.person_id),
        "manifest": platform.manifest if platform else None,
        "address": screen_address(ctx, services().settings, platform),
        "typed": request.form,
        "done": done_words(request.args.get("done", "")),
    }


@blueprint.get("/sheet")
@permit("rekey")
def sheet(hub: str, delivery_id: str) -> Response:
    """Show what to type into the department's own screen, in its order."""
    return _sheet_page(delivery_id)


def _sheet_page(delivery_id: str, status: int = 200, wrong: Problem | None = None) -> Response:
    ctx = reading()
    delivery, case = find_delivery(ctx, delivery_id)
    try:
        pages, broken = lay_out(ctx, services().installed, delivery), False
    except BrokenPromise:
        pages, broken = [], True
    about = _about(ctx, delivery, case, "delivery.sheet")
    count = sum(len(part.rows) for part in pages)
    return page("cases/sheet.html", status=status, pages=pages, broken=broken, count=count, **about, **_wrong(wrong))


@blueprint.post("/sheet")
@permit("rekey")
def confirm(hub: str, delivery_id: str) -> AnyResponse | Response:
    """Take the number the department's screen gave, typed twice."""
    number, again = request.form.get("number", "").strip(), request.form.get("number_again", "").strip()
    if not number:
        problem = Problem(
            "number_missing", "请填写对方系统给出的编号。", "Enter the number their system gave.", "number"
        )
        return _sheet_page(delivery_id, 422, problem)

    def verb(ctx: Context) -> None:
        confirm_rekeyed(ctx, delivery_id, number[:100], again[:100])

    return _decide(hub, delivery_id, verb, _sheet_page, "sheet", "number")


@blueprint.post("/decision")
@permit("rekey")
def decision(hub: str, delivery_id: str) -> AnyResponse | Response:
    """Record what the department decided, read by a person in its system."""
    status, text = request.form.get("status", ""), request.form.get("text", "").strip()
    if status not in ("granted", "refused"):
        problem = Problem("status_missing", "请选择部门的决定。", "Choose what the department decided.", "status")
        return _sheet_page(delivery_id, 422, problem)
    if not text:
        problem = Problem("text_missing", "请照录部门的原话。", "Write down the department's words.", "text")
        return _sheet_page(delivery_id, 422, problem)

    def verb(ctx: Context) -> None:
        record_decision(ctx, delivery_id, "granted" if status == "granted" else "refused", text[:2000])

    return _decide(hub, delivery_id, verb, _sheet_page, "sheet", "decided")


@blueprint.get("/unknown")
@permit("rekey")
def unknown(hub: str, delivery_id: str) -> Response:
    """Guide a person who looks at the department whether a delivery arrived."""
    return _unknown_page(delivery_id)


def _unknown_page(delivery_id: str, status: int = 200, wrong: Problem | None = None) -> Response:
    ctx = reading()
    delivery, case = find_delivery(ctx, delivery_id)
    about = _about(ctx, delivery, case, "delivery.unknown")
    waits = delivery.state == "needs-people" and BY_HAND.get(delivery.reason) == "unknown"
    return page("cases/unknown.html", status=status, waits=waits, **about, **_wrong(wrong))


@blueprint.post("/unknown")
@permit("rekey")
def found(hub: str, delivery_id: str) -> AnyResponse | Response:
    """Take what was found there: it arrived under a number, or it did not arrive and is sent again."""
    finding, reference = request.form.get("finding", ""), request.form.get("reference", "").strip()
    if finding not in ("arrived", "not arrived"):
        problem = Problem("finding_missing", "请选择查到的结果。", "Choose what you found.", "finding")
        return _unknown_page(delivery_id, 422, problem)
    if finding == "arrived" and not reference:
        problem = Problem("reference_missing", "请填写部门给出的编号。", "Enter the department's number.", "reference")
        return _unknown_page(delivery_id, 422, problem)

    def verb(ctx: Context) -> None:
        confirm_unknown(ctx, delivery_id, "arrived" if finding == "arrived" else "not arrived", reference[:100])

    return _decide(hub, delivery_id, verb, _unknown_page, "unknown", "found")


def _decide(
    hub: str,
    delivery_id: str,
    verb: Callable[[Context], None],
    again: Callable[[str, int, Problem], Response],
    target: str,
    done: str,
) -> AnyResponse | Response:
    """Carry a decision out, or show the page as it stands now with what hinders."""
    try:
        with writing() as ctx:
            find_delivery(ctx, delivery_id)
            verb(ctx)
    except NumbersDiffer:
        return again(delivery_id, 422, Problem(*DIFFER, "number_again"))
    except CannotDecide:
        close_reading()  # what this request has read so far may be older than what hindered it
        return again(delivery_id, 409, Problem(*MOVED))
    return redirect(url_for(f"handwork.{target}", hub=hub, delivery_id=delivery_id, done=done), 303)


def _wrong(problem: Problem | None) -> dict[str, Any]:
    if problem is None:
        return {"wrong": "", "wrong_field": "", "left": []}
    labels = {"number": _("Department's number"), "reference": _("Department's number")}
    labels |= {"text": _("The department's words")}
    left = [] if problem.field else left_over(labels)
    return {"wrong": problem.text(current_locale()), "wrong_field": problem.field, "left": left}


def done_words(done: str) -> str:
    """Say what was just done."""
    words = {
        "number": _("The number was taken. The department's decision is awaited."),
        "decided": _("The department's decision was recorded."),
        "found": _("Noted. The delivery goes on."),
    }
    return words.get(done, "")
