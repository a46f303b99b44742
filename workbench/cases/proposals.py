"""What is proposed to a case, and what its owner decides: take the value over, or decline it with a reason.

Taking changes a form that is not accepted yet; of an accepted case it makes a new frozen form beside the
old one. What was sent already is not called back: the next parcel carries the new value.
"""

from typing import Any

from sqlalchemy import bindparam, func
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from ..delivery.enqueue import store_payload
from ..delivery.models import PayloadRow
from ..identity.may import may
from ..store.context import Context
from ..store.locking import ALONE
from ..store.problems import Problem
from ..store.rows import prepare, run
from .models import CaseRow, DraftRow, ProposalRow
from .moves import note_event
from .propose import PROPOSED_TO

_NAMES = (ProposalRow.id, ProposalRow.case_id, CaseRow.case_no, CaseRow.title_zh, CaseRow.title_en)
_OPEN = prepare(
    select_columns(*(col(name) for name in _NAMES))
    .join(CaseRow, col(CaseRow.id) == col(ProposalRow.case_id))
    .where(col(ProposalRow.hub_id) == bindparam("hub"), col(ProposalRow.state) == "open")
    .where(col(CaseRow.owner_id) == bindparam("owner"), col(CaseRow.state).in_(PROPOSED_TO))
    .order_by(col(ProposalRow.made_at), col(ProposalRow.id))
    .limit(20)
)


_COUNT = prepare(
    select_columns(func.count())
    .select_from(ProposalRow)
    .where(col(ProposalRow.case_id) == bindparam("case"), col(ProposalRow.state) == "open")
)


def count_proposals_to(ctx: Context, case_id: str) -> int:
    """Count what is proposed to a case and not decided yet. One query."""
    return int(run(ctx.session, _COUNT, case=case_id).scalar_one())


def proposals_to(ctx: Context, case_id: str) -> list[ProposalRow]:
    """Give what is proposed to a case and not decided yet, the oldest first. One query."""
    query = select(ProposalRow).where(ProposalRow.case_id == case_id, ProposalRow.state == "open")
    return list(ctx.session.exec(query.order_by(col(ProposalRow.made_at), col(ProposalRow.id))))


def proposals_for(ctx: Context) -> list[Any]:
    """List what is proposed to the worker's own cases at this hub, the oldest first. One query."""
    return list(run(ctx.session, _OPEN, hub=ctx.hub.id, owner=ctx.actor.id))


def take(ctx: Context, case_id: str, proposal_id: str) -> ProposalRow:
    """Take a proposed value over; twice is safe. Raises Problem when it is no longer open or not for this worker."""
    row, case = _open(ctx, case_id, proposal_id)
    if row.state == "taken":
        return row
    _refuse_settled(row, case)
    origin = {
        "rank": row.rank,
        "source": row.source,
        "as_of": row.as_of.isoformat() if row.as_of else "",
        "held": row.value,
        "reason": row.reason,
    }
    if case.state == "draft":
        _into_draft(ctx, case, row, origin)
    else:
        _into_frozen_form(ctx, case, row, origin)
        note_event(ctx, case, "take_correction", field=row.field, reason=row.reason)
        case.version += 1
    _close(ctx, case, row, "taken", "")
    return row


def decline(ctx: Context, case_id: str, proposal_id: str, reason: str) -> ProposalRow:
    """Decline a proposed value with a reason; twice is safe. Raises Problem as `take` does."""
    row, case = _open(ctx, case_id, proposal_id)
    if row.state == "declined":
        return row
    _refuse_settled(row, case)
    if len(reason.strip()) < 2:
        raise Problem("reason_missing", "请写明不采纳的理由。", "Say why you decline it.", "reason")
    if case.state != "draft":
        note_event(ctx, case, "decline_correction", field=row.field, reason=reason.strip())
    _close(ctx, case, row, "declined", reason.strip())
    return row


def _open(ctx: Context, case_id: str, proposal_id: str) -> tuple[ProposalRow, CaseRow]:
    case = ctx.session.get(CaseRow, case_id[:26], with_for_update=ALONE)
    row = ctx.session.get(ProposalRow, proposal_id[:26], with_for_update=True)
    if case is None or case.hub_id != ctx.hub.id or row is None or row.case_id != case.id:
        zh, en = "没有这条更正建议。请刷新后重试。", "There is no such proposal. Reload and try again."
        raise Problem("no_such_proposal", zh, en)
    if case.owner_id != ctx.actor.id and not (case.state != "draft" and may(ctx.actor, "correct", case.line_id)):
        zh, en = "这件办件由他人经办，请由经办人决定。", "Somebody else owns this case; it is theirs to decide."
        raise Problem("not_yours", zh, en)
    return row, case


def _refuse_settled(row: ProposalRow, case: CaseRow) -> None:
    if row.state != "open" or case.state not in PROPOSED_TO:
        zh = "这条更正建议已处理，或办件已办结。请刷新后查看。"
        raise Problem("settled_already", zh, "This was decided already, or the case is over. Reload and look.")


def _into_draft(ctx: Context, case: CaseRow, row: ProposalRow, origin: dict[str, Any]) -> None:
    draft = ctx.session.get_one(DraftRow, case.id, with_for_update=True)
    draft.values = {**(draft.values or {}), row.field: row.value}
    draft.origins = {**(draft.origins or {}), row.field: origin}
    draft.saved_at = ctx.clock.now()
    draft.version += 1
    ctx.session.add(draft)


def _into_frozen_form(ctx: Context, case: CaseRow, row: ProposalRow, origin: dict[str, Any]) -> None:
    content = dict(ctx.session.get_one(PayloadRow, case.payload_id).content)
    content["values"] = {**(content.get("values") or {}), row.field: row.value}
    content["origins"] = {**(content.get("origins") or {}), row.field: origin}
    case.payload_id = store_payload(ctx, content, replaces=case.payload_id)


def _close(ctx: Context, case: CaseRow, row: ProposalRow, state: str, reason: str) -> None:
    row.state, row.settled_at, row.settled_by, row.settle_reason = state, ctx.clock.now(), ctx.actor.id, reason
    case.updated_at = ctx.clock.now()
    ctx.session.add_all((row, case))
