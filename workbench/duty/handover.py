"""What goes from hand to hand with a cover: notes, papers in hand, calls to whoever is away, and what happened.

A cover with unread notes or uncounted papers is not taken: nothing of its work can be settled before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from ..cases.models import CaseEventRow, CaseRow
from ..cases.moves import note_event
from ..identity.audit import record
from ..staff.cover_models import NOTES, AbsenceRow, CallRow, CoverRow, HandoverRow
from ..store.context import Context
from ..store.ids import new_id
from ..store.problems import Problem

#: Most lines of what happened that one page shows.
MOST = 300


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of what happened to somebody's cases while they were away."""

    case_id: str
    case_no: str
    title_zh: str
    title_en: str
    at: datetime
    kind: str
    actor_name: str
    detail: Mapping[str, Any]


def hand_over(ctx: Context, absence: AbsenceRow, kind: str, line_ids: list[str], text: str) -> None:
    """Write down a note or a paper in hand for whoever covers these lines; the same once.

    The worker who goes away writes it.
    """
    if absence.worker_id != ctx.actor.id:
        zh, en = "交接事项由缺勤人本人填写。", "Whoever goes away writes the hand-over."
        raise Problem("may_not", zh, en, field="text")
    if kind not in NOTES or not line_ids:
        raise Problem("line_missing", "请选择条线。", "Choose a line.", field="line")
    if not text.strip():
        raise Problem("text_missing", "请写明交接内容。", "Say what is handed over.", field="text")
    words = text.strip()[:2000]
    told = {row.line_id for row in handovers(ctx, absence.id) if (row.kind, row.text) == (kind, words)}
    line_ids = [line_id for line_id in line_ids if line_id not in told]
    if not line_ids:
        return
    about: dict[str, Any] = {
        "kind": kind,
        "text": words,
        "given_at": ctx.clock.now(),
        "given_by": ctx.actor.id,
    }
    for line_id in line_ids:
        ctx.session.add(HandoverRow(id=new_id(), absence_id=absence.id, line_id=line_id, **about))
    record(ctx, "handover.write", subject=f"absence:{absence.id}", detail={"kind": kind, "lines": line_ids})


def take_over(ctx: Context, cover: CoverRow, counted: Mapping[str, str], remarks: Mapping[str, str]) -> None:
    """Confirm that notes are read and each paper is here, or missing with a remark. Safe twice; raises Problem."""
    if cover.to_id != ctx.actor.id:
        raise Problem("may_not", "请由顶岗人本人确认。", "Whoever covers confirms it.")
    now = ctx.clock.now()
    for row in handovers(ctx, cover.absence_id, cover.line_id):
        if row.kind == "paper" and row.state != "returned":
            _count(row, counted.get(row.id, ""), remarks.get(row.id, ""))
        if row.kind == "note":
            row.state = "received"
        row.settled_at, row.settled_by, row.settled_name = now, ctx.actor.id, ctx.actor.name
    cover.taken_at = now
    record(ctx, "cover.take", subject=f"cover:{cover.id}")


def _count(row: HandoverRow, state: str, remark: str) -> None:
    if state not in ("received", "missing"):
        zh, en = "请逐件清点：已收到或未收到。", "Count each paper: here or missing."
        raise Problem("not_counted", zh, en, field=f"paper-{row.id}")
    if state == "missing" and not remark.strip():
        zh, en = "未收到的请写明情况。", "Say what is the matter with a missing paper."
        raise Problem("remark_missing", zh, en, field=f"remark-{row.id}")
    row.state, row.remark = state, remark.strip()[:500] or None


def give_back(ctx: Context, absence: AbsenceRow) -> None:
    """Confirm that one is back, has read what happened and has one's papers again. Safe twice."""
    if absence.worker_id != ctx.actor.id:
        raise Problem("may_not", "请由返岗人本人确认。", "Whoever is back confirms it.")
    if absence.ends_at > ctx.clock.now():
        raise Problem("still_away", "缺勤尚未结束。", "The absence is not over.")
    if absence.read_at is not None:
        return
    for row in handovers(ctx, absence.id):
        if row.kind == "paper" and row.state == "received":
            row.state = "returned"
    absence.read_at = ctx.clock.now()
    record(ctx, "absence.read", subject=f"absence:{absence.id}")


def call(ctx: Context, case: CaseRow, cover: CoverRow, text: str) -> CallRow:
    """Write down what whoever is away has to know or decide; it waits on their home page. Raises Problem."""
    if cover.to_id != ctx.actor.id or cover.from_id != case.owner_id:
        raise Problem("may_not", "请由顶岗人登记。", "Whoever covers writes it down.")
    if not text.strip():
        raise Problem("text_missing", "请写明需联系的事项。", "Say what the call is about.", field="text")
    row = CallRow(
        id=new_id(), case_id=case.id, hub_id=case.hub_id, cover_id=cover.id, to_id=cover.from_id,
        text=text.strip()[:2000], by_id=ctx.actor.id, by_name=ctx.actor.name, at=ctx.clock.now(),
    )  # fmt: skip
    ctx.session.add(row)
    note_event(ctx, case, "call", text=row.text)
    case.version += 1
    return row


def answer_call(ctx: Context, row: CallRow, case: CaseRow, text: str) -> None:
    """Answer a call, from away or back again. Raises Problem."""
    if row.to_id != ctx.actor.id or row.answered_at is not None:
        raise Problem("nothing_waits", "没有待您答复的联系事项。", "No call waits for your answer.")
    if not text.strip():
        raise Problem("text_missing", "请写明答复内容。", "Write the answer.", field=f"answer-{row.id}")
    row.answer, row.answered_at = text.strip()[:2000], ctx.clock.now()
    note_event(ctx, case, "call_answered", text=row.answer)
    case.version += 1


def handovers(ctx: Context, absence_id: str, line_id: str = "") -> list[HandoverRow]:
    """List notes and papers of an absence, of one line or of all, papers last."""
    query = select(HandoverRow).where(HandoverRow.absence_id == absence_id)
    if line_id:
        query = query.where(HandoverRow.line_id == line_id)
    return list(ctx.session.exec(query.order_by(HandoverRow.kind, HandoverRow.id)))


def calls_to(ctx: Context, worker_id: str) -> list[tuple[CallRow, CaseRow]]:
    """List the calls that wait for somebody's answer, the oldest first. One query."""
    query = select(CallRow, CaseRow).join(CaseRow, col(CaseRow.id) == CallRow.case_id)
    query = query.where(CallRow.to_id == worker_id, CallRow.hub_id == ctx.hub.id, col(CallRow.answered_at).is_(None))
    return list(ctx.session.exec(query.order_by(col(CallRow.at)).limit(MOST)).all())


def what_happened(ctx: Context, absence: AbsenceRow) -> list[Happened]:
    """List what happened to somebody's cases while they were away, the newest first. One query."""
    columns = (
        col(CaseRow.id), col(CaseRow.case_no), col(CaseRow.title_zh), col(CaseRow.title_en),
        col(CaseEventRow.at), col(CaseEventRow.kind), col(CaseEventRow.actor_name), col(CaseEventRow.detail),
    )  # fmt: skip
    query = select(*columns).join(CaseRow, col(CaseRow.id) == col(CaseEventRow.case_id))  # type: ignore[call-overload]
    query = query.where(col(CaseRow.owner_id) == absence.worker_id, col(CaseRow.hub_id) == absence.hub_id)
    query = query.where(col(CaseEventRow.kind).not_in(("cover_begins", "cover_ends")))
    query = query.where(col(CaseEventRow.at) >= absence.starts_at, col(CaseEventRow.at) < absence.ends_at)
    order = (col(CaseEventRow.at).desc(), col(CaseEventRow.id).desc())
    return [Happened(*row) for row in ctx.session.exec(query.order_by(*order).limit(MOST))]
