"""When the shifts of a hub are: its opening hours in two halves, lunch in between, an hour after closing."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlmodel import Session, col, select

from ..hubs.models import HubRow
from .models import RosterRuleRow, ShiftRow

#: The desk over lunch, in both halves of a team's day [typical].
LUNCH = (time(12), time(13, 30))
#: How long the extended hour lasts after closing (domain E3).
EXTENDED = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours of one kind of shift."""

    begins: time
    ends: time

    def holds(self, clock: time) -> bool:
        """Tell whether a time of day lies in it."""
        return self.begins <= clock < self.ends

    def __str__(self) -> str:
        return f"{self.begins:%H:%M}–{self.ends:%H:%M}"


def shift_hours(opens: str, closes: str, *, two_shifts: bool) -> dict[str, Hours]:
    """Give the hours of every kind of shift for the opening hours of a hub."""
    first, last = time.fromisoformat(opens), time.fromisoformat(closes)
    after = (datetime.combine(date.min, last) + EXTENDED).time()
    found = {"lunch": Hours(*LUNCH), "extended": Hours(last, max(after, last))}
    if not two_shifts:
        return {"early": Hours(first, last), **found}
    middle = (
        datetime.combine(date.min, first) + (datetime.combine(date.min, last) - datetime.combine(date.min, first)) / 2
    )
    half = middle.time().replace(minute=middle.minute // 30 * 30, second=0, microsecond=0)
    return {"early": Hours(first, half), "late": Hours(half, last), **found}


def rule_of(session: Session, hub_id: str) -> RosterRuleRow:
    """Give how a hub is staffed; until somebody says otherwise, by its opening hours."""
    row = session.get(RosterRuleRow, hub_id)
    if row is not None:
        return row
    hub = session.get_one(HubRow, hub_id)
    long = _minutes(hub.closes) - _minutes(hub.opens) > 10 * 60
    return RosterRuleRow(hub_id=hub_id, two_shifts=long, seven_days=True, least_work=1, least_off=1)


def _minutes(clock: str) -> int:
    at = time.fromisoformat(clock)
    return at.hour * 60 + at.minute


def hours_of(session: Session, hub_id: str) -> dict[str, Hours]:
    """Give the hours of the shifts of a hub."""
    hub = session.get_one(HubRow, hub_id)
    return shift_hours(hub.opens, hub.closes, two_shifts=rule_of(session, hub_id).two_shifts)


def shift_at(session: Session, hub_id: str, clock: time) -> list[str]:
    """List the kinds of shift that run at a time of day."""
    return [kind for kind, hours in hours_of(session, hub_id).items() if hours.holds(clock)]


def shifts_between(session: Session, hub_id: str, first: date, last: date) -> list[ShiftRow]:
    """List the shifts of a hub over some days, in their order. One query."""
    query = select(ShiftRow).where(ShiftRow.hub_id == hub_id, col(ShiftRow.day).between(first, last))
    return list(session.exec(query.order_by(col(ShiftRow.day), col(ShiftRow.kind), col(ShiftRow.worker_id))))
