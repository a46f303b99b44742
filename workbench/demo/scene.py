"""What all demonstration cases share: days, items, forms, people at work, the department's numbers."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from sqlmodel import Session, col, select

from ..api.nouns import Hub, Worker
from ..cases.calendar import Calendar, load_calendar
from ..catalogue.form import Form, form_of
from ..catalogue.items import Item
from ..catalogue.loaded import catalogue
from ..host.discover import Installed
from ..hubs.models import OpenLineRow
from ..hubs.open_lines import find_hub
from ..hubs.parameters import region_facts
from ..staff.models import WorkerRow
from ..store.clock import SHANGHAI
from .chance import Chance
from .places import HUBS
from .workers import WORKERS

#: How far back the cases go.
BACK = 90


@dataclass
class Scene:
    """The stage: everything is as it was when the demonstration's day began."""

    chance: Chance
    today: date
    installed: Installed
    calendar: Calendar
    #: The working days before today, oldest first.
    days: list[date]
    hubs: dict[str, Hub]
    workers: dict[str, Worker]
    #: hub -> code -> the item in force there.
    items: dict[str, dict[str, Item]]
    #: hub -> thresholds of its place.
    regions: dict[str, dict[str, object]]
    forms: dict[str, Form] = field(default_factory=dict)
    _numbers: int = 0

    def form(self, item: Item) -> Form:
        """Give the form of an item, built once."""
        if item.digest not in self.forms:
            self.forms[item.digest] = form_of(item.manifest)
        return self.forms[item.digest]

    def department_number(self, prefix: str, day: date) -> str:
        """Give a number no pretend department gives: of a day that is over, and shorter than theirs."""
        self._numbers += 1
        return f"{prefix}{day:%Y%m%d}{self._numbers:05d}"

    def later(self, index: int, at: datetime, count: int, span: int) -> list[datetime]:
        """Give moments in offices' hours within so many working days after the one of this index, in order."""
        last = len(self.days) - 1
        if index >= last:
            return [at + timedelta(minutes=10 * number) for number in range(1, count + 1)]
        until = min(index + max(span, 1), last)
        drawn = [(self.chance.number(index + 1, until), self.chance.number(9 * 60, 17 * 60)) for _ in range(count)]
        return [moment(self.days[day], 60 * minute) for day, minute in sorted(drawn)]


def moment(day: date, second: int) -> datetime:
    """Give a second of a day at the hubs."""
    return (datetime.combine(day, time(), SHANGHAI) + timedelta(seconds=second)).astimezone(UTC)


def set_scene(session: Session, chance: Chance, installed: Installed, today: date) -> Scene:
    """Read what the cases need of the places and workers that were filled in."""
    calendar = load_calendar(session)
    span = [today - timedelta(days=number) for number in range(BACK, 0, -1)]
    hubs = {hub.id: found for hub in HUBS if (found := find_hub(session, hub.id))}
    return Scene(
        chance,
        today,
        installed,
        calendar,
        [day for day in span if calendar.is_workday(day)],
        hubs,
        _workers(session),
        {hub.id: _items(session, hub, installed, today) for hub in hubs.values()},
        {hub.id: region_facts(session, hub.division, today) for hub in hubs.values()},
    )


def _items(session: Session, hub: Hub, installed: Installed, today: date) -> dict[str, Item]:
    opened = select(OpenLineRow.line_id).where(OpenLineRow.hub_id == hub.id, col(OpenLineRow.closed_at).is_(None))
    found = catalogue(installed).at(hub.division, today, session.exec(opened.order_by(col(OpenLineRow.position))))
    known = ((item, item.manifest) for item in found)
    return {item.code: item for item, m in known if (m.status, m.depth) == ("in_force", "deep")}


def _workers(session: Session) -> dict[str, Worker]:
    rows = session.exec(select(WorkerRow).where(col(WorkerRow.username).in_(WORKERS)))
    return {row.username: Worker(row.id, row.username, row.name) for row in rows}


def in_role(hub_id: str, role: str) -> str:
    """Name who holds a role at a hub."""
    return next(name for name, (_, grants) in WORKERS.items() if (hub_id, role) in grants)


def closing(hub_id: str) -> int:
    """Give the second of the day at which a hub closes."""
    hours, minutes = next(hub.closes for hub in HUBS if hub.id == hub_id).split(":")
    return int(hours) * 3600 + int(minutes) * 60
