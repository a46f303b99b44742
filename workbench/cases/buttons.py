"""The buttons a worker has on a case as it stands, and what the form beside them asks for."""

from typing import Any

from ..api.manifest import ItemManifest
from ..identity.may import may
from ..store.context import Context
from ..web.language import _, bilingual
from .advance import decided_here, step_of
from .models import CaseRow
from .moves import OPEN_STATES, moves_open_to
from .step_kinds import wanted_for
from .steps import STEP_VERBS

#: Moves drawn as buttons with a reason, in this order; the others of transitions.toml have their own pages.
BUTTONS = (
    "ask_correction", "resume", "suspend", "close_unanswered", "return", "withdraw",
    "hand_over_result", "archive", "reopen", "void",
)  # fmt: skip
BEHIND_THE_TABLE = ("reviewer", "policy", "approver")
AFTER_A_DECISION = ("concluded", "delivered", "archived", "refused", "returned")


def actions(ctx: Context, case: CaseRow, item: ItemManifest | None) -> list[dict[str, Any]]:
    """Give the buttons this worker has on this case as it stands."""
    open_ = {move.action for move in moves_open_to(ctx, case)}
    words = {
        "ask_correction": (_("Ask for a correction"), "", "undo-2"),
        "suspend": (_("Stop the clock"), "quiet", "circle-pause"),
        "resume": (_("Start the clock again"), "primary", "history"),
        "close_unanswered": (_("Close: nothing was supplied"), "warning", "ban"),
        "return": (_("Return to the resident"), "warning", "undo-2"),
        "withdraw": (_("The resident withdraws"), "warning", "undo-2"),
        "hand_over_result": (_("Result handed to the resident"), "primary", "package-check"),
        "archive": (_("Archive"), "", "archive"),
        "reopen": (_("Take it up again"), "quiet", "history"),
        "void": (_("Void it"), "quiet", "trash-2"),
    }
    drawn = []
    if may_pass(ctx, case, item):
        drawn.append(_button("agree", _("Agree"), "primary", "check", "a"))
        drawn.append(_button("disagree", _("Disagree"), "", "x", "r"))
    if may_decide_here(ctx, case, item):
        drawn.append(_button("grant_here", _("Grant and conclude"), "primary", "check", "a"))
        drawn.append(_button("deny_here", _("Refuse"), "warning", "x", "r"))
    drawn += [_button(name, *words[name]) for name in BUTTONS if name in open_]
    if case.state in AFTER_A_DECISION and case.erased_at is None and may(ctx.actor, "correct", case.line_id):
        drawn.append(_button("appeal", _("Note an appeal"), "quiet", "gavel"))
    return drawn


def _button(name: str, text: str, kind: str, icon: str, key: str = "") -> dict[str, Any]:
    return {"name": name, "text": text, "kind": kind, "icon": icon, "key": key}


def may_pass(ctx: Context, case: CaseRow, item: ItemManifest | None) -> bool:
    """Tell whether the open step is for this worker's role; a step that stopped the clock itself can be taken."""
    if case.step_by not in BEHIND_THE_TABLE or item is None or case.state not in OPEN_STATES:
        return False
    step = step_of(case, item)
    if case.state == "correction" or (case.state == "suspended" and (step is None or not step.pauses)):
        return False
    return may(ctx.actor, STEP_VERBS[case.step_by], case.step_line or case.line_id)


def may_decide_here(ctx: Context, case: CaseRow, item: ItemManifest | None) -> bool:
    """Tell whether this worker may conclude the case at the table."""
    if item is None or not decided_here(item) or case.state not in ("accepted", "reviewing"):
        return False
    return case.step_by not in BEHIND_THE_TABLE and may(ctx.actor, "accept", case.line_id)


def asked_beside(case: CaseRow, item: ItemManifest | None, names: set[str]) -> list[dict[str, Any]]:
    """List the fields beside the reason: what the open step asks for, days of a correction, end of a stop."""
    found = []
    step = step_of(case, item) if item and "agree" in names else None
    for one in wanted_for(step) if step else ():
        hint = bilingual(one.hint_zh, one.hint_en)
        found.append({"name": one.key, "label": bilingual(one.zh, one.en), "type": one.type, "hint": hint})
    if "ask_correction" in names:
        hint = _("Only for a correction: working days to answer.")
        found.append({"name": "days", "label": _("Days to answer"), "type": "number", "hint": hint})
    if "suspend" in names:
        hint = _("Only for stopping the clock; left empty, somebody has to start it again.")
        found.append({"name": "until", "label": _("Stands still until"), "type": "date", "hint": hint})
    return found
