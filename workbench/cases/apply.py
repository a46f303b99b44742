"""Applies what a department said to the case it is about. A state never moves backwards.

The first platform an item is sent to decides its cases; others are consulted (means check), and
their answers stand in the timeline without deciding anything.
"""

from collections.abc import Sequence

from sqlmodel import col, select

from ..api.manifest import ItemManifest
from ..catalogue.freeze import frozen_item
from ..catalogue.items import Catalogue
from ..delivery.models import DeliveryRow, OutcomeRow
from ..store.context import Context
from .advance import settle_step, step_of
from .models import CaseRow
from .moves import OPEN_STATES, force_move, gathered_events, note_event
from .send import deciding_platform
from .steps import advance_to, finish_steps
from .suspend import reply_day, resume, stopped_by_department, suspend

RESULTS = {"granted": "grant", "refused": "deny"}


def apply_outcomes(ctx: Context, catalogue: Catalogue, told: Sequence[tuple[OutcomeRow, DeliveryRow]]) -> list[CaseRow]:
    """Let cases of one hub take in messages of departments, in their order; gives the case of each.

    Safe for late and repeated messages. What one case cannot take in is raised, and none is taken in.
    """
    ids = {delivery.case_id for _, delivery in told}
    locked = select(CaseRow).where(col(CaseRow.id).in_(ids)).order_by(col(CaseRow.id)).with_for_update(key_share=True)
    cases = {case.id: case for case in ctx.session.exec(locked)}
    with gathered_events(ctx):
        for outcome, delivery in told:
            _apply(ctx, catalogue, cases[delivery.case_id], outcome, delivery)
    return [cases[delivery.case_id] for _, delivery in told]


def _apply(ctx: Context, catalogue: Catalogue, case: CaseRow, outcome: OutcomeRow, delivery: DeliveryRow) -> None:
    item = frozen_item(ctx.session, catalogue, case.item_digest)
    detail = {"platform": delivery.platform_id, "text": outcome.text, "reference": outcome.reference}
    if case.state not in OPEN_STATES:
        note_event(ctx, case, "late_answer", status=outcome.status, **detail)
    elif item is not None and deciding_platform(item) not in ("", delivery.platform_id):
        note_event(ctx, case, "consulted", status=outcome.status, **detail)
    else:
        _take_in(ctx, case, item, outcome, detail)


def _take_in(
    ctx: Context, case: CaseRow, item: ItemManifest | None, outcome: OutcomeRow, detail: dict[str, str]
) -> None:
    if outcome.status == "accepted":
        note_event(ctx, case, "department_accepted", **detail)
        _go_on(ctx, case, item, outcome.step)
    elif outcome.status in ("correction", "rejected"):
        _ask_correction(ctx, case, item, outcome, detail)
    elif outcome.status == "suspended" and case.state in ("accepted", "reviewing"):
        suspend(ctx, case, "special_procedure", outcome.text)
        force_move(ctx, case, "department_suspend", **detail)
    elif outcome.status in RESULTS:
        _conclude(ctx, case, outcome, detail)
    else:
        note_event(ctx, case, "progress", step=outcome.step, **detail)
        _go_on(ctx, case, item, outcome.step)
    if outcome.reference and not case.reference:  # last, so that the row is written once
        case.reference = outcome.reference


def _go_on(ctx: Context, case: CaseRow, item: ItemManifest | None, step: str) -> None:
    """Let a case follow the department: into review, to the step it names, out of a pause it made itself."""
    stood = step_of(case, item) if item else None
    moved = advance_to(ctx, case, item, step) if item else None
    if case.state == "accepted":
        force_move(ctx, case, "start_review")
    elif case.state == "suspended" and stopped_by_department(ctx, case):
        force_move(ctx, case, "resume_by_itself", step=step)
        resume(ctx, case)
    if item is not None:
        settle_step(ctx, case, item, stood if moved is not None else None)


def _ask_correction(
    ctx: Context, case: CaseRow, item: ItemManifest | None, outcome: OutcomeRow, detail: dict[str, str]
) -> None:
    if case.state == "suspended":
        resume(ctx, case)
    if case.state != "correction":
        reply_by = reply_day(ctx, item.correction_days if item else None)
        suspend(ctx, case, "correction", outcome.text, reply_by=reply_by)
    force_move(ctx, case, "department_correction", field=outcome.field, rejected=outcome.status == "rejected", **detail)


def _conclude(ctx: Context, case: CaseRow, outcome: OutcomeRow, detail: dict[str, str]) -> None:
    case.result, case.result_text = outcome.status, outcome.text
    case.concluded_at = ctx.clock.now()
    resume(ctx, case)
    finish_steps(ctx, case, outcome.status, outcome.text)
    force_move(ctx, case, RESULTS[outcome.status], **detail)
