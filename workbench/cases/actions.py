"""The buttons of a case's page: each name leads to one verb; who may and when is the verbs' to say."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ..api.manifest import ItemManifest
from ..host.discover import Installed
from ..store.context import Context
from ..store.problems import Problem
from .held import refuse_untaken
from .models import CaseRow
from .moves import refuse_erased
from .review import (
    ask_correction,
    decide_here,
    decide_step,
    end_case,
    note_appeal,
    reopen,
    resume_case,
    suspend_case,
)

OPINIONS = ("agree", "disagree")
HERE = ("grant_here", "deny_here")
ENDS = ("withdraw", "return", "void", "close_unanswered", "hand_over_result", "archive")
ACTIONS = (*OPINIONS, *HERE, "ask_correction", "suspend", "resume", *ENDS, "reopen", "appeal")


@dataclass(frozen=True, slots=True)
class Said:
    """What stood in the form when a button was pressed."""

    reason: str = ""
    field: str = ""
    days: str = ""
    until: str = ""
    found: Mapping[str, str] | None = None


def act(
    ctx: Context,
    installed: Installed,
    case: CaseRow,
    item: ItemManifest | None,
    action: str,
    *,
    said: Said,
    seen_version: int,
) -> None:
    """Do what a button says; raises Problem, beside `reason` where that is missing, Problems beside the fields."""
    refuse_erased(case)
    refuse_untaken(ctx, case)
    reason = said.reason
    if action in OPINIONS:
        words, agree = _stated(reason), action == "agree"
        decide_step(
            ctx, installed, case, _known(item), agree=agree, reason=words, found=said.found, seen_version=seen_version
        )
    elif action in HERE:
        decide_here(ctx, case, _known(item), granted=action == "grant_here", reason=reason)
    elif action == "ask_correction":
        days = _days(said.days)
        ask_correction(ctx, case, reason=reason, field=said.field, days=days, seen_version=seen_version)
    elif action == "suspend":
        suspend_case(ctx, case, reason=reason, until=_day(said.until), seen_version=seen_version)
    elif action == "resume":
        resume_case(ctx, case, reason=reason, seen_version=seen_version)
    elif action in ENDS:
        end_case(ctx, case, action, reason=reason, seen_version=seen_version)
    elif action == "reopen":
        reopen(ctx, case, _known(item), reason=reason)
    elif action == "appeal":
        note_appeal(ctx, case, reason)
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


def _days(text: str) -> int | None:
    if not text.strip():
        return None
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 90):
        raise Problem("days_wrong", "请填写 1 至 90 的天数。", "Enter 1 to 90 days.", field="days")
    return int(text)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text.strip() else None
    except ValueError:
        zh, en = "请按 2026-11-22 的格式填写日期。", "Write the day as 2026-11-22."
        raise Problem("day_wrong", zh, en, field="until") from None
