"""What reviewers and approvers do with a case: pass its step, send it back for correction, suspend, resume, return."""

from collections.abc import Mapping
from datetime import date

from sqlmodel import col, select

from ..api.manifest import ItemManifest
from ..delivery.decide import hold
from ..delivery.models import DeliveryRow
from ..host.discover import Installed
from ..identity.may import may
from ..store.clock import local
from ..store.context import Context
from ..store.problems import Problem
from .advance import conclude_here, decided_here, settle_step, wake_for_step
from .limits import kept_item
from .models import CaseRow
from .moves import force_move, make_move, note_event, refuse_stale
from .recount import recount
from .send import send
from .steps import drop_steps, pass_step, reopen_last
from .suspend import reply_day, resume, suspend

#: Ways out before a decision: what waits is held back, the steps are dropped.
LEAVING = ("withdraw", "return", "void", "close_unanswered")


def decide_step(
    ctx: Context,
    installed: Installed,
    case: CaseRow,
    item: ItemManifest,
    *,
    agree: bool,
    reason: str,
    found: Mapping[str, str] | None = None,
    seen_version: int | None = None,
) -> None:
    """Pass the open in-house step for or against, with a reason, and send what is due after it.

    Against still goes to the department, as the hub's opinion: the department decides (domain A4.2).
    """
    refuse_stale(case, seen_version)
    outcome = "agree" if agree else "disagree"
    if not reason.strip():
        raise Problem("reason_missing", "请写明理由。", "State the reason.", field="reason")
    wake_for_step(ctx, case, item)
    passed = pass_step(ctx, case, item, reason, outcome, found=found)
    # Whose step it is was asked there: a policy post, or another line's people in a cross-line check.
    force_move(ctx, case, "pass_step", reason=reason.strip(), step=passed.key, outcome=outcome)
    if passed.deliveries:
        send(ctx, installed, case, item, passed.deliveries, {"opinion": outcome, "opinion_text": reason})
    if not case.step and decided_here(item):
        conclude_here(ctx, case, granted=agree, reason=reason)
    else:
        settle_step(ctx, case, item)


def ask_correction(
    ctx: Context,
    case: CaseRow,
    *,
    reason: str,
    field: str = "",
    days: int | None = None,
    seen_version: int | None = None,
) -> None:
    """Send a case back to the table for correction, to be answered within so many working days.

    Its clock stands still until papers are supplied.
    """
    refuse_stale(case, seen_version)
    item = kept_item(ctx, case)
    reply_by = reply_day(ctx, days or (item.correction_days if item else None))
    make_move(ctx, case, "ask_correction", reason=reason, field=field, reply_by=reply_by.isoformat())
    suspend(ctx, case, "correction", reason, reply_by=reply_by)


def suspend_case(
    ctx: Context, case: CaseRow, *, reason: str, until: date | None = None, seen_version: int | None = None
) -> None:
    """Stop the clock for a special procedure; after `until` it starts again by itself."""
    refuse_stale(case, seen_version)
    make_move(ctx, case, "suspend", reason=reason, until=until.isoformat() if until else "")
    suspend(ctx, case, "special_procedure", reason, until=until)


def resume_case(ctx: Context, case: CaseRow, *, reason: str, seen_version: int | None = None) -> None:
    """Start the clock again."""
    refuse_stale(case, seen_version)
    make_move(ctx, case, "resume", reason=reason)
    resume(ctx, case)


def end_case(ctx: Context, case: CaseRow, action: str, *, reason: str = "", seen_version: int | None = None) -> None:
    """Withdraw, return, void, hand over or archive a case."""
    refuse_stale(case, seen_version)
    make_move(ctx, case, action, reason=reason)
    if action in LEAVING:
        case.concluded_at = ctx.clock.now()
        resume(ctx, case)
        drop_steps(ctx, case, reason)
        _hold_what_waits(ctx, case)


def _hold_what_waits(ctx: Context, case: CaseRow) -> None:
    """Keep back what was not sent yet; what is under way, or at a department, is for its own withdrawal."""
    waiting = select(DeliveryRow.id).where(DeliveryRow.case_id == case.id, DeliveryRow.state == "waiting")
    waiting = waiting.order_by(col(DeliveryRow.id)).with_for_update()  # nobody begins to send what is chosen here
    for delivery_id in ctx.session.exec(waiting).all():
        hold(ctx, delivery_id, "withdrawn" if case.state == "withdrawn" else "returned")


def decide_here(ctx: Context, case: CaseRow, item: ItemManifest, *, granted: bool, reason: str) -> None:
    """Conclude at the table what no department decides (即办件); raises Problem when it is not for the table to say."""
    if not decided_here(item) or case.step_by in ("reviewer", "policy", "approver"):
        zh, en = "此办件不由窗口作出决定。", "This case is not decided at the table."
        raise Problem("not_decided_here", zh, en)
    if not may(ctx.actor, "accept", case.line_id):
        raise Problem("may_not", "您的岗位不能进行此操作。", "Your role does not include this action.")
    if not granted and not reason.strip():
        raise Problem("reason_missing", "请写明理由。", "State the reason.", field="reason")
    conclude_here(ctx, case, granted=granted, reason=reason.strip())


def reopen(ctx: Context, case: CaseRow, item: ItemManifest, *, reason: str) -> None:
    """Take a closed case up again; the time it was closed is not counted. Its step is the last one of ours."""
    closed = local(case.concluded_at).date() if case.concluded_at else ctx.clock.today()
    make_move(ctx, case, "reopen", reason=reason, result=case.result)
    case.result = case.result_text = ""
    case.concluded_at = None
    reopen_last(ctx, case, item)
    row = suspend(ctx, case, "reopened", reason)
    row.from_day, row.to_day = closed, ctx.clock.today()
    recount(ctx, case, "reopened", reason=reason)


def note_appeal(ctx: Context, case: CaseRow, text: str) -> None:
    """Write down that the resident appeals; the case itself does not move."""
    if case.state not in ("concluded", "delivered", "archived", "refused", "returned", "voided"):
        raise Problem("wrong_state", "尚无决定，不能登记申诉。", "There is no decision yet to appeal against.")
    if not may(ctx.actor, "correct", case.line_id):
        raise Problem("may_not", "您的岗位不能进行此操作。", "Your role does not include this action.")
    if not text.strip():
        raise Problem("reason_missing", "请写明理由。", "State the reason.", field="reason")
    note_event(ctx, case, "appeal", text=text.strip())
    case.version += 1
