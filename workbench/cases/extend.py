"""Extends a case's limit: one asks with a reason, another approves or refuses with one."""

from sqlmodel import col, select

from ..identity.may import may
from ..store.context import Context
from ..store.problems import Problem
from .models import CaseRow, ExtensionRow
from .moves import OPEN_STATES, note_event
from .recount import recount

MOST_DAYS = 60


def ask_extension(ctx: Context, case: CaseRow, *, days: int, reason: str) -> ExtensionRow:
    """Ask for more days; raises Problem when there is no limit to extend or another request waits."""
    _refuse_closed(case)
    if not may(ctx.actor, "review", case.line_id) and not may(ctx.actor, "correct", case.line_id):
        raise Problem("may_not", "您的岗位不能申请延期。", "Your role cannot ask for an extension.")
    if case.due_on is None:
        raise Problem("no_limit", "此办件没有时限，不需要延期。", "This case has no deadline to extend.")
    if not 1 <= days <= MOST_DAYS:
        zh, en = f"延期天数须为 1 至 {MOST_DAYS}。", f"Ask for 1 to {MOST_DAYS} days."
        raise Problem("days_wrong", zh, en, field="days")
    if not reason.strip():
        raise Problem("reason_missing", "请写明理由。", "State the reason.", field="extension_reason")
    if waiting_extension(ctx, case.id) is not None:
        raise Problem("waits", "已有一份延期申请待审批。", "A request for more days already waits to be decided.")
    row = ExtensionRow(
        case_id=case.id,
        days=days,
        reason=reason.strip(),
        asked_by=ctx.actor.id,
        asked_name=ctx.actor.name,
        asked_at=ctx.clock.now(),
    )
    ctx.session.add(row)
    note_event(ctx, case, "extension_asked", days=days, reason=row.reason)
    case.version += 1
    return row


def decide_extension(ctx: Context, case: CaseRow, *, approve: bool, words: str) -> None:
    """Approve or refuse the request that waits; whoever asked cannot decide."""
    _refuse_closed(case)
    row = waiting_extension(ctx, case.id)
    if row is None:
        raise Problem("nothing_waits", "没有待审批的延期申请。", "No request for more days waits.")
    if not may(ctx.actor, "approve", case.line_id):
        raise Problem("may_not", "延期须由审批人批准。", "An approver has to decide about an extension.")
    if row.asked_by == ctx.actor.id:
        zh, en = "申请人不能审批自己的延期申请。", "Whoever asked for the days cannot approve them."
        raise Problem("four_eyes", zh, en)
    if not words.strip():
        raise Problem("reason_missing", "请写明理由。", "State the reason.", field="decision")
    row.state = "approved" if approve else "refused"
    row.decided_by, row.decided_name, row.decided_at = ctx.actor.id, ctx.actor.name, ctx.clock.now()
    row.decision = words.strip()
    note_event(ctx, case, f"extension_{row.state}", days=row.days, reason=row.decision)
    case.version += 1
    if approve:
        recount(ctx, case, "extended", reason=row.reason)


def waiting_extension(ctx: Context, case_id: str) -> ExtensionRow | None:
    """Give the request that waits for a decision."""
    query = select(ExtensionRow).where(ExtensionRow.case_id == case_id, ExtensionRow.state == "asked")
    return ctx.session.exec(query.order_by(col(ExtensionRow.id).desc())).first()


def _refuse_closed(case: CaseRow) -> None:
    if case.state not in OPEN_STATES:
        raise Problem("wrong_state", "办件已经结束，不能延期。", "The case is over; it cannot be extended.")
