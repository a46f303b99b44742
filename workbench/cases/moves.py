"""Which moves exist between the states of a case, read from transitions.toml, and making one of them.

Every move is guarded by the version the mover saw: two workers cannot overwrite each other.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..api.manifest import Manifest
from ..identity.audit import Act, record_all
from ..identity.may import may
from ..store.context import Context
from ..store.problems import Problem
from ..store.rows import add
from .models import CaseEventRow, CaseRow
from .words import state_words

OPEN_STATES = ("accepted", "correction", "reviewing", "suspended", "decided")
#: Place in `session.info` of the timeline lines that wait to be written together.
GATHERED = "workbench.cases.events"
CLOSED_STATES = ("refused", "concluded", "delivered", "archived", "withdrawn", "returned", "voided")


class Move(Manifest):
    """One line of transitions.toml."""

    action: str
    from_: tuple[str, ...]
    to: str
    by: str
    needs_reason: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One line of one case's timeline."""

    case_id: str
    person_id: str
    detail: Mapping[str, Any]

    def said(self) -> dict[str, Any]:
        """Give the detail without what is empty."""
        return {key: value for key, value in self.detail.items() if value not in ("", None)}


@cache
def load_moves() -> Mapping[str, Move]:
    """Read the moves."""
    text = Path(__file__).with_name("transitions.toml").read_text("utf-8")
    rows = ({"from_": row.pop("from"), **row} for row in tomllib.loads(text)["move"])
    return {move.action: move for move in map(Move.model_validate, rows)}


def moves_open_to(ctx: Context, case: CaseRow) -> list[Move]:
    """List the moves this worker may make with a case as it stands."""
    if case.erased_at is not None:
        return []
    return [m for m in load_moves().values() if case.state in m.from_ and may(ctx.actor, m.by, case.line_id)]


def make_move(ctx: Context, case: CaseRow, action: str, *, reason: str = "", **detail: Any) -> None:
    """Move a case; raises Problem when the state, the right or the reason is missing. Not for departments' moves."""
    move = refuse_unless_allowed(ctx, action, case.line_id)
    if move.needs_reason and not reason.strip():
        raise Problem("reason_missing", "请写明理由。", "State the reason.", field="reason")
    force_move(ctx, case, action, reason=reason.strip(), **detail)


def refuse_unless_allowed(ctx: Context, action: str, line_id: str) -> Move:
    """Give a move; raises Problem when this worker may not make it with a case of the line."""
    move = load_moves()[action]
    if not may(ctx.actor, move.by, line_id):
        raise Problem("may_not", "您的岗位不能进行此操作。", "Your role does not include this action.")
    return move


def force_move(ctx: Context, case: CaseRow, action: str, **detail: Any) -> None:
    """Move a case for a department or the system: only the state is asked."""
    move = load_moves()[action]
    refuse_erased(case)
    if case.state not in move.from_:
        words = state_words(case.state)
        zh = f"办件已是“{words[0]}”状态，不能再进行此操作；请刷新后查看最新进度。"
        en = f"The case stands at “{words[1]}” and cannot be moved this way; reload to see where it stands."
        raise Problem("wrong_state", zh, en)
    note_event(ctx, case, action, before=case.state, **detail)
    case.state = move.to
    case.updated_at = ctx.clock.now()
    case.version += 1


def refuse_erased(case: CaseRow | Any) -> None:
    """Raise Problem when the content of a case was erased: there is nothing left to go on with."""
    if case.erased_at is not None:
        zh = "此办件保管期满，内容已删除，不能再办理；请为居民新开办件。"
        en = "The content of this case was erased when its term had run out. Open a new case for the resident."
        raise Problem("erased", zh, en)


def note_event(ctx: Context, case: CaseRow, kind: str, **detail: Any) -> None:
    """Write one line of the timeline, and of the audit when a person acted."""
    note_events(ctx, kind, [Event(case.id, case.person_id, detail)])


def note_events(ctx: Context, kind: str, events: Sequence[Event]) -> None:
    """Write the same kind of line into the timelines of several cases, and into the audit when a person acted."""
    about = {"kind": kind, "at": ctx.clock.now(), "actor_id": ctx.actor.id, "actor_name": ctx.actor.name}
    lines = [{"case_id": one.case_id, "detail": one.said(), **about} for one in events]
    gathered: list[dict[str, Any]] | None = ctx.session.info.get(GATHERED)
    if gathered is None:
        add(ctx.session, CaseEventRow, lines)
    else:
        gathered += lines
    if ctx.actor.id != "system":
        acts = [Act(f"case.{kind}", person_id=one.person_id, subject=f"case:{one.case_id}") for one in events]
        record_all(ctx, acts)


@contextmanager
def gathered_events(ctx: Context) -> Iterator[None]:
    """Write the timeline lines of this block together at its end, in their order; nothing of them when it raises."""
    lines = ctx.session.info[GATHERED] = []
    try:
        yield
    finally:
        del ctx.session.info[GATHERED]
    add(ctx.session, CaseEventRow, lines)


def refuse_stale(case: CaseRow, seen_version: int | None) -> None:
    """Raise Problem when the case changed since its page was shown."""
    if seen_version is not None and case.version != seen_version:
        zh = "这件办件刚刚被他人更新；请查看最新内容后再操作，您填写的内容已保留。"
        en = "Somebody else has just changed this case. Look at it as it stands now; what you typed is kept."
        raise Problem("stale", zh, en)
