"""Tells platforms' screens that a session ended (OpenID back-channel logout), in the worker process; no page waits.

A screen that does not answer is told again for an hour; its tokens count for nothing all the while.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx2
from joserfc import jwt
from sqlmodel import col, select

from ..store.context import Context
from ..store.ids import new_id
from .clients import find_client, subject_of
from .signing_keys import ALGORITHM, signing_key
from .vouched import LOGOUT_EVENT
from .way_out_models import LogoutNoticeRow

TIMEOUT = httpx2.Timeout(3.0)
BATCH, MOST_ATTEMPTS = 50, 12
WAIT = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice, ready to be sent."""

    id: str
    address: str
    logout_token: str


def take_due(ctx: Context) -> list[Notice]:
    """Take what is due, signed; whoever took it sends it before it is due again."""
    now = ctx.clock.now()
    query = select(LogoutNoticeRow).where(col(LogoutNoticeRow.due_at) <= now).order_by(col(LogoutNoticeRow.id))
    found = []
    for row in ctx.session.exec(query.limit(BATCH).with_for_update(skip_locked=True)):
        client = find_client(ctx.session, row.client_id)
        if client is None or not client.logout_notice_uri or row.attempts >= MOST_ATTEMPTS:
            ctx.session.delete(row)
            continue
        row.attempts += 1
        row.due_at = now + WAIT * row.attempts
        claims = _claims(row, subject_of(ctx.keys, client, row.worker_id), now)
        key = signing_key(ctx)
        header = {"alg": ALGORITHM, "kid": key.kid, "typ": "logout+jwt"}
        found.append(Notice(row.id, client.logout_notice_uri, jwt.encode(header, claims, key, algorithms=[ALGORITHM])))
    return found


def send(notice: Notice) -> bool:
    """Send one notice; tells whether it was taken."""
    try:
        with httpx2.Client(timeout=TIMEOUT, trust_env=False) as client:
            answer = client.post(notice.address, data={"logout_token": notice.logout_token})
    except httpx2.HTTPError:
        return False
    return 200 <= answer.status_code < 300


def forget(ctx: Context, notice: Notice) -> None:
    """Strike a notice that was taken."""
    if row := ctx.session.get(LogoutNoticeRow, notice.id):
        ctx.session.delete(row)


def _claims(row: LogoutNoticeRow, subject: str, now: datetime) -> dict[str, Any]:
    moment = int(now.timestamp())
    return {
        "iss": row.issuer, "aud": row.client_id, "sub": subject, "sid": row.sid, "iat": moment, "exp": moment + 120,
        "jti": new_id(), "events": {LOGOUT_EVENT: {}},
    }  # fmt: skip
