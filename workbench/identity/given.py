"""What platforms' screens were given on a session: it ends with the session, and who asked for it is told."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select, update
from sqlmodel import Session, col

from ..store.ids import new_id
from .way_out_models import AccessRow, ClientRow, LogoutNoticeRow


def end_given(session: Session, sids: Iterable[str], now: datetime) -> None:
    """End all tokens that stand on these sessions, and note whom to tell."""
    known = [sid for sid in sids if sid]
    mine = col(AccessRow.sid).in_(known)
    told = (
        select(col(AccessRow.client_id), col(AccessRow.worker_id), col(AccessRow.sid), col(AccessRow.issuer))
        .join(ClientRow, col(ClientRow.id) == col(AccessRow.client_id))
        .where(mine, col(ClientRow.logout_notice_uri) != "", col(ClientRow.ended_at).is_(None))
        .distinct()
    )
    for client_id, worker_id, sid, issuer in session.execute(told).all():
        session.add(
            LogoutNoticeRow(id=new_id(), client_id=client_id, worker_id=worker_id, sid=sid, issuer=issuer, due_at=now)
        )
    session.execute(update(AccessRow).where(mine, col(AccessRow.ended_at).is_(None)).values(ended_at=now))
