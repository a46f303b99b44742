"""Bearer tokens for machines: made by an admin, shown once, kept as a digest, ended at once or by a day."""

import secrets
from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from ..store.context import Context
from ..store.ids import new_id
from ..store.problems import Problem
from .models import ApiTokenRow, digest_of

PREFIX = "wb_"
#: What a machine may be allowed to do; every route for machines asks for one of these.
SCOPES = (
    "metrics", "items:read", "persons:read", "persons:write", "cases:read", "cases:write", "deliveries:read",
)  # fmt: skip


def make_token(ctx: Context, name: str, scopes: Iterable[str], expires: datetime | None) -> str:
    """Make a token for the context's hub; the text given back is kept nowhere. Raises Problem beside the field."""
    wanted = tuple(dict.fromkeys(scopes))
    if not name.strip():
        raise Problem("name_missing", "请写明由谁使用。", "Say who will use it.", field="name")
    if not wanted or not set(wanted) <= set(SCOPES):
        raise Problem("scope_missing", "请选择至少一项用途。", "Choose at least one use.", field="scopes")
    if expires is not None and expires <= ctx.clock.now():
        raise Problem("expires_wrong", "到期日已过，请更正。", "That day is over. Correct it.", field="expires")
    token = PREFIX + secrets.token_urlsafe(32)
    row = ApiTokenRow(
        id=new_id(),
        token_digest=digest_of(token),
        name=name.strip()[:64],
        hub_id=ctx.hub.id,
        scopes=" ".join(wanted),
        created_by=ctx.actor.id,
        created_at=ctx.clock.now(),
        expires_at=expires,
    )
    ctx.session.add(row)
    ctx.session.flush()
    return token


def find_token(session: Session, token: str, now: datetime) -> ApiTokenRow | None:
    """Find a token that is valid now; its scopes are for the caller to ask, with `allows`."""
    row = session.exec(select(ApiTokenRow).where(ApiTokenRow.token_digest == digest_of(token))).first()
    return row if row and is_valid(row, now) else None


def is_valid(row: ApiTokenRow, now: datetime) -> bool:
    """Tell whether a token has neither ended nor expired."""
    return row.ended_at is None and (row.expires_at is None or row.expires_at > now)


def allows(row: ApiTokenRow, scope: str) -> bool:
    """Tell whether a token is for this use."""
    return scope in row.scopes.split()


def list_tokens(session: Session, hub_id: str) -> list[ApiTokenRow]:
    """List the tokens of a hub, newest first, ended ones too."""
    query = select(ApiTokenRow).where(ApiTokenRow.hub_id == hub_id)
    return list(session.exec(query.order_by(col(ApiTokenRow.id).desc())))


def end_token(ctx: Context, token_id: str) -> ApiTokenRow:
    """End a token of the context's hub at once. Safe twice."""
    row = ctx.session.get(ApiTokenRow, token_id, with_for_update=True)
    if row is None or row.hub_id != ctx.hub.id:
        raise Problem("token_unknown", "没有这个令牌。", "There is no such token.")
    row.ended_at = row.ended_at or ctx.clock.now()
    return row
