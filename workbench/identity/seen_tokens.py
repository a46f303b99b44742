"""Logout tokens count once: those seen are remembered until they are too old to be taken anyway."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col

from .models import digest_of
from .way_in_models import SeenTokenRow

KEPT = timedelta(minutes=15)


def is_new(session: Session, name: str, now: datetime) -> bool:
    """Tell whether a token was never seen, and remember it."""
    session.execute(delete(SeenTokenRow).where(col(SeenTokenRow.expires_at) < now))
    digest = digest_of(name)
    if session.get(SeenTokenRow, digest) is not None:
        return False
    session.add(SeenTokenRow(digest=digest, expires_at=now + KEPT))
    session.flush()
    return True
