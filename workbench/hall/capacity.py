"""How many residents a half hour can take: who is at the tables then, by the published roster and who is away.

Over lunch only those who keep the desk are there. Where no roster is published, everybody who receives residents
counts. Half of those who are there can be booked, at least one while anybody is. When a swap or a leave takes
somebody away afterwards, what was kept stays, and the times that have too few are shown to the hub admin.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlmodel import col, func, or_, select

from ..cases.calendar import load_calendar
from ..duty.models import RosterMonthRow
from ..duty.shifts import LUNCH, Hours, hours_of, rule_of, shifts_between
from ..staff.cover_models import AbsenceRow
from ..staff.models import GrantRow, WorkerRow
from ..staff.workers import name_workers
from ..store.clock import SHANGHAI
from ..store.context import Context
from .models import AppointmentRow

SLOT = timedelta(minutes=30)
#: How far ahead one may book [typical].
AHEAD = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Span:
    """A span in which somebody is away, or may receive residents; without an end where none is known."""

    worker_id: str
    starts_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True)
class Tables:
    """Who can be at the tables of a hub over some days; reading it asks as often for one day as for fourteen."""

    receiving: tuple[Span, ...]
    away: tuple[Span, ...]
    #: Public holidays: nobody is there.
    closed: frozenset[date]
    #: First days of the months whose roster is published.
    published: frozenset[date]
    #: (day, kind of shift) -> who.
    shifts: Mapping[tuple[date, str], Set[str]]
    hours: Mapping[str, Hours]
    has_lunch: bool

    def at(self, day: date, slot: str) -> frozenset[str]:
        """Name who is at the tables for the whole of a half hour."""
        if day in self.closed:
            return frozenset()
        begins = moment(day, slot)
        ends = begins + SLOT
        gone = {one.worker_id for one in self.away if one.starts_at < ends and (one.ends_at or ends) > begins}
        here = {one.worker_id for one in self.receiving if one.starts_at <= begins and (one.ends_at or ends) >= ends}
        rostered = self._on_shift(day, begins.time())
        return frozenset(here - gone if rostered is None else (here & rostered) - gone)

    def _on_shift(self, day: date, clock: time) -> set[str] | None:
        """Give who is on shift at a time of day; None where no roster is published."""
        if day.replace(day=1) not in self.published:
            return None
        kinds = [kind for kind in ("early", "late") if kind in self.hours and self.hours[kind].holds(clock)]
        if self.has_lunch and LUNCH[0] <= clock < LUNCH[1]:
            kinds = ["lunch"]
        return {worker for kind in kinds for worker in self.shifts.get((day, kind), ())}

    def places(self, day: date, slot: str) -> int:
        """Tell how many can be booked for a half hour."""
        count = len(self.at(day, slot))
        return max(count // 2, 1) if count else 0


@dataclass(frozen=True, slots=True)
class Short:
    """A time for which more is kept than can be taken."""

    day: date
    slot: str
    kept: int
    places: int
    names: tuple[str, ...]  # who is at the tables


def read_tables(ctx: Context, first: date, last: date) -> Tables:
    """Read who is where from a day to a day. Eight queries."""
    begins, ends = moment(first, "00:00"), moment(last, "00:00") + timedelta(days=1)
    away = select(col(AbsenceRow.worker_id), col(AbsenceRow.starts_at), col(AbsenceRow.ends_at)).where(
        AbsenceRow.hub_id == ctx.hub.id
    )
    away = away.where(col(AbsenceRow.ends_at) > begins, col(AbsenceRow.starts_at) < ends)
    away = away.where(col(AbsenceRow.ends_at) > col(AbsenceRow.starts_at))  # one that was taken back is none
    months = select(col(RosterMonthRow.month)).where(RosterMonthRow.hub_id == ctx.hub.id)
    months = months.where(
        col(RosterMonthRow.published_at).is_not(None), col(RosterMonthRow.month).between(first.replace(day=1), last)
    )
    shifts: dict[tuple[date, str], set[str]] = {}
    for row in shifts_between(ctx.session, ctx.hub.id, first, last):
        shifts.setdefault((row.day, row.kind), set()).add(row.worker_id)
    return Tables(
        receiving=tuple(Span(*row) for row in ctx.session.exec(_receiving(ctx, begins, ends))),
        away=tuple(Span(*row) for row in ctx.session.exec(away)),
        closed=load_calendar(ctx.session).holidays,
        published=frozenset(ctx.session.exec(months)),
        shifts=shifts,
        hours=hours_of(ctx.session, ctx.hub.id),
        has_lunch=rule_of(ctx.session, ctx.hub.id).has_lunch,
    )


def _receiving(ctx: Context, begins: datetime, ends: datetime) -> Any:
    """Who receives residents at the hub between two moments, for good or for a time."""
    query = select(col(GrantRow.worker_id), col(GrantRow.valid_from), col(GrantRow.valid_to))
    query = query.join(WorkerRow, col(WorkerRow.id) == GrantRow.worker_id)
    query = query.where(GrantRow.hub_id == ctx.hub.id, GrantRow.role == "worker", col(WorkerRow.is_active).is_(True))
    return query.where(
        GrantRow.valid_from < ends, or_(col(GrantRow.valid_to).is_(None), col(GrantRow.valid_to) > begins)
    )


def short_times(ctx: Context) -> list[Short]:
    """List the times ahead for which more is kept than can be taken, the nearest first. Ten queries at most."""
    now, today = ctx.clock.now(), ctx.clock.today()
    day, slot = col(AppointmentRow.day), col(AppointmentRow.slot)
    query = select(day, slot, func.count()).where(AppointmentRow.hub_id == ctx.hub.id)
    query = query.where(day.between(today, today + AHEAD), AppointmentRow.state == "booked")
    rows = ctx.session.exec(query.group_by(day, slot))
    kept = {(on, at): count for on, at, count in rows if moment(on, at) > now}
    if not kept:
        return []
    tables = read_tables(ctx, min(kept)[0], max(kept)[0])
    short = {key: count for key, count in sorted(kept.items()) if count > tables.places(*key)}
    names = name_workers(ctx.session, {one for key in short for one in tables.at(*key)})
    return [
        Short(*key, count, tables.places(*key), tuple(sorted(names[one] for one in tables.at(*key))))
        for key, count in short.items()
    ]


def moment(day: date, text: str) -> datetime:
    """Give the moment of a time of day at the hub."""
    return datetime.combine(day, time.fromisoformat(text), SHANGHAI)
