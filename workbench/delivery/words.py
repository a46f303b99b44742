"""Says in both languages where a delivery stands: what is going on, and who has to act.

Every state and every reason has its words; the sentence of a reason follows that of the state.
"""

from dataclasses import dataclass

#: (中文, English, who acts 中文, who acts English); {platform} and {reference} are filled in.
STATE_WORDS: dict[str, tuple[str, str, str, str]] = {
    "waiting": (
        "等待报送到{platform}，系统会自动送出。",
        "Waiting to be sent to {platform}; this happens by itself.",
        "系统",
        "the workbench",
    ),
    "sending": ("正在报送到{platform}。", "Being sent to {platform}.", "系统", "the workbench"),
    "sent": (
        "已送达{platform}，等待对方给出编号。",
        "{platform} has taken it; its number is still to come.",
        "部门",
        "the department",
    ),
    "accepted": (
        "{platform}已收件，编号{reference}，等待办理结果。",
        "{platform} has it under number {reference}; its decision is awaited.",
        "部门",
        "the department",
    ),
    "done": ("{platform}已办结，编号{reference}。", "{platform} has granted it, number {reference}.", "", ""),
    "refused": (
        "{platform}不予办理或退回。",
        "{platform} refused it or sent it back.",
        "经办社工",
        "the worker of this case",
    ),
    "needs-people": (
        "报送停下，需要人处理。",
        "Delivery has stopped; a person is needed.",
        "站点管理员",
        "the hub admin",
    ),
    "parked": ("报送已搁置。", "Delivery is set aside.", "站点管理员", "the hub admin"),
}
REASON_WORDS: dict[str, tuple[str, str, str, str]] = {
    "": ("", "", "", ""),
    "try-later": (
        "上次没有送成，稍后自动重试。",
        "The last try failed; the next one comes by itself.",
        "系统",
        "the workbench",
    ),
    "platform-down": (
        "对方平台暂时连不上，恢复后按受理先后自动送出。",
        "The platform cannot be reached; it will be sent in order of accept once it is back.",
        "部门",
        "the department",
    ),
    "credentials": (
        "对方平台不认账号或密钥，更新后自动送出。",
        "The platform does not accept our credentials; it goes out once they are renewed.",
        "系统管理员",
        "the system admin",
    ),
    "settings": (
        "平台设置不全或有误，改好后自动送出。",
        "The platform's settings are incomplete or wrong; it goes out once they are corrected.",
        "系统管理员",
        "the system admin",
    ),
    "broken-promise": (
        "对方平台的回答不合约定，须由平台负责人查明后再送。",
        "The platform answered in a way its protocol does not allow; its owner looks into it, then it is sent again.",
        "平台负责人",
        "the platform's owner",
    ),
    "outcome-unknown": (
        "是否送达无法确定。请到对方系统查找，再选“已送达”或“未送达”。",
        "It is not known whether it arrived. Look in the department's system, then say arrived or not arrived.",
        "经办社工",
        "the worker of this case",
    ),
    "rekey": (
        "对方系统没有接口，请按顺序录入，并填回对方编号。",
        "This system has no interface: type it in, in order, and enter the number it gives.",
        "经办社工",
        "the worker of this case",
    ),
    "adapter-missing": (
        "对接程序缺失或损坏，装好后自动送出。",
        "The program for this platform is missing or broken; it goes out once that is installed.",
        "系统管理员",
        "the system admin",
    ),
    "held": (
        "有人要求暂不送出，放行后送出。",
        "Somebody asked to hold it; it goes out once released.",
        "站点管理员",
        "the hub admin",
    ),
    "refused": (
        "请看对方的说明，补正后重新提交。",
        "Read what the department says, correct it and submit again.",
        "经办社工",
        "the worker of this case",
    ),
}


@dataclass(frozen=True, slots=True)
class Words:
    """Where a delivery stands, told to a worker."""

    text_zh: str
    text_en: str
    who_zh: str  # who has to act; "" = nobody
    who_en: str


def tell(
    state: str, reason: str, *, platform_zh: str, platform_en: str, reference: str = "", closed_reason: str = ""
) -> Words:
    """Say where a delivery stands. `closed_reason` is the platform's, when nothing is sent there now."""
    if state == "waiting" and closed_reason:
        reason = closed_reason
    state_zh, state_en, *who_by_state = STATE_WORDS[state]
    reason_zh, reason_en, *who_by_reason = REASON_WORDS[reason]
    who_zh, who_en = who_by_reason if any(who_by_reason) else who_by_state
    zh = (state_zh + reason_zh).format(platform=platform_zh, reference=reference or "（未给）")
    en = f"{state_en} {reason_en}".strip().format(platform=platform_en, reference=reference or "(none given)")
    return Words(zh, en, who_zh, who_en)
