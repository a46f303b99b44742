"""The page of monthly batches: what belongs together, until when it is reported, and reporting it at once."""

from collections import defaultdict
from datetime import date
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from sqlmodel import col, select
from werkzeug.wrappers import Response as AnyResponse

from ..catalogue.loaded import catalogue
from ..hubs.open_lines import open_lines
from ..identity.may import may
from ..identity.seen import lists
from ..people.models import PersonRow
from ..store.clock import local
from ..store.context import Context
from ..store.problems import Problem, Problems
from ..web.acting import close_reading, reading, writing
from ..web.language import bilingual, current_locale, ngettext
from ..web.pages import page
from ..web.permit import permit
from ..web.services import services
from .find import get_case
from .look import item_of
from .models import CaseRow
from .review import decide_step
from .season import batch_of

blueprint = Blueprint("batches", __name__, url_prefix="/h/<hub>/batches")
MOST = 500


@blueprint.get("")
@permit("queue")
def batches(hub: str) -> Response:
    """Show the batches that are not reported yet. One query."""
    return _page()


def _page(status: int = 200, wrong: str = "") -> Response:
    ctx = reading()
    count = request.args.get("reported", "")
    reported = int(count) if count.isascii() and count.isdigit() else 0
    told = ngettext("{count} case was reported.", "{count} cases were reported.", reported) if count else ""
    return page("cases/batches.html", status=status, batches=_read(ctx), wrong=wrong, typed=request.form, told=told)


def _read(ctx: Context) -> list[dict[str, Any]]:
    lines = [line.id for line in open_lines(ctx.session, ctx.hub, services().installed)]
    items = {
        item.code: item.manifest
        for item in catalogue(services().installed).at(ctx.hub.division, ctx.clock.today(), lines)
        if item.manifest.batch is not None
    }
    query = select(CaseRow, PersonRow.name).join(PersonRow, col(PersonRow.id) == col(CaseRow.person_id))
    query = query.where(CaseRow.hub_id == ctx.hub.id, col(CaseRow.state).in_(("accepted", "reviewing")))
    query = query.where(CaseRow.step_by == "reviewer", col(CaseRow.item_code).in_(sorted(items)))
    found: dict[tuple[str, date], list[tuple[CaseRow, str]]] = defaultdict(list)
    for case, name in ctx.session.exec(query.order_by(col(CaseRow.id)).limit(MOST)):
        batch = items[case.item_code].batch
        if batch is not None and case.accepted_at is not None and may(ctx.actor, "review", case.line_id):
            found[case.item_code, batch_of(batch, local(case.accepted_at).date()).apply_by].append((case, name))
    lists(case.person_id for cases in found.values() for case, _name in cases)
    return [_draw(ctx, items[key[0]], key[1], found[key]) for key in sorted(found)]


def _draw(ctx: Context, item: Any, apply_by: date, cases: list[tuple[CaseRow, str]]) -> dict[str, Any]:
    batch = batch_of(item.batch, apply_by)
    return {
        "title": bilingual(item.title_zh, item.title_en),
        "code": item.code,
        "batch": batch,
        "cases": [{"id": c.id, "number": c.case_no, "person": name, "at": c.accepted_at} for c, name in cases],
        "is_cut_off": ctx.clock.today() > batch.apply_by,
        "is_late": ctx.clock.today() > batch.report_by,
    }


@blueprint.post("")
@permit("queue")
def report(hub: str) -> AnyResponse | Response:
    """Pass the reviewer's step of every case of a batch with one reason: all of them, or none."""
    reason, installed = request.form.get("reason", "").strip(), services().installed
    ids = request.form.getlist("case")[:MOST]
    try:
        if not reason:
            raise Problem("reason_missing", "请写明理由。", "State the reason.", field="reason")
        with writing() as ctx:
            for case_id in ids:
                case = get_case(ctx, case_id, lock=True)
                item = item_of(ctx, installed, case) if case else None
                if case is None or item is None or item.batch is None:
                    raise Problem(
                        "not_in_batch", "有办件不在本批次中，请刷新。", "A case is not in this batch; reload."
                    )
                decide_step(ctx, installed, case, item, agree=True, reason=reason)
    except (Problem, Problems) as refusal:
        close_reading()
        wrong = refusal.problems if isinstance(refusal, Problems) else [refusal]
        return _page(422 if wrong[0].field else 409, " ".join(one.text(current_locale()) for one in wrong))
    return redirect(url_for("batches.batches", hub=hub, reported=len(ids)), 303)
