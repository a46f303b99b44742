"""Urging (催办) and supervision (督办): somebody asks that a case moves, and whoever owns it answers in writing.

A colleague or an admin urges; supervision comes from an approver or the hub admin and has a shorter answer.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import col, select

from ..identity.may import may
from ..store.context import Context
from ..store.problems import Problem
from .calendar import load_calendar
from .models import CaseRow, UrgingRow
from .moves import OPEN_STATES, note_event

#: Working days until an answer is due [typical].
ANSWER_DAYS = {"urge": 3, "supervise": 1}
#: Who may press: any of these rights.
RIGHTS = {"urge": ("accept", "review", "staff"), "supervise": ("approve", "staff")}


@dataclass(frozen=True, slots=True)
class Urged:
    """One urging that waits for an answer, with the case it is about."""

    case_id: str
    case_no: str
    title_zh: str
    title_en: str
    owner_id: str
    kind: str
    text: str
    by_name: str
    at: datetime
    answer_by: date


def urge(ctx: Context, case: CaseRow, kind: str, text: str) -> UrgingRow:
    """Urge a case on; it stands until it is answered. Raises Problem."""
    if kind not in RIGHTS or not any(may(ctx.actor, verb, case.line_id) for verb in RIGHTS[kind]):
        raise Problem("may_not", "您的岗位不能进行此操作。", "Your role does not include this action.")
    if case.state not in OPEN_STATES:
        raise Problem("wrong_state", "办件已经结束，不需要催办。", "The case is over; there is nothing to urge.")
    if not text.strip():
        raise Problem("text_missing", "请写明催办内容。", "Say what is to be done.", field="urging")
    row = UrgingRow(
        case_id=case.id,
        hub_id=case.hub_id,
        kind=kind,
        text=text.strip(),
        by_id=ctx.actor.id,
        by_name=ctx.actor.name,
        at=ctx.clock.now(),
        answer_by=load_calendar(ctx.session).add(ctx.clock.today(), ANSWER_DAYS[kind]),
    )
    ctx.session.add(row)
    note_event(ctx, case, kind, text=row.text)
    case.version += 1
    return row


def answer_urging(ctx: Context, case: CaseRow, urging_id: int, text: str) -> None:
    """Answer an urging; raises Problem when it is not of this case, is answered, or the answer is empty."""
    row = ctx.session.get(UrgingRow, urging_id, with_for_update=True)
    if row is None or row.case_id != case.id or row.answered_at is not None:
        raise Problem("nothing_waits", "没有待答复的催办。", "No urging waits for an answer.")
    if row.by_id == ctx.actor.id:
        zh, en = "请由承办人答复，不能自行答复。", "Whoever takes the case answers, not whoever urged it."
        raise Problem("own_urging", zh, en)
    if not text.strip():
        raise Problem("text_missing", "请写明答复内容。", "Say what was done.", field=f"answer-{urging_id}")
    row.answer, row.answered_by, row.answered_at = text.strip(), ctx.actor.name, ctx.clock.now()
    note_event(ctx, case, "urging_answered", text=row.answer)
    case.version += 1


def urgings_of(ctx: Context, case_id: str) -> list[UrgingRow]:
    """List the urgings of a case, newest first."""
    query = select(UrgingRow).where(UrgingRow.case_id == case_id).order_by(col(UrgingRow.id).desc())
    return list(ctx.session.exec(query))


def waiting_urgings(ctx: Context, limit: int = 50) -> list[Urged]:
    """List what waits for an answer at the hub, the nearest answer first. One query."""
    columns = (
        col(CaseRow.id), col(CaseRow.case_no), col(CaseRow.title_zh), col(CaseRow.title_en), col(CaseRow.owner_id),
        col(UrgingRow.kind), col(UrgingRow.text), col(UrgingRow.by_name), col(UrgingRow.at), col(UrgingRow.answer_by),
    )  # fmt: skip
    query = select(*columns).join(CaseRow, col(CaseRow.id) == col(UrgingRow.case_id))  # type: ignore[call-overload]
    query = query.where(col(UrgingRow.hub_id) == ctx.hub.id, col(UrgingRow.answered_at).is_(None))
    return [Urged(*row) for row in ctx.session.exec(query.order_by(col(UrgingRow.answer_by)).limit(limit))]
