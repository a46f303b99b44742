"""Who may send a delivery now: claims in batches, gives back, and takes over from dead workers.

A claim raises the row's fence; whoever writes a result must show the fence of their claim. SQLite
claims under its write lock; PostgreSQL locks the rows and skips those others hold. Only the first
parcel of a lane that the department does not have yet can be claimed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, and_, col, exists, func, or_, select, update

from ..api.errors import BrokenPromise
from ..api.parcels import Parcel
from ..store.crypto import CannotRead
from ..store.files import FileStore
from ..store.rows import even, prepare, run, run_each
from .backoff import wait_after
from .models import UNOPENED, DeliveryEventRow, DeliveryRow, PayloadRow
from .pack import PACKED, pack

#: The department does not have the parcel yet, or nobody knows: what comes after it in its lane waits.
NOT_TAKEN = ("waiting", "sending", "needs-people", "parked")
#: A parcel that was sent so often to no end is no longer sent at once when its worker died or its platform is back.
PATIENCE = 3
#: What opening a damaged form can raise; one such form must not hold up its platform.
UNREADABLE = (CannotRead, ValueError, LookupError)
UNREADABLE_TEXT = "the stored form cannot be read with the keys at hand"


@dataclass(frozen=True, slots=True)
class Claimed:
    """One delivery this process may send; `parcel` is None when the stored form cannot be read."""

    delivery_id: str
    platform_id: str
    fence: int
    attempts: int
    in_doubt: bool
    parcel: Parcel | None
    problem: str = ""
    #: The account it cannot be sent without, in words.
    lacks: str = ""


def claimable(platform_id: Any, now: Any) -> Any:
    """Give the condition for rows that may be sent now."""
    earlier = aliased(DeliveryRow)
    before = or_(
        col(earlier.position) < DeliveryRow.position,
        and_(col(earlier.position) == DeliveryRow.position, col(earlier.id) < DeliveryRow.id),
    )
    blocked = exists().where(col(earlier.lane) == DeliveryRow.lane, col(earlier.state).in_(NOT_TAKEN), before)
    return and_(
        col(DeliveryRow.state) == "waiting",
        col(DeliveryRow.platform_id) == platform_id,
        col(DeliveryRow.due_at) <= now,
        ~blocked,
    )


#: Built once: making such statements costs more than running them.
_HEADS = prepare(
    select_columns(col(DeliveryRow.id))
    .where(claimable(bindparam("platform_id"), bindparam("now")))
    .order_by(col(DeliveryRow.due_at), col(DeliveryRow.id))
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_TAKE = prepare(
    update(DeliveryRow)
    .where(col(DeliveryRow.id).in_(bindparam("ids", expanding=True)))
    .values(
        state="sending",
        lease_owner=bindparam("worker_id"),
        fence=col(DeliveryRow.fence) + 1,
        attempts=col(DeliveryRow.attempts) + 1,
        updated_at=bindparam("taken_at"),
    )
)


def claim(
    session: Session, files: FileStore, *, worker_id: str, platform_id: str, limit: int, now: datetime
) -> list[Claimed]:
    """Take at most `limit` deliveries of a platform for this worker, oldest first."""
    ids = run(session, _HEADS, platform_id=platform_id, now=now, most=limit).scalars()
    if not ids:
        return []
    run(session, _TAKE, ids=even(ids), worker_id=worker_id, taken_at=now)
    return _load(session, files, ids)


_ABOUT = ("id", "platform_id", "fence", "attempts", "in_doubt")
_TAKEN_ROWS = select_columns(*(col(getattr(DeliveryRow, name)) for name in _ABOUT)).where(
    col(DeliveryRow.id).in_(bindparam("ids", expanding=True))
)
_TAKEN = prepare(_TAKEN_ROWS)
_STORED = prepare(
    _TAKEN_ROWS.join(PayloadRow, col(PayloadRow.id) == col(DeliveryRow.payload_id)).add_columns(
        *(col(getattr(DeliveryRow, name)) for name in PACKED),
        col(PayloadRow.content),
        col(PayloadRow.digest),
        col(PayloadRow.created_at),
    )
)


def _load(session: Session, files: FileStore, ids: Sequence[str]) -> list[Claimed]:
    try:
        found = {row.id: _claimed(row, files) for row in run(session, _STORED, ids=even(ids))}
    except UNREADABLE:  # one of them; find out which
        return [_load_one(session, files, delivery_id) for delivery_id in ids]
    return [found[delivery_id] for delivery_id in ids]


def _load_one(session: Session, files: FileStore, delivery_id: str) -> Claimed:
    try:
        return _claimed(run(session, _STORED, ids=[delivery_id]).one(), files)
    except UNREADABLE:
        return _without_parcel(run(session, _TAKEN, ids=[delivery_id]).one(), UNREADABLE_TEXT)


def _claimed(row: Any, files: FileStore) -> Claimed:
    try:
        parcel = pack(row, row, files)
    except BrokenPromise as error:
        return _without_parcel(row, error.text)
    except Exception as error:
        return _without_parcel(row, f"the stored form is incomplete: {type(error).__name__}")
    return Claimed(row.id, row.platform_id, row.fence, row.attempts, row.in_doubt, parcel)


def _without_parcel(row: Any, why: str) -> Claimed:
    return Claimed(row.id, row.platform_id, row.fence, row.attempts, row.in_doubt, None, why)


_GIVE_BACK = prepare(
    update(DeliveryRow)
    .where(col(DeliveryRow.id) == bindparam("delivery_id"), col(DeliveryRow.fence) == bindparam("held_fence"))
    .where(col(DeliveryRow.state) == "sending")
    .values(
        state="waiting", lease_owner="", attempts=col(DeliveryRow.attempts) - 1, updated_at=bindparam("returned_at")
    )
)


def give_back(session: Session, claims: Iterable[Claimed], now: datetime) -> None:
    """Return claims that were never sent; those taken over meanwhile stay where they are."""
    held = [{"delivery_id": claimed.delivery_id, "held_fence": claimed.fence, "returned_at": now} for claimed in claims]
    run_each(session, _GIVE_BACK, held)


def owners(session: Session) -> set[str]:
    """Name the workers that hold deliveries now."""
    return set(session.exec(select(DeliveryRow.lease_owner).where(DeliveryRow.state == "sending").distinct()))


def rescue(
    session: Session,
    owner: str,
    now: datetime,
    *,
    settle: Mapping[str, float],
    keep: Iterable[tuple[str, int]] = (),
) -> int:
    """Take over what a worker that is certainly dead was sending: it waits again, in doubt.

    `settle` gives per platform the seconds a call of the dead worker may still take there;
    `keep` names claims (id, fence) that are known to be under way after all.
    """
    held = select(DeliveryRow).where(DeliveryRow.state == "sending", DeliveryRow.lease_owner == owner)
    known, taken = set(keep), 0
    for row in session.exec(held.options(UNOPENED).with_for_update()):
        if (row.id, row.fence) in known:
            continue
        wait = timedelta(seconds=settle.get(row.platform_id, 0.0))
        row.due_at = now + (max(wait, wait_after(row.attempts)) if row.attempts > PATIENCE else wait)
        row.state, row.lease_owner, row.in_doubt = "waiting", "", True
        row.fence, row.updated_at = row.fence + 1, now
        session.add(DeliveryEventRow(delivery_id=row.id, at=now, state="waiting", text="its worker process ended"))
        taken += 1
    return taken


def count_sending(session: Session, platform_id: str, since: datetime) -> int:
    """Count what all workers together took up for a platform since a time and are sending."""
    where = (col(DeliveryRow.state) == "sending", col(DeliveryRow.platform_id) == platform_id)
    recent = col(DeliveryRow.updated_at) >= since
    return session.exec(select(func.count()).select_from(DeliveryRow).where(*where, recent)).one()
