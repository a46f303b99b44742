"""The accounts of the people who work here: add, deactivate, new password, system admin.

Passwords arrive as hashes: how they are hashed and how sessions end is the identity room's.
A hub admin may change only accounts whose rights stay within the hub; others are a system admin's.
"""

import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlmodel import Session, col, or_, select

from ..store.context import Context
from ..store.ids import new_id
from ..store.problems import Problem
from .models import GrantRow, WorkerRow

USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,31}")
#: Without letters and digits that are mistaken for one another on paper.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
#: How long a password that an admin gave lets its worker in before they choose their own.
GIVEN_LASTS = timedelta(days=7)


def new_password() -> str:
    """Make an initial password, to be shown once: four groups of four, about 79 bits."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))


def name_workers(session: Session, ids: Iterable[str]) -> dict[str, str]:
    """Give the names of some workers by id, also of those who have left."""
    return dict(session.exec(select(WorkerRow.id, WorkerRow.name).where(col(WorkerRow.id).in_(list(ids)))).all())


def add_worker(ctx: Context, username: str, name: str, password_hash: str) -> WorkerRow:
    """Add an account without any role; raises Problem beside `username` or `name`."""
    username, name = username.strip().lower(), name.strip()
    if not name:
        raise Problem("name_missing", "请填写姓名。", "Enter the name.", field="name")
    if not USERNAME.fullmatch(username):
        zh = "用户名为 2 至 32 位小写字母、数字、点、横线或下划线，以字母开头。"
        en = "Use 2 to 32 small letters, digits, dots, dashes or underscores, starting with a letter."
        raise Problem("username_wrong", zh, en, field="username")
    if ctx.session.exec(select(WorkerRow.id).where(WorkerRow.username == username)).first():
        zh, en = "该用户名已被使用，请换一个。", "This username is taken. Choose another."
        raise Problem("username_taken", zh, en, field="username")
    row = WorkerRow(
        id=new_id(), username=username, name=name[:64], password_hash=password_hash, created_at=ctx.clock.now(),
        password_ends_at=ctx.clock.now() + GIVEN_LASTS,
    )  # fmt: skip
    ctx.session.add(row)
    ctx.session.flush()
    return row


def find_worker(session: Session, worker_id: str) -> WorkerRow | None:
    """Find an account by its id."""
    return session.get(WorkerRow, worker_id)


def deactivate_worker(ctx: Context, worker_id: str) -> WorkerRow:
    """Close an account: it can no longer sign in; what it did stays under its name. Safe twice."""
    row = _account(ctx, worker_id)
    if row.id == ctx.actor.id:
        zh, en = "不能停用自己的账号，请由其他管理员操作。", "You cannot deactivate yourself. Ask another admin."
        raise Problem("own_account", zh, en)
    row.is_active = False
    return row


def activate_worker(ctx: Context, worker_id: str) -> WorkerRow:
    """Open a closed account again with the roles that still run. Safe twice."""
    row = _account(ctx, worker_id)
    row.is_active = True
    return row


def set_password(ctx: Context, worker_id: str, password_hash: str) -> WorkerRow:
    """Replace the password; the caller ends the worker's sessions."""
    row = _account(ctx, worker_id)
    row.password_hash, row.password_ends_at = password_hash, ctx.clock.now() + GIVEN_LASTS
    return row


def make_system_admin(ctx: Context, worker_id: str) -> WorkerRow:
    """Make a worker a system admin; only a system admin can. Safe twice."""
    row = _for_system_admin(ctx, worker_id)
    row.is_system_admin = True
    return row


def unmake_system_admin(ctx: Context, worker_id: str) -> WorkerRow:
    """Take the right of a system admin away; only another system admin can, so one always stays. Safe twice."""
    row = _for_system_admin(ctx, worker_id)
    if row.id == ctx.actor.id:
        zh = "不能取消自己的系统管理员权限，请由另一位系统管理员操作。"
        en = "You cannot take your own last admin right. Ask another system admin."
        raise Problem("own_admin_right", zh, en)
    row.is_system_admin = False
    return row


def rights_changed() -> Problem:
    """Say that whoever acts has lost the right to do so while they did."""
    zh, en = "您自己的权限刚刚已被更改，请刷新。", "Your own rights were changed a moment ago. Reload the page."
    return Problem("rights_changed", zh, en)


def may_change_account(ctx: Context, worker: WorkerRow) -> bool:
    """Tell whether the actor may close this account or give it a new password."""
    if ctx.actor.is_system_admin:
        return True
    return not worker.is_system_admin and not _holds_elsewhere(ctx.session, worker.id, ctx.hub.id, ctx.clock.now())


def _account(ctx: Context, worker_id: str) -> WorkerRow:
    found = _locked(ctx, worker_id)
    row, own = found.get(worker_id), found.get(ctx.actor.id)
    if row is None:
        raise Problem("worker_unknown", "没有这个账号。", "There is no such account.")
    if own is not None and (not own.is_active or own.is_system_admin != ctx.actor.is_system_admin):
        raise rights_changed()
    if not may_change_account(ctx, row):
        zh = "此账号在其他站点也有权限，只有系统管理员能更改。"
        en = "This account holds rights beyond this hub; only a system admin can change it."
        raise Problem("account_beyond_hub", zh, en)
    return row


def _locked(ctx: Context, worker_id: str) -> dict[str, WorkerRow]:
    """Lock an account with the actor's own, in one order: of two admins who close each other's, one stays."""
    query = select(WorkerRow).where(col(WorkerRow.id).in_((worker_id, ctx.actor.id))).order_by(col(WorkerRow.id))
    return {row.id: row for row in ctx.session.exec(query.with_for_update(key_share=True))}


def _for_system_admin(ctx: Context, worker_id: str) -> WorkerRow:
    if not ctx.actor.is_system_admin:
        zh, en = "只有系统管理员能设置系统管理员。", "Only a system admin can make or unmake system admins."
        raise Problem("system_admin_only", zh, en)
    return _account(ctx, worker_id)


def _holds_elsewhere(session: Session, worker_id: str, hub_id: str, now: datetime) -> bool:
    """Tell whether a worker holds a role at another hub, now or from a later day."""
    running = or_(col(GrantRow.valid_to).is_(None), col(GrantRow.valid_to) > now)
    query = select(GrantRow.id).where(GrantRow.worker_id == worker_id, GrantRow.hub_id != hub_id, running)
    return session.exec(query.limit(1)).first() is not None
