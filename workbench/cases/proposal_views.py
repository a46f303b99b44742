"""Pages where the owner of a case decides on values that were corrected elsewhere."""

from typing import Any

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..catalogue.form import FormField, form_of
from ..identity.audit import record
from ..identity.may import may
from ..people.view import identity_bar
from ..store.context import Context
from ..store.problems import Problem
from ..web.acting import reading, writing
from ..web.filters import moment
from ..web.language import bilingual, current_locale
from ..web.pages import page
from ..web.permit import permit
from ..web.services import services
from .find import get_case
from .frozen_form import origin_words, say_value
from .look import item_of
from .models import CaseRow, ProposalRow
from .proposals import decline, proposals_for, proposals_to, take
from .screen import draw_person, person_url

blueprint = Blueprint("proposals", __name__, url_prefix="/h/<hub>")


def _find(ctx: Context, case_id: str) -> CaseRow:
    case = get_case(ctx, case_id)
    if case is None or case.state == "voided" or (case.state == "draft" and case.owner_id != ctx.actor.id):
        abort(404)
    if not may(ctx.actor, "correct", case.line_id):
        abort(403)
    return case


@blueprint.get("/corrections")
@permit("correct")
def mine(hub: str) -> Response:
    """List what is proposed to the worker's own cases."""
    rows = [
        {
            "title": bilingual(one.title_zh, one.title_en),
            "number": one.case_no or "",
            "url": url_for("proposals.decide", hub=hub, case_id=one.case_id),
        }
        for one in {one.case_id: one for one in proposals_for(reading())}.values()
    ]
    return page("cases/corrections.html", rows=rows)


@blueprint.get("/cases/<case_id>/proposals")
@permit("correct")
def decide(hub: str, case_id: str) -> Response:
    """Show what is proposed to a case beside what it says."""
    return _page(case_id)


@blueprint.post("/cases/<case_id>/proposals")
@permit("correct")
def decided(hub: str, case_id: str) -> AnyResponse:
    """Take one value over, or decline it."""
    _find(reading(), case_id)
    proposal_id, _, answer = request.form.get("answer", "").partition(":")
    try:
        with writing() as ctx:
            if answer == "take":
                take(ctx, case_id, proposal_id)
            else:
                decline(ctx, case_id, proposal_id, request.form.get(f"reason-{proposal_id}", "")[:200])
    except Problem as problem:
        field = f"reason-{proposal_id}" if problem.field else ""
        return _page(case_id, {field: problem.text(current_locale())}, status=422 if problem.field else 409)
    return redirect(url_for("proposals.decide", hub=hub, case_id=case_id), 303)


def _page(case_id: str, errors: dict[str, str] | None = None, status: int = 200) -> Response:
    ctx = reading()
    case = _find(ctx, case_id)
    item = item_of(ctx, services().installed, case)
    fields = dict(form_of(item).fields) if item else {}
    with writing() as trail:
        record(trail, "case.proposals", person_id=case.person_id, subject=f"case:{case.id}", purpose="correct")
    found = errors or {}
    return page(
        "cases/proposals.html",
        status=status,
        case=case,
        title=bilingual(case.title_zh, case.title_en),
        person=draw_person(identity_bar(ctx, case.person_id, citywide=True)),
        person_url=person_url(ctx.hub.id, case.person_id),
        case_url=url_for("cases.case", hub=ctx.hub.id, case_id=case.id),
        rows=[_row(row, fields.get(row.field)) for row in proposals_to(ctx, case.id)],
        errors={name: text for name, text in found.items() if name},
        wrong=found.get("", ""),
    )


def _row(row: ProposalRow, field: FormField | None) -> dict[str, Any]:
    locale = current_locale()
    origin = {"rank": row.rank, "source": row.source, "as_of": row.as_of.isoformat() if row.as_of else ""}
    return {
        "id": row.id,
        "label": field.label(locale) if field else row.field,
        "was": say_value(field, row.was, locale) if field else "",
        "value": say_value(field, row.value, locale) if field else "",
        "source": origin_words(origin, locale),
        "reason": row.reason,
        "by": row.made_by_name,
        "at": moment(row.made_at),
    }
