"""The roles workers hold at a hub: give one for all lines or one, for good or for a span of days; take it back.

A role that ended keeps its row: who could do what, when and why can always be told.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlmodel import Session, col, func, or_, select

from ..hubs.lock import lock_hub
from ..store.clock import SHANGHAI
from ..store.context import SYSTEM, Context
from ..store.problems import Problem
from .models import KINDS, ROLES, GrantRow, WorkerRow
from .workers import rights_changed


@dataclass(frozen=True, slots=True)
class RoleHeld:
    """One role of one worker, as lists show it."""

    id: int
    worker_id: str
    hub_id: str
    role: str
    line_id: str
    valid_from: datetime
    valid_to: datetime | None
    kind: str
    reason: str
    granted_by: str  # name of whoever gave it

    def is_valid(self, now: datetime) -> bool:
        """Tell whether it counts at a time."""
        return self.valid_from <= now and (self.valid_to is None or self.valid_to > now)

    def is_over(self, now: datetime) -> bool:
        """Tell whether it has ended."""
        return self.valid_to is not None and self.valid_to <= now


@dataclass(frozen=True, slots=True)
class Span:
    """From the first day to the last, both counted; None means from now, or for good."""

    first: date | None = None
    last: date | None = None
    #: Why it is for a time: "cover", "secondment" or "temporary".
    kind: str = "temporary"


def give_role(
    ctx: Context, worker_id: str, role: str, *, line_id: str = "", span: Span | None = None, reason: str = ""
) -> GrantRow:
    """Give a role at the context's hub; raises Problem beside `role`, `last_day` or `reason`. Safe twice."""
    span, now = span or Span(), ctx.clock.now()
    refuse_wrong_role(ctx, worker_id, role, line_id)
    starts = max(_start_of(span.first), now) if span.first else now
    ends = _start_of(span.last + timedelta(days=1)) if span.last else None
    if ends is not None and ends <= starts:
        zh, en = "最后一天早于第一天或已过去，请更正。", "The last day is before the first or already over. Correct it."
        raise Problem("span_wrong", zh, en, field="last_day")
    if ends is not None and not reason.strip():
        zh, en = "临时岗位请写明原因，例如“顶班”。", "Say why the role is for a time, such as cover for leave."
        raise Problem("reason_missing", zh, en, field="reason")
    if span.kind not in KINDS[1:]:
        raise Problem("kind_unknown", "请选择临时授权的种类。", "Choose why the role is for a time.", field="kind")
    row = GrantRow(
        worker_id=worker_id,
        hub_id=ctx.hub.id,
        role=role,
        line_id=line_id,
        valid_from=starts,
        valid_to=ends,
        kind=span.kind if ends else "standing",
        reason=reason.strip()[:200],
        granted_by=ctx.actor.id,
    )
    lock_hub(ctx)  # of two presses the second finds what the first gave
    if given := _given_already(ctx, row):
        return given
    ctx.session.add(row)
    ctx.session.flush()
    return row


def take_role(ctx: Context, grant_id: int) -> GrantRow:
    """End a role at the context's hub now. Safe twice; an admin always stays, also where two take each other's right.

    Raises Problem for one's own last right of an admin, and where one's own right was taken a moment ago.
    """
    lock_hub(ctx)
    row = ctx.session.get(GrantRow, grant_id, with_for_update=True)
    if row is None or row.hub_id != ctx.hub.id:
        raise Problem("grant_unknown", "没有这个岗位授权。", "There is no such role to take back.")
    now = ctx.clock.now()
    if row.valid_to is not None and row.valid_to <= now:
        return row
    if row.role == "hub_admin" and not _is_admin_still(ctx, now):
        raise rights_changed()
    if row.worker_id == ctx.actor.id and row.role == "hub_admin" and not _stays_admin(ctx, row, now):
        zh = "不能取消自己最后的管理权限，请由其他管理员操作。"
        en = "You cannot take your own last admin right. Ask another admin."
        raise Problem("own_admin_right", zh, en)
    row.valid_to = now
    return row


def list_roles(session: Session, worker_ids: list[str]) -> list[RoleHeld]:
    """List every role some workers hold or held, at any hub, newest first, in one statement."""
    given_by = select(WorkerRow.name).where(WorkerRow.id == GrantRow.granted_by).scalar_subquery()
    g = GrantRow
    who_gave = func.coalesce(given_by, "")
    query = (
        select(  # type: ignore[call-overload]  # SQLModel types only four columns
            g.id, g.worker_id, g.hub_id, g.role, g.line_id, g.valid_from, g.valid_to, g.kind, g.reason,
            who_gave,
        )
        .where(col(g.worker_id).in_(worker_ids))
        .order_by(col(g.id).desc())
    )  # fmt: skip
    return [RoleHeld(*row) for row in session.exec(query)]


def list_workers(session: Session, hub_id: str, *, with_all_admins: bool = False) -> list[WorkerRow]:
    """List the workers who hold or held a role at a hub, by name; with the system admins and those without any role."""
    here = col(WorkerRow.id).in_(select(GrantRow.worker_id).where(GrantRow.hub_id == hub_id))
    roleless = col(WorkerRow.id).not_in(select(GrantRow.worker_id))
    wanted = or_(here, col(WorkerRow.is_system_admin), roleless) if with_all_admins else here
    order = (col(WorkerRow.is_active).desc(), col(WorkerRow.name), col(WorkerRow.id))
    return list(session.exec(select(WorkerRow).where(wanted).order_by(*order)))


def refuse_wrong_role(ctx: Context, worker_id: str, role: str, line_id: str) -> None:
    """Refuse a role for oneself, one that does not exist, and a hub admin of one line; raises Problem."""
    if worker_id == ctx.actor.id:
        zh, en = "不能给自己授予岗位，请由其他管理员操作。", "You cannot give yourself a role. Ask another admin."
        raise Problem("own_role", zh, en, field="role")
    if role not in ROLES:
        raise Problem("role_unknown", "请选择岗位。", "Choose a role.", field="role")
    if role == "hub_admin" and line_id:
        zh, en = "站点管理员不分条线，请选择“全部条线”。", "A hub admin is for all lines. Choose all lines."
        raise Problem("role_not_for_a_line", zh, en, field="line")


def _given_already(ctx: Context, asked: GrantRow) -> GrantRow | None:
    """Find the same role that runs already, for as long and for the same reason."""
    query = select(GrantRow).where(GrantRow.worker_id == asked.worker_id, GrantRow.hub_id == asked.hub_id)
    same = ("role", "line_id", "valid_to", "kind", "reason")
    for row in ctx.session.exec(query.where(GrantRow.role == asked.role)):
        if row.valid_from <= asked.valid_from and all(getattr(row, key) == getattr(asked, key) for key in same):
            return row
    return None


def _is_admin_still(ctx: Context, now: datetime) -> bool:
    if ctx.actor.is_system_admin or ctx.actor.id == SYSTEM.id:
        return True
    return any(row.valid_to is None or row.valid_to > now for row in _admin_rights(ctx, ctx.actor.id, now))


def _stays_admin(ctx: Context, ended: GrantRow, now: datetime) -> bool:
    if ctx.actor.is_system_admin:
        return True
    return any(row.valid_to is None and row.id != ended.id for row in _admin_rights(ctx, ended.worker_id, now))


def _admin_rights(ctx: Context, worker_id: str, now: datetime) -> list[GrantRow]:
    """List a worker's rights of an admin at the context's hub that have begun, also those that are over."""
    query = select(GrantRow).where(GrantRow.worker_id == worker_id, GrantRow.hub_id == ctx.hub.id)
    return [row for row in ctx.session.exec(query.where(GrantRow.role == "hub_admin")) if row.valid_from <= now]


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)
