"""What reviewers and approvers do with a case: pass its step, send it back for correction, suspend, resume, return."""

from sqlmodel import select

from ..api.manifest import ItemManifest
from ..delivery.decide import hold
from ..delivery.models import DeliveryRow
from ..host.discover import Installed
from ..store.context import Context
from .models import CaseRow
from .moves import make_move, refuse_stale
from .send import send
from .steps import pass_step
from .suspend import resume, suspend


def decide_step(
    ctx: Context,
    installed: Installed,
    case: CaseRow,
    item: ItemManifest,
    *,
    agree: bool,
    reason: str,
    seen_version: int | None = None,
) -> None:
    """Pass the open in-house step for or against, with a reason, and send what is due after it.

    Against still goes to the department, as the hub's opinion: the department decides (domain A4.2).
    """
    refuse_stale(case, seen_version)
    outcome = "agree" if agree else "disagree"
    passed = pass_step(ctx, case, item, reason, outcome)
    make_move(ctx, case, "pass_step", reason=reason, step=passed.key, outcome=outcome)
    if passed.deliveries:
        send(ctx, installed, case, item, passed.deliveries, {"opinion": outcome, "opinion_text": reason})


def ask_correction(
    ctx: Context, case: CaseRow, *, reason: str, field: str = "", seen_version: int | None = None
) -> None:
    """Send a case back to the table for correction; its clock stands still until papers are supplied."""
    refuse_stale(case, seen_version)
    make_move(ctx, case, "ask_correction", reason=reason, field=field)
    suspend(ctx, case, "correction", reason)


def suspend_case(ctx: Context, case: CaseRow, *, reason: str, seen_version: int | None = None) -> None:
    """Stop the clock for a special procedure."""
    refuse_stale(case, seen_version)
    make_move(ctx, case, "suspend", reason=reason)
    suspend(ctx, case, "special_procedure", reason)


def resume_case(ctx: Context, case: CaseRow, *, reason: str, seen_version: int | None = None) -> None:
    """Start the clock again."""
    refuse_stale(case, seen_version)
    make_move(ctx, case, "resume", reason=reason)
    resume(ctx, case)


def end_case(ctx: Context, case: CaseRow, action: str, *, reason: str = "", seen_version: int | None = None) -> None:
    """Withdraw, return, hand over or archive a case."""
    refuse_stale(case, seen_version)
    make_move(ctx, case, action, reason=reason)
    if action in ("withdraw", "return"):
        case.concluded_at = ctx.clock.now()
        _hold_what_waits(ctx, case)


def _hold_what_waits(ctx: Context, case: CaseRow) -> None:
    """Keep back what was not sent yet; what a department already has is for its own withdrawal."""
    waiting = select(DeliveryRow.id).where(DeliveryRow.case_id == case.id, DeliveryRow.state == "waiting")
    for delivery_id in ctx.session.exec(waiting).all():
        hold(ctx, delivery_id, "withdrawn" if case.state == "withdrawn" else "returned")
