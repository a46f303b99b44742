"""Takes or dismisses what the agenda proposes; each is settled once, by somebody whose right it is, with a reason."""

from ..identity.audit import record
from ..identity.may import may
from ..store.context import Context
from ..store.problems import Problem
from .models import AgendaRow


def right_for(kind: str) -> str:
    """Name the right a proposal asks for."""
    return "policy" if kind == "sample" else "accept"


def settle(ctx: Context, row: AgendaRow, state: str, *, reason: str = "", made_case_id: str = "") -> None:
    """Settle a proposal; raises Problem when it was settled already, is not theirs, or lacks its reason."""
    if row.state != "open":
        zh, en = "这一条已由他人处理，请刷新。", "Somebody has settled this already; reload."
        raise Problem("settled", zh, en)
    if not may(ctx.actor, right_for(row.kind), row.line_id):
        raise Problem("may_not", "您的岗位不能进行此操作。", "Your role does not include this action.")
    if not reason.strip() and not made_case_id:
        raise Problem("reason_missing", "请写明理由或处理情况。", "State the reason, or what was done.", field="reason")
    row.state, row.reason, row.made_case_id = state, reason.strip()[:1000], made_case_id
    row.by_id, row.by_name, row.settled_at = ctx.actor.id, ctx.actor.name, ctx.clock.now()
    record(ctx, f"agenda.{state}", person_id=row.person_id, subject=f"agenda:{row.id}", detail={"kind": row.kind})
