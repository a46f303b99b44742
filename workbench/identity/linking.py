"""Which worker a provider vouches for: by a link made before, or by the rule an admin set for first sign-ons.

A system admin is never linked by a name that happens to be equal: they link themselves while signed in.
Roles that come from claims are held for as long as the provider says so; those an admin gave stay.
"""

from sqlmodel import Session, col, or_, select

from ..staff.models import GrantRow, WorkerRow
from ..staff.workers import USERNAME
from ..store.context import Context
from ..store.ids import new_id
from ..store.problems import Problem
from .audit import record
from .providers import MappedRole, mapped
from .vouched import Vouched
from .way_in_models import LinkedRow, ProviderRow


def worker_of(ctx: Context, provider: ProviderRow, vouched: Vouched) -> WorkerRow:
    """Find, link or make the worker a provider vouches for. Raises Problem when the rule allows none."""
    link = find_link(ctx.session, provider.id, vouched.subject)
    if link is not None:
        row = ctx.session.get_one(WorkerRow, link.worker_id)
    else:
        row = _by_rule(ctx, provider, vouched)
        make_link(ctx, provider.id, vouched.subject, row.id)
    if not row.is_active:
        zh, en = "此账号已停用，请联系站点管理员。", "This account is closed. Ask your hub admin."
        raise Problem("account_closed", zh, en)
    hold_roles(ctx, provider, row.id, vouched)
    return row


def find_link(session: Session, provider_id: str, subject: str) -> LinkedRow | None:
    """Find whose subject this is."""
    query = select(LinkedRow).where(LinkedRow.provider_id == provider_id, LinkedRow.subject == subject)
    return session.exec(query).first()


def links_of(session: Session, worker_id: str) -> list[LinkedRow]:
    """List the providers that vouch for a worker."""
    return list(session.exec(select(LinkedRow).where(LinkedRow.worker_id == worker_id).order_by(col(LinkedRow.id))))


def make_link(ctx: Context, provider_id: str, subject: str, worker_id: str) -> None:
    """Let a provider vouch for a worker. Raises Problem when it vouches so for another one."""
    known = find_link(ctx.session, provider_id, subject)
    if known is not None and known.worker_id != worker_id:
        zh, en = "该身份已关联另一个账号。", "This identity is linked to another account already."
        raise Problem("linked_elsewhere", zh, en)
    if known is None:
        row = LinkedRow(
            id=new_id(), provider_id=provider_id, subject=subject, worker_id=worker_id, created_at=ctx.clock.now()
        )
        ctx.session.add(row)
        ctx.session.flush()
        record(ctx, "identity.link", subject=f"worker:{worker_id}", detail={"provider": provider_id})


def remove_link(ctx: Context, link_id: str) -> None:
    """Take a link of the actor away. Safe twice."""
    row = ctx.session.get(LinkedRow, link_id)
    if row is not None and row.worker_id == ctx.actor.id:
        ctx.session.delete(row)
        record(ctx, "identity.unlink", subject=f"worker:{row.worker_id}", detail={"provider": row.provider_id})


def hold_roles(ctx: Context, provider: ProviderRow, worker_id: str, vouched: Vouched) -> None:
    """Give the roles the claims stand for, and end those the same provider gave and no longer names."""
    if not provider.roles_claim:
        return
    said = vouched.claims.get(provider.roles_claim)
    values = said if isinstance(said, list) else str(said or "").split()
    texts = (provider.role_map.get(str(value)) for value in values)
    wanted = {grant for text in texts if text and (grant := mapped(text))}
    now, by = ctx.clock.now(), f"provider:{provider.id}"
    query = select(GrantRow).where(GrantRow.worker_id == worker_id, GrantRow.granted_by == by)
    for row in ctx.session.exec(query.where(or_(col(GrantRow.valid_to).is_(None), col(GrantRow.valid_to) > now))):
        held = MappedRole(row.role, row.line_id, row.hub_id)
        if held in wanted:
            wanted.discard(held)
        else:
            row.valid_to = now
            record(ctx, "role.take", subject=f"worker:{worker_id}", detail={"role": row.role, "by": by})
    for grant in sorted(wanted, key=lambda one: (one.hub_id, one.role, one.line_id)):
        ctx.session.add(
            GrantRow(
                worker_id=worker_id, hub_id=grant.hub_id, role=grant.role, line_id=grant.line_id, valid_from=now,
                granted_by=by,
            )
        )  # fmt: skip
        record(ctx, "role.give", subject=f"worker:{worker_id}", detail={"role": grant.role, "by": by})
    ctx.session.flush()


def _by_rule(ctx: Context, provider: ProviderRow, vouched: Vouched) -> WorkerRow:
    username = str(vouched.claims.get(provider.username_claim) or "").strip().lower()
    row = ctx.session.exec(select(WorkerRow).where(WorkerRow.username == username)).first() if username else None
    if row is not None and provider.link_rule in ("link", "create") and not row.is_system_admin:
        return row
    if row is None and provider.link_rule == "create" and USERNAME.fullmatch(username):
        return _new_worker(ctx, username, str(vouched.claims.get(provider.name_claim) or username))
    zh = (
        "您的身份已确认，但尚未关联工作台账号。请站点管理员为您开通；"
        "已有账号的，请先用密码登录，再在“我的登录方式”里关联。"
    )
    en = (
        "You are who you say, but no account here is linked to you. Ask your hub admin; "
        "if you have an account, sign in with its password and link it under “My sign-on”."
    )
    raise Problem("not_linked", zh, en)


def _new_worker(ctx: Context, username: str, name: str) -> WorkerRow:
    row = WorkerRow(id=new_id(), username=username, name=name[:64], created_at=ctx.clock.now())
    ctx.session.add(row)
    ctx.session.flush()
    record(ctx, "worker.add", subject=f"worker:{row.id}")
    return row
