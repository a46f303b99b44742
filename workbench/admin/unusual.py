"""Finds accesses of a day that are out of the ordinary: many residents at once, one's own name or household, odd hours.

A finding accuses nobody; it says by which stated threshold it stands on the list. Three narrow queries.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from ..identity.models import AuditRow
from ..people.models import PersonRow
from ..settings import Unusual
from ..staff.models import WorkerRow
from ..store.clock import SHANGHAI, local

Kind = Literal["many", "own_name", "own_household", "odd_hours"]
#: Acts of a day that are read at most; a hub of thirty workers has about three thousand.
MOST = 50_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One worker's accesses of a day that fit one rule."""

    kind: Kind
    worker_id: str
    worker: str
    count: int  # of residents
    first: datetime
    last: datetime
    person_id: str = ""  # where it is about one resident


def find_unusual(session: Session, hub_id: str, day: date, limits: Unusual) -> list[Finding]:
    """List what is out of the ordinary at a hub on a day, by worker."""
    acts = _acts(session, hub_id, day)
    found: list[Finding] = []
    for (worker_id, name), group in groupby(acts, key=lambda act: (act.actor_id, act.name)):
        own = list(group)
        found += _many(worker_id, name, own, limits)
        found += _odd_hours(worker_id, name, own, limits)
    return sorted([*found, *_own(session, hub_id, day)], key=lambda one: (one.worker, one.first, one.kind))


def _acts(session: Session, hub_id: str, day: date) -> Sequence[Any]:
    a = AuditRow
    query = (
        select(col(a.actor_id), col(WorkerRow.name), col(a.at), col(a.person_id))
        .join(WorkerRow, col(WorkerRow.id) == col(a.actor_id))
        .where(*_of_day(hub_id, day))
        .order_by(col(a.actor_id), col(a.at))
        .limit(MOST)
    )
    return session.execute(query).all()


def _of_day(hub_id: str, day: date) -> tuple[Any, ...]:
    a, start = AuditRow, datetime.combine(day, time(), SHANGHAI)
    return (col(a.hub_id) == hub_id, col(a.at) >= start, col(a.at) < start + timedelta(days=1), col(a.person_id) != "")


def _many(worker_id: str, name: str, acts: Sequence[Any], limits: Unusual) -> Iterator[Finding]:
    """Find the stretch with the most residents, if it holds more than the limit."""
    span, start, best = timedelta(minutes=limits.minutes), 0, (0, 0, 0)
    inside: dict[str, int] = {}
    for end, act in enumerate(acts):
        inside[act.person_id] = inside.get(act.person_id, 0) + 1
        while act.at - acts[start].at > span:
            gone = acts[start].person_id
            inside[gone] -= 1
            if not inside[gone]:
                del inside[gone]
            start += 1
        best = max(best, (len(inside), start, end))
    if best[0] > limits.residents:
        yield Finding("many", worker_id, name, best[0], acts[best[1]].at, acts[best[2]].at)


def _odd_hours(worker_id: str, name: str, acts: Iterable[Any], limits: Unusual) -> Iterator[Finding]:
    odd = [act for act in acts if not limits.from_hour <= local(act.at).hour < limits.to_hour]
    if odd:
        yield Finding("odd_hours", worker_id, name, len({act.person_id for act in odd}), odd[0].at, odd[-1].at)


def _own(session: Session, hub_id: str, day: date) -> Iterator[Finding]:
    """Find looks at residents of the worker's own name, and at the household of one of that name."""
    a, p, other = AuditRow, PersonRow, aliased(PersonRow)
    same_home = (col(other.household_id) == col(p.household_id)) & (col(other.id) != col(p.id))
    wanted = (col(a.actor_id), col(WorkerRow.name), col(a.at), col(a.person_id))
    base = (
        select(*wanted)
        .join(WorkerRow, col(WorkerRow.id) == col(a.actor_id))
        .join(p, col(p.id) == col(a.person_id))
        .where(*_of_day(hub_id, day))
        .order_by(col(a.actor_id), col(a.person_id), col(a.at))
        .limit(MOST)
    )
    rules: tuple[tuple[Kind, Any], ...] = (
        ("own_name", base.where(col(p.name) == col(WorkerRow.name))),
        ("own_household", base.join(other, same_home).where(col(other.name) == col(WorkerRow.name))),
    )
    for kind, query in rules:
        rows = session.execute(query).all()
        for (worker_id, name, person_id), group in groupby(rows, key=lambda row: (row[0], row[1], row[3])):
            times = [row.at for row in group]
            yield Finding(kind, worker_id, name, 1, times[0], times[-1], person_id)
