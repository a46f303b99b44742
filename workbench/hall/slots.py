"""Times for appointments: the hub's opening hours in half hours, as many as half of those at the tables can take.

The other half stays free for whoever comes without one.
"""

from dataclasses import dataclass
from datetime import date

from sqlmodel import col, func, select

from ..cases.calendar import load_calendar
from ..hubs.lock import lock_hub
from ..hubs.models import HubRow
from ..identity.audit import record
from ..identity.seen import lists
from ..people.models import PersonRow
from ..people.register import hold_standing
from ..store.context import Context
from ..store.ids import new_id
from ..store.problems import Problem
from .capacity import AHEAD, SLOT, moment, read_tables
from .draw import draw
from .models import AppointmentRow, TicketRow


@dataclass(frozen=True, slots=True)
class Slot:
    """One half hour of a day; more may be kept than there are places, when somebody is away who was not before."""

    at: str
    places: int
    kept: int

    @property
    def left(self) -> int:
        """Tell how many can still be booked."""
        return max(self.places - self.kept, 0)

    @property
    def is_short(self) -> bool:
        """Tell whether more is kept than can be taken."""
        return self.kept > self.places


@dataclass(frozen=True, slots=True)
class Booked:
    """One appointment as its list shows it."""

    id: str
    slot: str
    person_id: str
    person_name: str
    matter: str
    state: str


def slots_of(ctx: Context, day: date) -> list[Slot]:
    """List a day's times with their places and what is kept; none for a public holiday. Ten queries."""
    if day in load_calendar(ctx.session).holidays:
        return []
    hub = ctx.session.get_one(HubRow, ctx.hub.id)
    tables = read_tables(ctx, day, day)
    taken_query = select(AppointmentRow.slot, func.count()).where(*_of(ctx, day), AppointmentRow.state != "cancelled")
    taken = dict(ctx.session.exec(taken_query.group_by(AppointmentRow.slot)).all())
    now, found = ctx.clock.now(), []
    at, closes = moment(day, hub.opens), moment(day, hub.closes)
    while at + SLOT <= closes:
        if at > now:
            name = f"{at:%H:%M}"
            found.append(Slot(name, tables.places(day, name), taken.get(name, 0)))
        at += SLOT
    return found


def book(ctx: Context, person: PersonRow, day: date, slot: str, matter: str) -> AppointmentRow:
    """Keep a time for a resident; raises Problem when it is not to be had."""
    today = ctx.clock.today()
    if not today <= day <= today + AHEAD:
        raise Problem("day_wrong", "只能预约今天起两周内。", "Only the next two weeks can be booked.", field="day")
    lock_hub(ctx)  # one booking at a time counts the places
    hold_standing(ctx, [person.id])
    free = next((one for one in slots_of(ctx, day) if one.at == slot), None)
    if free is None or not free.left:
        raise Problem(
            "slot_taken", "该时段已约满或不可预约，请另选。", "That time is taken; choose another.", field="slot"
        )
    double = select(AppointmentRow.id).where(*_of(ctx, day), AppointmentRow.slot == slot)
    double = double.where(AppointmentRow.person_id == person.id, AppointmentRow.state == "booked")
    if ctx.session.exec(double).first():
        raise Problem("booked_already", "该居民已约此时段。", "This resident has that time already.", field="slot")
    row = AppointmentRow(
        id=new_id(), hub_id=ctx.hub.id, person_id=person.id, day=day, slot=slot, matter=matter.strip()[:100],
        by_id=ctx.actor.id, by_name=ctx.actor.name, at=ctx.clock.now(),
    )  # fmt: skip
    ctx.session.add(row)
    record(ctx, "appointment.book", person_id=person.id, subject=f"appointment:{row.id}")
    return row


def arrive(ctx: Context, appointment_id: str) -> TicketRow:
    """They came: give them a number that has its turn at the time that was kept for them."""
    row = _booked(ctx, appointment_id)
    ticket = draw(ctx, "appointment", at=moment(row.day, row.slot))
    row.state, row.ticket_id = "arrived", ticket.id
    record(ctx, "appointment.arrived", person_id=row.person_id, subject=f"appointment:{row.id}")
    return ticket


def cancel(ctx: Context, appointment_id: str) -> None:
    """Give a kept time free again."""
    row = _booked(ctx, appointment_id)
    row.state = "cancelled"
    record(ctx, "appointment.cancelled", person_id=row.person_id, subject=f"appointment:{row.id}")


def booked_on(ctx: Context, day: date, limit: int = 200) -> list[Booked]:
    """List a day's appointments by time. One query."""
    columns = (AppointmentRow.id, AppointmentRow.slot, AppointmentRow.person_id, PersonRow.name)
    query = select(*columns, AppointmentRow.matter, AppointmentRow.state)  # type: ignore[call-overload]
    query = query.join(PersonRow, col(PersonRow.id) == col(AppointmentRow.person_id))
    query = query.where(*_of(ctx, day), AppointmentRow.state != "cancelled")
    query = query.order_by(AppointmentRow.slot, AppointmentRow.id).limit(limit)
    found = [Booked(*row) for row in ctx.session.exec(query)]
    lists(one.person_id for one in found)
    return found


def _booked(ctx: Context, appointment_id: str) -> AppointmentRow:
    row = ctx.session.get(AppointmentRow, appointment_id[:26], with_for_update=True)
    if row is None or row.hub_id != ctx.hub.id or row.state != "booked" or row.day < ctx.clock.today():
        raise Problem("appointment_moved", "此预约已处理，请刷新。", "This appointment was settled already; reload.")
    return row


def _of(ctx: Context, day: date) -> tuple[bool, bool]:
    return AppointmentRow.hub_id == ctx.hub.id, AppointmentRow.day == day
