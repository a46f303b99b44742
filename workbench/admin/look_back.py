"""Reads the trail: who looked at a resident, what a worker did, on which day; page by page, one statement each.

A place in the list is the time and number of a row, so a page is found by an index however long the trail grows.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Select, union_all
from sqlalchemy import select as columns
from sqlmodel import Session, col, func, or_, select

from ..identity.models import AuditRow
from ..staff.models import WorkerRow
from ..store.clock import SHANGHAI
from ..store.tables import ULID

PAGE = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for; "" and None mean any."""

    hub_ids: tuple[str, ...]
    person_id: str = ""
    worker_id: str = ""
    action: str = ""
    day: date | None = None
    before: str = ""  # place after which the page starts: "<seconds>-<number>"


@dataclass(frozen=True, slots=True)
class Act:
    """One row of the trail as the page shows it."""

    id: int
    at: datetime
    actor_id: str
    actor_name: str
    action: str
    person_id: str
    subject: str
    purpose: str

    @property
    def about(self) -> str:
        """What was acted on, with the end of a long id."""
        kind, _, name = self.subject.partition(":")
        return f"{kind} …{name[-6:]}" if len(name) == ULID else self.subject

    @property
    def place(self) -> str:
        return f"{int(self.at.timestamp())}-{self.id}"


def look_back(session: Session, asked: Asked) -> tuple[list[Act], str]:
    """Give one page, newest first, and the place where the next one starts ("" at the end)."""
    rows = [Act(*row) for row in session.execute(_query(asked).limit(PAGE + 1))]
    return rows[:PAGE], rows[PAGE - 1].place if len(rows) > PAGE else ""


def _query(asked: Asked) -> Select[tuple[int, datetime, str, str, str, str, str, str]]:
    a = AuditRow
    name = func.coalesce(col(WorkerRow.name), "").label("name")
    query = (
        select(a.id, a.at, a.actor_id, name, a.action, a.person_id, a.subject, a.purpose)  # type: ignore[call-overload]
        .outerjoin(WorkerRow, col(WorkerRow.id) == col(a.actor_id))
        .where(col(a.id).in_(union_all(*(_newest(hub_id, asked) for hub_id in asked.hub_ids))))
        .order_by(col(a.at).desc(), col(a.id).desc())
    )
    found: Select[tuple[int, datetime, str, str, str, str, str, str]] = query
    return found


def _newest(hub_id: str, asked: Asked) -> Select[tuple[int]]:
    """Give the rows of one hub that may stand on the page; several hubs at once would be sorted whole."""
    a = AuditRow
    query = columns(col(a.id)).order_by(col(a.at).desc(), col(a.id).desc()).limit(PAGE + 1)
    if asked.person_id:
        query = query.where(col(a.person_id) == asked.person_id)
    if asked.worker_id:
        query = query.where(col(a.actor_id) == asked.worker_id)
    if asked.action:
        query = query.where(col(a.action) == asked.action)
    # Of one resident or worker there is less to read than of the hub: coalesce keeps planners from its index.
    is_wide = not asked.person_id and not asked.worker_id
    query = query.where((col(a.hub_id) if is_wide else func.coalesce(col(a.hub_id), "")) == hub_id)
    if asked.day:
        start = datetime.combine(asked.day, time(), SHANGHAI)
        query = query.where(col(a.at) >= start, col(a.at) < start + timedelta(days=1))
    if place := _read_place(asked.before):
        at, number = place
        query = query.where(col(a.at) <= at, or_(col(a.at) < at, col(a.id) < number))
    return columns(query.subquery().c.id)


def _read_place(text: str) -> tuple[datetime, int] | None:
    seconds, _, number = text.partition("-")
    if not (seconds.isascii() and seconds.isdigit() and number.isascii() and number.isdigit()):
        return None
    if len(seconds) > 11 or len(number) > 18:
        return None
    return datetime.fromtimestamp(int(seconds), UTC), int(number)
