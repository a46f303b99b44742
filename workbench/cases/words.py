"""The words of a case: its states, and every kind of event of its timeline, in both languages."""

from collections.abc import Mapping
from typing import Any

#: state -> (中文, English); the same words as on its tag.
STATES: Mapping[str, tuple[str, str]] = {
    "draft": ("草稿", "Draft"),
    "accepted": ("已受理", "Accepted"),
    "refused": ("不予受理", "Not accepted"),
    "correction": ("待补正", "Correction needed"),
    "reviewing": ("审核中", "In review"),
    "suspended": ("已挂起", "Clock stopped"),
    "decided": ("已决定", "Decided"),
    "concluded": ("已办结", "Concluded"),
    "delivered": ("已送达", "Handed over"),
    "archived": ("已归档", "Archived"),
    "withdrawn": ("已撤回", "Withdrawn"),
    "returned": ("已退回", "Returned"),
    "voided": ("已作废", "Voided"),
}

#: kind of event -> (中文, English, tone, icon).
KINDS: Mapping[str, tuple[str, str, str, str]] = {
    "accept": ("受理", "Accepted", "blue", "circle-check"),
    "refuse_acceptance": ("不予受理", "Not accepted", "grey", "ban"),
    "discard": ("表单作废", "Form given up", "grey", "trash-2"),
    "start_review": ("进入审核", "Review began", "blue", "eye"),
    "pass_step": ("环节办理", "Step taken", "blue", "stamp"),
    "ask_correction": ("要求补正", "Correction asked for", "orange", "undo-2"),
    "department_correction": ("部门要求补正", "The department asks for a correction", "orange", "undo-2"),
    "supply": ("已补正", "Correction supplied", "blue", "upload"),
    "take_correction": ("采纳别处的更正", "Correction made elsewhere taken over", "blue", "check"),
    "decline_correction": ("未采纳别处的更正", "Correction made elsewhere declined", "grey", "ban"),
    "suspend": ("停止计时", "Clock stopped", "orange", "circle-pause"),
    "department_suspend": ("部门停止计时", "The department stopped the clock", "orange", "circle-pause"),
    "resume": ("恢复计时", "Clock started again", "blue", "history"),
    "resume_by_itself": ("自动恢复计时", "Clock started again by itself", "blue", "history"),
    "pause_for_step": ("评定期间停止计时", "Clock stopped for an assessment", "orange", "circle-pause"),
    "cover_begins": ("顶岗开始", "Cover began", "blue", "users"),
    "cover_ends": ("顶岗结束", "Cover ended", "blue", "users"),
    "call": ("顶岗登记并联系承办人", "Written down for the owner", "orange", "phone"),
    "call_answered": ("承办人答复", "The owner answered", "blue", "phone"),
    "reassigned": ("改派", "Given to another worker", "blue", "users"),
    "due_moved": ("办结期限变动", "The due day moved", "orange", "clock"),
    "extension_asked": ("申请延期", "More days asked for", "orange", "clock"),
    "extension_approved": ("批准延期", "More days approved", "blue", "check"),
    "extension_refused": ("不批准延期", "More days refused", "orange", "x"),
    "urge": ("催办", "Urged", "orange", "triangle-alert"),
    "supervise": ("督办", "Supervised", "orange-full", "triangle-alert"),
    "urging_answered": ("答复催办", "Urging answered", "blue", "check"),
    "grant_here": ("准予并办结", "Granted and concluded", "blue-full", "check"),
    "deny_here": ("不予办理", "Refused", "orange-full", "circle-x"),
    "void": ("作废", "Voided", "grey", "trash-2"),
    "close_unanswered": ("逾期未补正，退回", "Closed: nothing was supplied", "grey", "ban"),
    "reopen": ("重新办理", "Taken up again", "orange", "history"),
    "appeal": ("登记申诉", "Appeal noted", "orange", "gavel"),
    "appeal_settled": ("申诉已了结", "Appeal settled", "blue", "check"),
    "erased": ("期满删除内容", "Content erased", "grey", "trash-2"),
    "sent_home": ("转居民所在地站点办理", "Sent to the home hub", "blue", "send"),
    "papers_sent": ("纸质材料已移交", "Papers handed over", "blue", "send"),
    "papers_received": ("纸质材料已签收", "Papers received", "blue", "inbox"),
    "printed": ("打印文书", "Document printed", "grey", "printer"),
    "sealed": ("盖章", "Sealed", "blue", "stamp"),
    "grant": ("部门准予", "The department granted it", "blue-full", "check"),
    "deny": ("部门不予办理", "The department refused it", "orange-full", "circle-x"),
    "hand_over_result": ("结果已交给居民", "Result handed to the resident", "blue-full", "package-check"),
    "archive": ("归档", "Archived", "grey", "archive"),
    "withdraw": ("居民撤回", "Withdrawn by the resident", "grey", "undo-2"),
    "return": ("退回", "Returned", "orange", "undo-2"),
    "department_accepted": ("部门已收件", "The department has taken it", "blue", "landmark"),
    "progress": ("部门进度", "Progress at the department", "blue", "landmark"),
    "consulted": ("协查结果", "Answer of a consulted platform", "grey", "search"),
    "screen_number": ("部门页面带回编号", "Number from the department's screen", "blue", "external-link"),
    "late_answer": ("迟到的答复", "Answer that came late", "orange", "clock"),
}
#: Where a term of retention is said.
TERMS_SAID: Mapping[str, tuple[str, str]] = {
    "sourced": ("事项规定", "rule of the item"),
    "typical": ("事项通常期限", "usual for the item"),
    "place": ("本地规定", "rule of the place"),
    "usual": ("通常期限，未设规定", "usual; no rule is set"),
}
UNKNOWN = ("其他事件", "Another event", "grey", "circle")

#: What a department's message says, where the event alone does not tell.
STATUSES: Mapping[str, tuple[str, str]] = {
    "accepted": ("已收件", "taken"),
    "progress": ("办理中", "in progress"),
    "correction": ("要求补正", "correction asked for"),
    "rejected": ("退回", "sent back"),
    "suspended": ("停止计时", "clock stopped"),
    "granted": ("准予", "granted"),
    "refused": ("不予办理", "refused"),
}
OPINIONS: Mapping[str, tuple[str, str]] = {
    "agree": ("同意", "Agreed"),
    "disagree": ("不同意", "Disagreed"),
    "passed": ("已办", "Taken"),
    "granted": ("准予", "Granted"),
    "refused": ("不予办理", "Refused"),
}
ROLES: Mapping[str, tuple[str, str]] = {
    "applicant": ("申请人", "applicant"),
    "worker": ("经办社工", "worker"),
    "reviewer": ("审核人", "reviewer"),
    "policy": ("政策岗", "policy post"),
    "approver": ("审批人", "approver"),
    "department": ("部门", "department"),
}

#: What moved a due day.
CAUSES: Mapping[str, tuple[str, str]] = {
    "resumed": ("停止计时的时间不计入", "Time that stood still is not counted"),
    "extended": ("批准延期", "More days were approved"),
    "calendar": ("节假日安排变更", "The working calendar changed"),
    "reopened": ("办结后的时间不计入", "Time after it was closed is not counted"),
}


def state_words(state: str) -> tuple[str, str]:
    """Give the words of a state; one nobody knows is given as it is."""
    return STATES.get(state, (state, state))


def event_text(detail: Mapping[str, Any]) -> tuple[str, str]:
    """Give the sentence below an event's title: opinion, reason, the department's words and number."""
    said = str(detail.get("reason") or detail.get("text") or "")
    zh, en = [said] if said else [], [said] if said else []
    if known := OPINIONS.get(str(detail.get("outcome", ""))) or STATUSES.get(str(detail.get("status", ""))):
        zh.insert(0, known[0])
        en.insert(0, known[1])
    if detail.get("rejected"):
        zh.insert(0, "材料被退回")
        en.insert(0, "It was sent back")
    if cause := CAUSES.get(str(detail.get("cause", ""))):
        zh.insert(0, f"{cause[0]}：{detail.get('was') or '—'} → {detail.get('now') or '—'}")
        en.insert(0, f"{cause[1]}: {detail.get('was') or '—'} → {detail.get('now') or '—'}")
    if colleague := detail.get("colleague"):
        when = detail.get("when")
        zh.append(f"{colleague} → {detail.get('cover') or '无人顶岗'}" + (f"（{when}）" if when else ""))
        en.append(f"{colleague} → {detail.get('cover') or 'nobody'}" + (f" ({when})" if when else ""))
    if rule := detail.get("rule"):
        rule_zh, rule_en = term_words(str(rule))
        zh.insert(0, rule_zh)
        en.insert(0, rule_en)
    if until := detail.get("until"):
        zh.append(f"至 {until}")
        en.append(f"until {until}")
    if reply_by := detail.get("reply_by"):
        zh.append(f"请于 {reply_by} 前补正")
        en.append(f"to be answered by {reply_by}")
    if reference := detail.get("reference"):
        zh.append(f"编号 {reference}")
        en.append(f"number {reference}")
    return "；".join(zh), "; ".join(en)


def term_words(text: str) -> tuple[str, str]:
    """Say the rule under which something is kept, written as "years|where that is said|its words"."""
    years, said, basis = [*text.split("|", 2), "", ""][:3]
    zh, en = TERMS_SAID.get(said, TERMS_SAID["usual"])
    words = (f"：{basis}", f": {basis}") if basis else ("", "")
    return f"办结后保管 {years} 年（{zh}{words[0]}）", f"kept for {years} years ({en}{words[1]})"
