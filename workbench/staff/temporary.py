"""Roles for a time, given by whoever arranges a cover or a secondment. They end by their own date, without any job.

The right counts from the first request after its start to the last before its end, because every request
asks for the grants that are valid now.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ..store.context import Context
from ..store.problems import Problem
from .grants import refuse_wrong_role
from .models import KINDS, GrantRow

#: A right that is needed for longer is a post.
LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Term:
    """From when until when, both to the second, and why; `kind` is "cover", "secondment" or "temporary"."""

    starts: datetime
    ends: datetime
    reason: str
    kind: str = "cover"


def grant_for_a_time(ctx: Context, worker_id: str, role: str, term: Term, *, line_id: str = "") -> GrantRow:
    """Give a role at the context's hub for a term; `take_role` ends it early. Raises Problem. Twice gives it twice.

    Whoever calls it writes the act into the audit trail: `identity.temporary.grant` does both.
    """
    refuse_wrong_role(ctx, worker_id, role, line_id)
    _refuse_wrong_term(term, ctx.clock.now())
    row = GrantRow(
        worker_id=worker_id,
        hub_id=ctx.hub.id,
        role=role,
        line_id=line_id,
        valid_from=term.starts,
        valid_to=term.ends,
        kind=term.kind,
        reason=term.reason.strip()[:200],
        granted_by=ctx.actor.id,
    )
    ctx.session.add(row)
    ctx.session.flush()
    return row


def _refuse_wrong_term(term: Term, now: datetime) -> None:
    if term.ends <= term.starts or term.ends <= now:
        zh, en = "结束时间早于开始时间或已过去，请更正。", "The end is before the start or already over. Correct it."
        raise Problem("span_wrong", zh, en, field="last_day")
    if term.ends - term.starts > LONGEST:
        zh, en = "临时授权最长一年，请缩短。", "A right for a time runs a year at most. Shorten it."
        raise Problem("span_too_long", zh, en, field="last_day")
    if len(term.reason.strip()) < 2:
        zh, en = "临时岗位请写明原因，例如“顶班”。", "Say why the role is for a time, such as cover for leave."
        raise Problem("reason_missing", zh, en, field="reason")
    if term.kind not in KINDS[1:]:
        raise Problem("kind_unknown", "请选择临时授权的种类。", "Choose why the role is for a time.", field="kind")
