"""A right for a time with its evidence: the grant and the act in the trail, in one transaction."""

from ..staff.grants import take_role
from ..staff.models import GrantRow
from ..staff.temporary import Term, grant_for_a_time
from ..store.context import Context
from .audit import record


def grant(ctx: Context, worker_id: str, role: str, term: Term, *, line_id: str = "") -> GrantRow:
    """Give a role at the context's hub for a term and write it into the trail; raises Problem."""
    row = grant_for_a_time(ctx, worker_id, role, term, line_id=line_id)
    span = {"from": term.starts.isoformat(), "until": term.ends.isoformat()}
    detail = {"role": role, "line": line_id, "kind": term.kind, "grant": row.id, "span": span}
    record(ctx, "role.give", subject=f"worker:{worker_id}", purpose=row.reason, detail=detail)
    return row


def end(ctx: Context, grant_id: int) -> GrantRow:
    """End a right at the context's hub before its time; what ended already stays as it is. Raises Problem."""
    row = take_role(ctx, grant_id)
    detail = {"role": row.role, "line": row.line_id, "kind": row.kind, "grant": grant_id}
    record(ctx, "role.take", subject=f"worker:{row.worker_id}", detail=detail)
    return row
