"""The steps of a case, frozen from its item at accept: people pass the in-house ones, outcomes the department's."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlmodel import col, select

from ..api.manifest import ItemManifest, ItemStep
from ..identity.may import may
from ..store.context import Context
from ..store.problems import Problem
from .calendar import Calendar, load_calendar
from .models import CaseRow, StepRow
from .step_kinds import check_found

#: Which right each kind of step asks for.
STEP_VERBS = {"worker": "accept", "reviewer": "review", "policy": "policy", "approver": "approve"}
#: Steps that people of ours take behind the table; the accepting ones are over when a case is accepted.
IN_HOUSE = ("worker", "reviewer", "policy", "approver")


def accepting_position(item: ItemManifest) -> int:
    """Find the step that is accepting: the worker's first one that sends something, else the worker's first."""
    workers = [number for number, step in enumerate(item.steps) if step.by == "worker"]
    sending = [number for number in workers if item.steps[number].deliveries]
    return next(iter(sending or workers), 0)


def lay_steps(ctx: Context, case_id: str, item: ItemManifest, calendar: Calendar) -> list[dict[str, Any]]:
    """Give the rows of a case's steps: the accepting ones done, the next one open."""
    now, over = ctx.clock.now(), accepting_position(item) + 1
    done = {"state": "done", "due_on": None, "started_at": now, "done_at": now, "done_by": ctx.actor.id}
    left = {"due_on": None, "started_at": None, "done_at": None, "done_by": ""}
    rows = []
    for position, step in enumerate(item.steps):
        row = {"case_id": case_id, "position": position, "key": step.key, "by": step.by, "four_eyes": step.four_eyes}
        if position < over:
            row |= done
        elif position > over:
            row |= left | {"state": "waiting"}
        else:
            row |= left | {"state": "open", "started_at": now, "due_on": _due_on(ctx, step, calendar)}
        rows.append(row)
    return rows


def _open(ctx: Context, case: CaseRow, row: StepRow, step: ItemStep, calendar: Calendar) -> None:
    row.state, row.started_at = "open", ctx.clock.now()
    row.due_on = _due_on(ctx, step, calendar)
    case.step, case.step_by, case.step_line = step.key, step.by, step.line


def _due_on(ctx: Context, step: ItemStep, calendar: Calendar) -> date | None:
    return None if step.days is None else calendar.add(ctx.clock.today(), step.days, step.unit)


def open_step(ctx: Context, case: CaseRow) -> StepRow | None:
    """Give the step a case stands at."""
    query = select(StepRow).where(StepRow.case_id == case.id, StepRow.state == "open")
    return ctx.session.exec(query.order_by(col(StepRow.position)).with_for_update()).first()


def pass_step(
    ctx: Context,
    case: CaseRow,
    item: ItemManifest,
    reason: str,
    outcome: str = "passed",
    *,
    found: Mapping[str, str] | None = None,
) -> ItemStep:
    """Pass the open in-house step and open the next; gives the passed one, whose deliveries are due now.

    `found` is what the kind of step asks for. Raises Problem when the step is not this worker's to pass, when
    four eyes are asked and the same worker passed a step before, or when the kind's own terms are not met.
    """
    row = open_step(ctx, case)
    verb = STEP_VERBS.get(row.by, "nobody") if row else "nobody"
    if row is None or not may(ctx.actor, verb, case.step_line or case.line_id):
        zh, en = "当前环节不由您的岗位办理。", "The open step is not for your role to handle."
        raise Problem("not_your_step", zh, en)
    if row.four_eyes and ctx.actor.id in _people_before(ctx, case, row.position):
        zh = "此环节须由另一位工作人员办理（四眼原则）。请转交其他审批人。"
        en = "This step must be taken by somebody else (four eyes). Pass it to another approver."
        raise Problem("four_eyes", zh, en)
    step = item.steps[row.position]
    row.found = check_found(step, row, ctx.clock.today(), agrees=outcome == "agree", found=found or {})
    close_step(ctx, case, item, row, outcome, reason)
    return step


def close_step(ctx: Context, case: CaseRow, item: ItemManifest, row: StepRow, outcome: str, reason: str) -> None:
    """End a step with its outcome and open the next one, if any."""
    row.state, row.outcome, row.reason = "done", outcome, reason
    row.done_at, row.done_by = ctx.clock.now(), ctx.actor.id
    following = ctx.session.get(StepRow, (case.id, row.position + 1))
    case.step, case.step_by, case.step_line = "", "", ""
    if following is not None and following.position < len(item.steps):
        _open(ctx, case, following, item.steps[following.position], load_calendar(ctx.session))


def _people_before(ctx: Context, case: CaseRow, position: int) -> set[str]:
    query = select(StepRow.done_by).where(StepRow.case_id == case.id, col(StepRow.position) < position)
    return set(ctx.session.exec(query.where(col(StepRow.by).in_(("reviewer", "policy", "approver")))))


def finish_steps(ctx: Context, case: CaseRow, outcome: str, text: str) -> None:
    """End every step that is left, because the department decided."""
    left = select(StepRow).where(StepRow.case_id == case.id, col(StepRow.state).in_(("open", "waiting")))
    for row in ctx.session.exec(left):
        was_open = row.state == "open"
        row.state = "done" if row.by == "department" or was_open else "skipped"
        row.started_at = row.started_at or ctx.clock.now()
        row.done_at, row.done_by, row.outcome = ctx.clock.now(), ctx.actor.id, outcome
        row.reason = text if was_open else ""
    case.step, case.step_by, case.step_line = "", "", ""


def drop_steps(ctx: Context, case: CaseRow, reason: str) -> None:
    """End what is left because the case leaves without a decision."""
    left = select(StepRow).where(StepRow.case_id == case.id, col(StepRow.state).in_(("open", "waiting")))
    for row in ctx.session.exec(left):
        row.state, row.reason = "skipped", reason if row.state == "open" else ""
    case.step, case.step_by, case.step_line = "", "", ""


def advance_to(ctx: Context, case: CaseRow, item: ItemManifest, key: str) -> StepRow | None:
    """Let a department's word move a case on to one of its own later steps; gives that step, None when it is not."""
    row = open_step(ctx, case)
    target = next((number for number, step in enumerate(item.steps) if step.key == key), None)
    if row is None or target is None or row.by != "department" or target <= row.position:
        return None
    if any(step.by != "department" for step in item.steps[row.position : target + 1]):
        return None
    while row is not None and row.position < target:
        close_step(ctx, case, item, row, "passed", "")
        ctx.session.flush()
        row = open_step(ctx, case)
    return row


def reopen_last(ctx: Context, case: CaseRow, item: ItemManifest) -> StepRow | None:
    """Open the last step behind the table that people of ours took, else the department's last; for a reopened case."""
    query = select(StepRow).where(StepRow.case_id == case.id).order_by(col(StepRow.position).desc())
    rows = list(ctx.session.exec(query))
    ours = [row for row in rows if row.by in ("reviewer", "policy", "approver") and row.done_at]
    row = next(iter(ours), None) or next((row for row in rows if row.by == "department"), None)
    if row is None:
        return None
    row.done_at, row.done_by, row.outcome, row.reason, row.found, row.due_on = None, "", "", "", None, None
    _open(ctx, case, row, item.steps[row.position], load_calendar(ctx.session))
    for later in rows:
        if later.position > row.position:
            later.state, later.outcome, later.reason, later.found = "waiting", "", "", None
            later.started_at = later.done_at = later.due_on = None
            later.done_by = ""
    return row
