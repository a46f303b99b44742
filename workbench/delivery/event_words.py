"""The words of a delivery's events, in both languages: what it became, and what people said when they moved it."""

from collections.abc import Mapping

#: state -> (中文, English, tone, icon).
EVENTS: Mapping[str, tuple[str, str, str, str]] = {
    "waiting": ("等待报送", "waiting to be sent", "grey", "hourglass"),
    "sending": ("正在报送", "being sent", "blue", "send"),
    "sent": ("已送达，等待编号", "taken, its number is to come", "blue", "send"),
    "accepted": ("已收件", "received", "blue", "circle-check"),
    "done": ("已办结", "granted", "blue-full", "check"),
    "refused": ("不予办理或退回", "refused or sent back", "orange-full", "ban"),
    "needs-people": ("报送停下，需要人处理", "stopped, a person is needed", "orange-full", "hand-helping"),
    "parked": ("已搁置", "set aside", "orange", "pause"),
}
#: How the texts begin that the workbench itself writes beside a move, and what they are in Chinese.
OWN_TEXTS: Mapping[str, str] = {
    "typed into the department's screen": "已录入对方系统",
    "found at the department": "在对方系统中查到",
    "not at the department": "在对方系统中没有查到，再次报送",
    "released": "放行",
    "sent again": "再次报送",
    "rerouted": "改由另一平台报送",
    "its worker process ended": "报送进程中断，先向对方查询再报送",
    "late answer": "迟到的答复",
    "the answer was lost": "对方的答复丢失，且无法向对方查询",
}


def event_words(state: str) -> tuple[str, str, str, str]:
    """Give title, tone and icon of what a delivery became."""
    return EVENTS.get(state, (state, state, "grey", "circle"))


def said(text: str) -> tuple[str, str]:
    """Give the text of an event in both languages; the words of a department or a person stay theirs."""
    for begins, zh in OWN_TEXTS.items():
        if text.startswith(begins):
            return zh, text[0].upper() + text[1:]
    return text, text
