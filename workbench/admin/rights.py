"""Who may do what at a hub, and why: every right that counts now, with where it comes from. Three queries."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, or_

from ..identity.emergency_models import EmergencyRow
from ..identity.may import ROLE_VERBS, SYSTEM_VERBS
from ..staff.models import GrantRow, WorkerRow


@dataclass(frozen=True, slots=True)
class Right:
    """One reason why a worker may do some things at this hub."""

    worker_id: str
    worker: str
    #: "standing", "cover", "secondment", "temporary", "system" or "emergency".
    source: str
    role: str
    line_id: str
    verbs: tuple[str, ...]
    since: datetime | None = None
    until: datetime | None = None
    reason: str = ""
    given_by: str = ""


def rights_at(session: Session, hub_id: str, now: datetime, verb: str = "") -> list[Right]:
    """List the rights that count at a hub now, by worker; of one verb only, where it is named."""
    found = [*_roles(session, hub_id, now), *_system_admins(session), *_emergencies(session, hub_id, now)]
    wanted = [right for right in found if not verb or verb in right.verbs]
    return sorted(wanted, key=lambda right: (right.worker, right.worker_id, right.source, right.role, right.line_id))


def _roles(session: Session, hub_id: str, now: datetime) -> Iterator[Right]:
    g, giver = GrantRow, aliased(WorkerRow)
    columns = (g.worker_id, WorkerRow.name, g.kind, g.role, g.line_id, g.valid_from, g.valid_to, g.reason)
    query = (
        select(*(col(one) for one in columns), func.coalesce(col(giver.name), ""))
        .join(WorkerRow, col(WorkerRow.id) == col(g.worker_id))
        .outerjoin(giver, col(giver.id) == col(g.granted_by))
        .where(col(g.hub_id) == hub_id, col(WorkerRow.is_active), col(g.valid_from) <= now)
        .where(or_(col(g.valid_to).is_(None), col(g.valid_to) > now))
    )
    for worker_id, worker, kind, role, line_id, since, until, reason, given_by in session.execute(query):
        verbs = tuple(sorted(ROLE_VERBS.get(role, ())))
        yield Right(worker_id, worker, kind, role, line_id, verbs, since, until, reason, given_by)


def _system_admins(session: Session) -> Iterator[Right]:
    w = WorkerRow
    query = select(col(w.id), col(w.name)).where(col(w.is_system_admin), col(w.is_active))
    for worker_id, worker in session.execute(query):
        yield Right(worker_id, worker, "system", "", "", tuple(sorted(SYSTEM_VERBS)))


def _emergencies(session: Session, hub_id: str, now: datetime) -> Iterator[Right]:
    e = EmergencyRow
    columns = (e.worker_id, WorkerRow.name, e.line_id, e.begun_at, e.ends_at, e.reason)
    query = (
        select(*(col(one) for one in columns))
        .join(WorkerRow, col(WorkerRow.id) == col(e.worker_id))
        .where(col(e.hub_id) == hub_id, col(e.ends_at) > now)
    )
    for worker_id, worker, line_id, since, until, reason in session.execute(query):
        yield Right(worker_id, worker, "emergency", "", line_id, ("see",), since, until, reason)
