"""The buttons of a case's page: each name leads to one verb; who may and when is the verbs' to say."""

from ..api.manifest import ItemManifest
from ..host.discover import Installed
from ..store.context import Context
from ..store.problems import Problem
from .models import CaseRow
from .review import ask_correction, decide_step, end_case, resume_case, suspend_case

OPINIONS = ("agree", "disagree")
ENDS = ("withdraw", "return", "hand_over_result", "archive")
ACTIONS = (*OPINIONS, "ask_correction", "suspend", "resume", *ENDS)


def act(
    ctx: Context,
    installed: Installed,
    case: CaseRow,
    item: ItemManifest | None,
    action: str,
    *,
    reason: str,
    field: str,
    seen_version: int,
) -> None:
    """Do what a button says; raises Problem, beside `reason` where that is missing."""
    if action in OPINIONS:
        decide_step(
            ctx,
            installed,
            case,
            _known(item),
            agree=action == "agree",
            reason=_stated(reason),
            seen_version=seen_version,
        )
    elif action == "ask_correction":
        ask_correction(ctx, case, reason=reason, field=field, seen_version=seen_version)
    elif action == "suspend":
        suspend_case(ctx, case, reason=reason, seen_version=seen_version)
    elif action == "resume":
        resume_case(ctx, case, reason=reason, seen_version=seen_version)
    elif action in ENDS:
        end_case(ctx, case, action, reason=reason, seen_version=seen_version)
    else:
        raise Problem("no_such_action", "没有这个操作，请刷新页面。", "There is no such action; reload the page.")


def _known(item: ItemManifest | None) -> ItemManifest:
    if item is None:
        zh, en = (
            "找不到此办件受理时的事项版本，请联系系统管理员。",
            "The item this case was accepted under is missing; tell the system admin.",
        )
        raise Problem("item_missing", zh, en)
    return item


def _stated(reason: str) -> str:
    """An opinion needs its reason before anything else is asked."""
    if not reason.strip():
        raise Problem("reason_missing", "请写明理由。", "State the reason.", field="reason")
    return reason.strip()
