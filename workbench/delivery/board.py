"""The platform board, ready for a page: how every installed platform is, what waits for it, what to do meanwhile."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from ..host.discover import Installed, Platform
from .health import PlatformState, platform_states

#: Why nothing is sent to a closed platform -> its words.
CLOSED = {
    "platform-down": ("连不上", "cannot be reached"),
    "credentials": ("不认账号或密钥", "does not accept our credentials"),
    "settings": ("设置不全或有误", "settings are incomplete or wrong"),
    "broken-promise": ("回答不合约定", "answers in a way its protocol does not allow"),
}
RESTORED = (
    "刚恢复过备份，暂停报送；照常受理。比对账目后由管理员确认再放行。",
    "A backup was put back, so nothing is sent. Accept as usual; an admin lets it go on after comparing the books.",
)
AS_USUAL = ("照常受理，会自动报送。", "Accept as usual; it will be delivered.")
NO_PROGRAM = ("对接程序不能用，请联系系统管理员。", "Its program cannot be used; tell the system admin.")


@dataclass(frozen=True, slots=True)
class BoardLine:
    """One platform on the board."""

    id: str
    name_zh: str
    name_en: str
    department: str
    health: str
    since: datetime | None
    why_zh: str
    why_en: str
    detail: str
    depth: int
    needs_people: int
    oldest: datetime | None
    next_look: datetime | None
    is_paused: bool
    advice_zh: str
    advice_en: str


def read_board(session: Session, installed: Installed) -> list[BoardLine]:
    """Read how all platforms are, the sick ones first. One query."""
    known = {state.platform_id: state for state in platform_states(session)}
    ids = dict.fromkeys([*(platform.id for platform in installed.platforms), *known])
    lines = [_line(platform_id, installed.platform(platform_id), known.get(platform_id)) for platform_id in ids]
    order = {"down": 0, "unconfigured": 1, "degraded": 2, "unknown": 3, "up": 4}
    return sorted(lines, key=lambda line: (order.get(line.health, 3), line.id))


def _line(platform_id: str, platform: Platform | None, state: PlatformState | None) -> BoardLine:
    manifest = platform.manifest if platform and platform.state == "ready" else None
    advice = _advice(manifest is not None, state)
    if manifest is not None and state is not None and state.health in ("down", "unconfigured", "degraded"):
        advice = manifest.advice_zh or advice[0], manifest.advice_en or advice[1]
    why = CLOSED.get(state.closed_reason, ("", "")) if state and state.is_closed else ("", "")
    return BoardLine(
        id=platform_id,
        name_zh=manifest.name_zh if manifest else platform_id,
        name_en=manifest.name_en if manifest else platform_id,
        department=manifest.department if manifest else "",
        health=state.health if state else "unknown",
        since=state.since if state else None,
        why_zh=why[0],
        why_en=why[1],
        detail=(state.detail or state.collect_detail) if state else "",
        depth=state.depth if state else 0,
        needs_people=state.needs_people if state else 0,
        oldest=state.oldest if state else None,
        next_look=state.next_look if state else None,
        is_paused=bool(state and state.is_paused),
        advice_zh=advice[0],
        advice_en=advice[1],
    )


def _advice(is_usable: bool, state: PlatformState | None) -> tuple[str, str]:
    if not is_usable:
        return NO_PROGRAM
    if state is not None and state.is_paused and state.paused_why == "restored":
        return RESTORED
    if state is not None and state.is_paused:
        return (
            "管理员已暂停报送；照常受理，恢复后自动送出。",
            "An admin paused it. Accept as usual; it goes out once resumed.",
        )
    return AS_USUAL
