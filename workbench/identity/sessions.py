"""Sessions in the database: they can be listed, locked and ended at once; the cookie is only a secret.

A session ends after a shift, is locked when idle, and is found with its worker and rights in one query.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import bindparam, select, update
from sqlmodel import Session, col, or_
from sqlmodel.sql.sqltypes import UTCDateTime

from ..api.nouns import Hub, Worker
from ..hubs.models import HubRow
from ..staff.models import GrantRow, WorkerRow
from ..store.engine import Store
from ..store.ids import new_id
from ..store.rows import add, ask, even, prepare, run
from .given import end_given
from .models import SignInRow, digest_of

COOKIE = "workbench_session"
#: `seen_at` is written at most this often, so that reading pages stay reading.
TOUCH = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Proof:
    """How a worker proved to be who they are, and what a provider vouched with."""

    way: str = "local"
    provider_id: str = ""
    subject: str = ""
    provider_sid: str = ""
    id_token: str | None = None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """One session as the gate sees it."""

    digest: bytes
    worker_id: str
    username: str
    name: str
    locale: str
    is_system_admin: bool
    seen_at: datetime
    state: Literal["live", "locked", "ended"]
    grants: tuple[tuple[str, str, str], ...]  # (hub, role, line or "")
    sid: str
    way: str
    created_at: datetime
    hub: Hub | None  # the one that was asked about, whether the worker may be there or not

    def worker_at(self, hub_id: str) -> Worker:
        """Give the worker with the roles held at one hub."""
        roles = frozenset(f"{role}:{line}" if line else role for hub, role, line in self.grants if hub == hub_id)
        return Worker(self.worker_id, self.username, self.name, roles, self.is_system_admin)

    @property
    def hub_ids(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(hub for hub, _, _ in self.grants))


def start(session: Session, worker_id: str, now: datetime, proof: Proof | None = None) -> str:
    """Sign a worker in at a screen; gives the cookie's secret, which is kept nowhere else."""
    token, proof = secrets.token_urlsafe(32), proof or Proof()
    row = {
        "token_digest": digest_of(token),
        "worker_id": worker_id,
        "sid": new_id(),
        "way": proof.way,
        "provider_id": proof.provider_id,
        "provider_subject": proof.subject,
        "provider_sid": proof.provider_sid,
        "id_token": proof.id_token,
        "created_at": now,
        "seen_at": now,
    }
    add(session, SignInRow, [row])
    return token


_NOW = bindparam("now", type_=UTCDateTime())
_VALID = (col(GrantRow.valid_from) <= _NOW) & or_(col(GrantRow.valid_to).is_(None), col(GrantRow.valid_to) > _NOW)
_COLUMNS = (
    *(col(getattr(SignInRow, name)) for name in ("token_digest", "created_at", "seen_at", "locked_at", "ended_at")),
    *(col(getattr(SignInRow, name)) for name in ("sid", "way")),
    *(col(getattr(WorkerRow, name)) for name in ("username", "name", "locale", "is_active", "is_system_admin")),
    *(col(getattr(GrantRow, name)) for name in ("hub_id", "role", "line_id")),
    *(
        col(getattr(HubRow, name)).label(f"place_{name}")
        for name in ("id", "name_zh", "name_en", "division", "version")
    ),
)
#: Asked by every request, outside any transaction: a right that was taken away is gone with the next one.
FIND = prepare(
    select(col(WorkerRow.id).label("worker_id"), *_COLUMNS)
    .select_from(SignInRow)
    .join(WorkerRow, col(WorkerRow.id) == col(SignInRow.worker_id))
    .outerjoin(GrantRow, (col(GrantRow.worker_id) == col(WorkerRow.id)) & _VALID)
    .outerjoin(HubRow, col(HubRow.id) == bindparam("place"))
    .where(col(SignInRow.token_digest) == bindparam("digest"))
    .order_by(col(GrantRow.id))
)
_OPEN = select(col(SignInRow.token_digest), col(SignInRow.sid)).where(col(SignInRow.ended_at).is_(None))
THIS_ONE = prepare(_OPEN.where(col(SignInRow.token_digest) == bindparam("digest")))
ALL_OF = prepare(_OPEN.where(col(SignInRow.worker_id) == bindparam("worker")))
END = prepare(
    update(SignInRow)
    .where(col(SignInRow.token_digest).in_(bindparam("digests", expanding=True)), col(SignInRow.ended_at).is_(None))
    .values(ended_at=_NOW, ended_reason=bindparam("reason"))
)


def find(
    store: Store, token: str, now: datetime, *, hub_id: str, idle: timedelta, longest: timedelta
) -> SignedIn | None:
    """Find a session with its worker, the rights valid now and the hub asked about; None for an unknown cookie."""
    rows = ask(store.engine, FIND, digest=digest_of(token), now=now, place=hub_id).all()
    if not rows:
        return None
    row = rows[0]
    return SignedIn(
        digest=row.token_digest,
        worker_id=row.worker_id,
        username=row.username,
        name=row.name,
        locale=row.locale,
        is_system_admin=row.is_system_admin,
        seen_at=row.seen_at,
        state=_state(row, now, idle, longest),
        grants=tuple((one.hub_id, one.role, one.line_id) for one in rows if one.hub_id is not None),
        sid=row.sid,
        way=row.way,
        created_at=row.created_at,
        hub=None if row.place_id is None else Hub(*row[-5:]),
    )


def _state(row: Any, now: datetime, idle: timedelta, longest: timedelta) -> Literal["live", "locked", "ended"]:
    # However far off it lies, in the future too: a clock that was set back must not keep a screen open.
    if row.ended_at is not None or not row.is_active or abs(now - row.created_at) > longest:
        return "ended"
    return "locked" if row.locked_at is not None or abs(now - row.seen_at) > idle else "live"


def touch(session: Session, digest: bytes, now: datetime) -> None:
    """Note that the worker is at the screen."""
    session.execute(update(SignInRow).where(col(SignInRow.token_digest) == digest).values(seen_at=now))


def lock(session: Session, digest: bytes, now: datetime) -> None:
    """Lock a screen until its worker gives the password again."""
    session.execute(update(SignInRow).where(col(SignInRow.token_digest) == digest).values(locked_at=now))


def unlock(session: Session, digest: bytes, now: datetime) -> None:
    """Open a locked screen again."""
    values = {"locked_at": None, "seen_at": now}
    session.execute(update(SignInRow).where(col(SignInRow.token_digest) == digest).values(**values))


def prove(session: Session, digest: bytes, way: str) -> None:
    """Let a session count as proven in another way: its worker has just set a second step up."""
    session.execute(update(SignInRow).where(col(SignInRow.token_digest) == digest).values(way=way))


def end(session: Session, digest: bytes, now: datetime, reason: str) -> None:
    """End one session."""
    _end(session, run(session, THIS_ONE, digest=digest).all(), now, reason)


def end_all(session: Session, worker_id: str, now: datetime, reason: str) -> None:
    """Sign a worker out everywhere."""
    _end(session, run(session, ALL_OF, worker=worker_id).all(), now, reason)


def end_vouched(session: Session, provider_id: str, subject: str, sid: str, now: datetime) -> int:
    """End what a provider vouched for and no longer does: one session of it, or all of a subject; gives how many."""
    vouched = _OPEN.where(col(SignInRow.provider_id) == provider_id)
    if sid:
        vouched = vouched.where(col(SignInRow.provider_sid) == sid)
    if subject:
        vouched = vouched.where(col(SignInRow.provider_subject) == subject)
    return _end(session, session.execute(vouched).all(), now, "signed out at the provider")


def _end(session: Session, open_ones: Sequence[Any], now: datetime, reason: str) -> int:
    """End sessions with all that platforms were given on them, and have those platforms told; gives how many."""
    if open_ones:
        digests = even([one.token_digest for one in open_ones])
        run(session, END, digests=digests, now=now, reason=reason)
        end_given(session, [one.sid for one in open_ones], now)
    return len(open_ones)
