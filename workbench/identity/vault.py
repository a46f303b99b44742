"""The vault: accounts at platforms that know no single sign-on, of a worker or of a hub.

A secret goes in and is never shown again; only what sends to the platform takes it out, and every use is in the
trail. One that the platform refused, or that is over, is not tried again until somebody renews it.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session, col, select

from ..api.parcels import SignOn
from ..store.context import Context
from ..store.ids import new_id
from ..store.problems import Problem
from .audit import record
from .vault_models import CredentialRow

#: Days before its end in which a screen warns.
WARN = timedelta(days=14)
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Kept:
    """What may be shown of an account: everything but its secret."""

    id: str
    platform_id: str
    worker_id: str  # "" = of the hub
    username: str
    expires_on: date | None
    used_at: object
    changed_at: object
    trouble: str  # "", "soon", "over", "refused"


def keep_account(
    ctx: Context, platform_id: str, *, username: str, secret: str, expires_on: date | None, worker_id: str = ""
) -> None:
    """Keep an account of the hub, or of a worker at it; a secret left blank keeps the old one. Raises Problem."""
    username = username.strip()
    row = _find(ctx.session, platform_id, ctx.hub.id, worker_id)
    if not username or len(username) > LONGEST:
        raise Problem("username_missing", "请填写用户名。", "Enter the user name.", field="username")
    if len(secret) > LONGEST or (not secret and row is None):
        raise Problem("secret_missing", "请填写密码。", "Enter the password.", field="secret")
    if expires_on is not None and expires_on < ctx.clock.today():
        raise Problem("expires_wrong", "到期日已过，请更正。", "That day is over. Correct it.", field="expires_on")
    now = ctx.clock.now()
    if row is None:
        row = CredentialRow(
            id=new_id(), platform_id=platform_id, hub_id=ctx.hub.id, worker_id=worker_id, username=username,
            secret=secret, changed_by=ctx.actor.id, changed_at=now,
        )  # fmt: skip
    row.username, row.secret, row.expires_on = username, secret or row.secret, expires_on
    row.changed_by, row.changed_at, row.refused_at = ctx.actor.id, now, None
    ctx.session.add(row)
    ctx.session.flush()
    record(ctx, "credential.keep", subject=f"platform:{platform_id}", detail={"credential": row.id})


def forget_account(ctx: Context, account_id: str, *, worker_id: str = "") -> None:
    """Forget an account of the hub, or the worker's own. Safe twice."""
    row = ctx.session.get(CredentialRow, account_id[:26], with_for_update=True)
    if row is not None and (row.hub_id, row.worker_id) == (ctx.hub.id, worker_id):
        ctx.session.delete(row)
        record(ctx, "credential.forget", subject=f"platform:{row.platform_id}", detail={"credential": row.id})


def accounts_of(ctx: Context, *, worker_id: str | None = None) -> list[Kept]:
    """List the accounts of the context's hub; with `worker_id` only that worker's, "" for the hub's own."""
    query = select(CredentialRow).where(CredentialRow.hub_id == ctx.hub.id)
    if worker_id is not None:
        query = query.where(CredentialRow.worker_id == worker_id)
    return [_kept(row, ctx.clock.today()) for row in ctx.session.exec(query.order_by(col(CredentialRow.id)))]


def ailing_accounts(session: Session, worker_id: str, today: date) -> list[Kept]:
    """List a worker's accounts, at any hub, that end soon, are over, or were refused."""
    rows = session.exec(select(CredentialRow).where(CredentialRow.worker_id == worker_id))
    return [kept for kept in (_kept(row, today) for row in rows) if kept.trouble]


def take_account(ctx: Context, platform_id: str, worker_id: str, *, why: str) -> SignOn | None:
    """Take an account out for one use by what sends to the platform; the use is written down. None when none counts."""
    row = _find(ctx.session, platform_id, ctx.hub.id, worker_id)
    if row is None or _trouble(row, ctx.clock.today()) in ("over", "refused"):
        return None
    row.used_at = ctx.clock.now()
    detail = {"credential": row.id, "worker": worker_id, "for": why}
    record(ctx, "credential.use", subject=f"platform:{platform_id}", detail=detail)
    return SignOn(row.username, row.secret)


def note_refused(ctx: Context, platform_id: str, worker_id: str) -> None:
    """Remember that the platform did not let an account in."""
    row = _find(ctx.session, platform_id, ctx.hub.id, worker_id)
    if row is not None and row.refused_at is None:
        row.refused_at = ctx.clock.now()
        record(ctx, "credential.refused", subject=f"platform:{platform_id}", detail={"credential": row.id})


def _find(session: Session, platform_id: str, hub_id: str, worker_id: str) -> CredentialRow | None:
    query = select(CredentialRow).where(CredentialRow.platform_id == platform_id, CredentialRow.hub_id == hub_id)
    return session.exec(query.where(CredentialRow.worker_id == worker_id).with_for_update()).first()


def _kept(row: CredentialRow, today: date) -> Kept:
    return Kept(
        row.id, row.platform_id, row.worker_id, row.username, row.expires_on, row.used_at, row.changed_at,
        _trouble(row, today),
    )  # fmt: skip


def _trouble(row: CredentialRow, today: date) -> str:
    if row.refused_at is not None:
        return "refused"
    if row.expires_on is None or row.expires_on - today > WARN:
        return ""
    return "over" if row.expires_on < today else "soon"
