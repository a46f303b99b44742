"""What platforms' screens were given on a session: it ends with the session, and who asked for it is told."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlmodel import Session, col
from sqlmodel.sql.sqltypes import UTCDateTime

from ..store.ids import new_id
from ..store.rows import even, prepare, run
from .way_out_models import AccessRow, ClientRow, LogoutNoticeRow

_MINE = col(AccessRow.sid).in_(bindparam("sids", expanding=True))
TO_TELL = prepare(
    select(col(AccessRow.client_id), col(AccessRow.worker_id), col(AccessRow.sid), col(AccessRow.issuer))
    .join(ClientRow, col(ClientRow.id) == col(AccessRow.client_id))
    .where(_MINE, col(ClientRow.logout_notice_uri) != "", col(ClientRow.ended_at).is_(None))
    .distinct()
)
END_ACCESS = prepare(
    update(AccessRow)
    .where(_MINE, col(AccessRow.ended_at).is_(None))
    .values(ended_at=bindparam("now", type_=UTCDateTime()))
)


def end_given(session: Session, sids: Iterable[str], now: datetime) -> None:
    """End all tokens that stand on these sessions, and note whom to tell."""
    known = [sid for sid in sids if sid]
    if not known:
        return
    for client_id, worker_id, sid, issuer in run(session, TO_TELL, sids=even(known)):
        session.add(
            LogoutNoticeRow(id=new_id(), client_id=client_id, worker_id=worker_id, sid=sid, issuer=issuer, due_at=now)
        )
    run(session, END_ACCESS, sids=even(known), now=now)
