"""What happens next with a case and who has to act, in one plain sentence for every state it can be in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ..delivery.standing import Standing
from ..store.clock import local
from .models import CaseRow
from .words import ROLES

Level = Literal["info", "warn", "stop"]


@dataclass(frozen=True, slots=True)
class NextStep:
    """One sentence and who acts; `who` is "" when nobody has to."""

    level: Level
    zh: str
    en: str
    who_zh: str = ""
    who_en: str = ""


WORKER = ROLES["worker"]
NOTHING = ("无需您操作。", "Nothing for you to do.")
#: state -> level, sentence in both languages, who acts; for states that say it all.
BY_STATE: dict[str, tuple[Level, str, str, tuple[str, str]]] = {
    "draft": (
        "info",
        "表单还没有受理。填完后核对并受理。",
        "The form is not accepted yet: complete it, check it and accept.",
        WORKER,
    ),
    "correction": (
        "warn",
        "请联系居民，按上面的说明补正后重新提交。补正期间停止计时。",
        "Tell the resident, correct what is asked for and submit again. The clock stands still meanwhile.",
        WORKER,
    ),
    "suspended": (
        "warn",
        "停止计时，等待恢复。事由见办理过程。",
        "The clock stands still until it is started again. The reason stands in the timeline.",
        ("审核人或部门", "the reviewer or the department"),
    ),
    "decided": ("info", "已作决定，等待办结。", "Decided; to be concluded.", ROLES["department"]),
    "delivered": ("info", "结果已交给居民。可以归档。", "The result was handed over. It can be archived.", WORKER),
    "archived": ("info", "已归档，没有后续。", "Archived; nothing follows.", ("", "")),
    "withdrawn": ("info", "居民已撤回，没有后续。", "Withdrawn by the resident; nothing follows.", ("", "")),
    "returned": ("info", "已退回居民，没有后续。", "Returned to the resident; nothing follows.", ("", "")),
    "refused": ("info", "不予受理，没有后续。", "Not accepted; nothing follows.", ("", "")),
    "voided": ("info", "表单已作废，没有后续。", "The form was given up; nothing follows.", ("", "")),
}  # fmt: skip


def next_step(case: CaseRow, deliveries: Sequence[Standing]) -> NextStep:
    """Say what happens next; what stops a delivery of an open case comes before everything else."""
    if case.erased_at is not None:
        return NextStep("info", "内容已到期删除，没有后续。", "Its content was erased; nothing follows.")
    if case.state in ("accepted", "reviewing", "correction", "suspended"):
        stopped = next((d for d in deliveries if d.needs_person), None)
        if stopped is not None and case.state != "correction":
            # Typing a matter into their screen is the ordinary way of some platforms, not trouble.
            level: Level = "warn" if stopped.reason == "rekey" else "stop"
            return NextStep(level, stopped.text_zh, stopped.text_en, stopped.who_zh, stopped.who_en)
    if case.state in BY_STATE:
        level, zh, en, who = BY_STATE[case.state]
        return NextStep(level, zh, en, *who)
    if case.state == "concluded":
        return _concluded(case)
    return _under_way(case, deliveries)


def _concluded(case: CaseRow) -> NextStep:
    if case.result == "granted":
        return NextStep("info", "部门已准予。请把结果交给居民。", "Granted. Hand the result to the resident.", *WORKER)
    zh = "部门不予办理。请告知居民理由和救济途径，然后交付结果。"
    en = "The department refused it. Tell the resident why and how to appeal, then hand over the result."
    return NextStep("warn", zh, en, *WORKER)


def _under_way(case: CaseRow, deliveries: Sequence[Standing]) -> NextStep:
    held_up = next((d for d in deliveries if d.is_held_up), None)
    if held_up is not None:
        return _held_up(held_up)
    if case.step_by in ("reviewer", "policy", "approver"):
        role = ROLES[case.step_by]
        zh, en = f"等待{role[0]}办理本环节。", f"Waiting for the {role[1]} to take this step."
        return NextStep("info", zh, en, role[0], f"the {role[1]}")
    moving = next((d for d in deliveries if d.state in ("waiting", "sending")), None)
    if moving is not None:
        zh, en = f"正在报送到{moving.name_zh}。{NOTHING[0]}", f"On its way to {moving.name_en}. {NOTHING[1]}"
        return NextStep("info", zh, en, "系统", "the workbench")
    by_hand = next((d for d in deliveries if d.by_hand == "decision"), None)
    if by_hand is not None:
        zh = f"部门在{by_hand.name_zh}中办理。请查看该系统，并把部门的决定记录在下面。"
        en = f"The department handles it in {by_hand.name_en}. Look there, and write down below what it decided."
        return NextStep("info", zh, en, *WORKER)
    who = ROLES["department"]
    return NextStep(
        "info", f"等待部门办理。{NOTHING[0]}", f"Waiting for the department. {NOTHING[1]}", who[0], "the department"
    )


def _held_up(delivery: Standing) -> NextStep:
    since, at = _time(delivery.trouble_since), _time(delivery.next_try)
    zh = f"{delivery.name_zh}{f'自 {since} 起' if since else ''}没有回应；系统会自动重新报送"
    en = f"{delivery.name_en} does not answer{f' since {since}' if since else ''}; it is sent again by itself"
    zh, en = (f"{zh}，下次 {at}。", f"{en}, next try {at}.") if at else (f"{zh}。", f"{en}.")
    return NextStep("warn", zh + NOTHING[0], f"{en} {NOTHING[1]}", "系统", "the workbench")


def _time(moment: datetime | None) -> str:
    return f"{local(moment):%m-%d %H:%M}" if moment else ""
