"""Codes and tokens for platforms' screens: kept as digests, ended by their time and with the session they stand on."""

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import Session, col, select

from ..staff.models import WorkerRow
from ..store.context import Context
from .audit import record
from .models import SignInRow, digest_of
from .told import Guest
from .way_out_models import AccessRow, ClientRow, CodeRow

CODE_LIFE = timedelta(seconds=60)
TOKEN_LIFE = timedelta(minutes=10)


def keep_code(
    ctx: Context,
    code: str,
    client: ClientRow,
    guest: Guest,
    *,
    redirect_uri: str,
    scope: str,
    nonce: str,
    challenge: str,
) -> None:
    """Keep a code that was made for a screen and the worker in front of it."""
    row = CodeRow(
        digest=digest_of(code),
        client_id=client.id,
        worker_id=guest.worker_id,
        hub_id=guest.hub_id,
        sid=guest.sid,
        redirect_uri=redirect_uri,
        scope=scope,
        nonce=nonce,
        challenge=challenge,
        launch_id=guest.launch_id,
        auth_time=guest.auth_time,
        amr=guest.way,
        expires_at=ctx.clock.now() + CODE_LIFE,
    )
    ctx.session.add(row)
    ctx.session.flush()


def take_code(ctx: Context, code: str, client_id: str) -> CodeRow | None:
    """Use a code up. Shown a second time, everything that was given for it ends as well."""
    row = ctx.session.get(CodeRow, digest_of(code), with_for_update=True)
    if row is None or row.client_id != client_id:
        return None
    now = ctx.clock.now()
    if row.used_at is not None:
        mine = (col(AccessRow.code_digest) == row.digest) & col(AccessRow.ended_at).is_(None)
        ctx.session.execute(update(AccessRow).where(mine).values(ended_at=now))
        record(ctx, "client.code-replayed", subject=f"client:{client_id}")
        return None
    row.used_at = now
    return row if now < row.expires_at and is_session_live(ctx.session, row.sid) else None


def keep_access(ctx: Context, token: str, code: CodeRow, issuer: str) -> AccessRow:
    """Keep an access token that was made for a code."""
    now = ctx.clock.now()
    row = AccessRow(
        digest=digest_of(token),
        code_digest=code.digest,
        client_id=code.client_id,
        worker_id=code.worker_id,
        hub_id=code.hub_id,
        sid=code.sid,
        scope=code.scope,
        launch_id=code.launch_id,
        issuer=issuer,
        issued_at=now,
        expires_at=now + TOKEN_LIFE,
    )
    ctx.session.add(row)
    ctx.session.flush()
    return row


def find_access(session: Session, token: str, now: datetime) -> AccessRow | None:
    """Find a token that counts now."""
    row = session.get(AccessRow, digest_of(token)) if token else None
    return row if row and counts(session, row, now) else None


def counts(session: Session, row: AccessRow, now: datetime) -> bool:
    """Tell whether a token counts now: neither ended nor over, its screen registered, its session open."""
    if row.ended_at is not None or row.expires_at <= now:
        return False
    client = session.get(ClientRow, row.client_id)
    return client is not None and client.ended_at is None and is_session_live(session, row.sid)


def is_session_live(session: Session, sid: str) -> bool:
    """Tell whether the session a token stands on is open, and its worker's account too."""
    query = select(SignInRow.sid).join(WorkerRow, col(WorkerRow.id) == SignInRow.worker_id)
    open_ones = query.where(SignInRow.sid == sid, col(SignInRow.ended_at).is_(None), col(WorkerRow.is_active))
    return bool(sid) and session.exec(open_ones).first() is not None
