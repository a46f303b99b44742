"""What one browser has begun and only it may finish, once and soon: a sign-on elsewhere, a challenge, a second step.

The secret half lives in the browser (a cookie, or the `state` of a sign-on elsewhere); here lies its digest.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col

from .models import digest_of
from .way_in_models import BegunRow

LIFE = timedelta(minutes=10)


def begin(session: Session, kind: str, data: dict[str, Any], now: datetime) -> str:
    """Remember what was begun; gives the secret that finishes it."""
    session.execute(delete(BegunRow).where(col(BegunRow.created_at) < now - LIFE))
    secret = secrets.token_urlsafe(32)
    session.add(BegunRow(digest=digest_of(secret), kind=kind, data=data, created_at=now))
    session.flush()
    return secret


def look(session: Session, kind: str, secret: str, now: datetime) -> dict[str, Any] | None:
    """Read what was begun and leave it open."""
    row = session.get(BegunRow, digest_of(secret)) if secret else None
    return dict(row.data) if row and row.kind == kind and now - row.created_at <= LIFE else None


def take(session: Session, kind: str, secret: str, now: datetime) -> dict[str, Any] | None:
    """Finish what was begun: the same secret is worth nothing the second time."""
    row = session.get(BegunRow, digest_of(secret), with_for_update=True) if secret else None
    if row is None or row.kind != kind:
        return None
    session.delete(row)
    session.flush()
    return dict(row.data) if now - row.created_at <= LIFE else None
