"""What follows once a case stands at another step: a pause for an assessment, its end, a decision of our own."""

from ..api.manifest import ItemManifest, ItemStep
from ..store.context import Context
from .models import CaseRow
from .moves import force_move
from .send import deciding_platform
from .steps import finish_steps
from .suspend import resume, suspend

#: Kind of the suspension that an assessing step brings.
ASSESSMENT = "assessment"


def settle_step(ctx: Context, case: CaseRow, item: ItemManifest, passed: ItemStep | None = None) -> None:
    """Stop or start the clock as the open step asks; call it whenever a case has come to another step."""
    if passed is not None and passed.pauses and case.state == "suspended":
        force_move(ctx, case, "resume_by_itself", step=passed.key)
        resume(ctx, case)
    step = step_of(case, item)
    if step is not None and step.pauses and case.state in ("accepted", "reviewing"):
        suspend(ctx, case, ASSESSMENT, step.name)
        force_move(ctx, case, "pause_for_step", step=step.key)


def step_of(case: CaseRow, item: ItemManifest) -> ItemStep | None:
    """Give the step a case stands at, as its item declares it."""
    return next((step for step in item.steps if step.key == case.step), None)


def wake_for_step(ctx: Context, case: CaseRow, item: ItemManifest) -> None:
    """Start the clock that the open step itself stopped, because that step is being taken now."""
    step = step_of(case, item)
    if case.state == "suspended" and step is not None and step.pauses:
        force_move(ctx, case, "resume_by_itself", step=step.key)
        resume(ctx, case)


def decided_here(item: ItemManifest) -> bool:
    """Tell whether no platform decides an item's cases, so that the hub itself does."""
    return not deciding_platform(item)


def conclude_here(ctx: Context, case: CaseRow, *, granted: bool, reason: str) -> None:
    """End a case whose last step of ours is passed and which no department decides."""
    case.result, case.result_text = ("granted" if granted else "refused"), reason
    case.concluded_at = ctx.clock.now()
    finish_steps(ctx, case, case.result, reason)
    force_move(ctx, case, "grant_here" if granted else "deny_here", reason=reason)
