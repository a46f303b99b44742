"""Tables of the hall: tickets of a day, the last number given, appointments."""

from datetime import date, datetime

from sqlmodel import Field, Index, SQLModel

from ..store.tables import ULID, one_of

CHANNELS = ("ordinary", "express", "green", "appointment")
STATES = ("waiting", "called", "serving", "done", "missed", "left")


class TicketRow(SQLModel, table=True):
    """One number of one day; nothing about who holds it."""

    __tablename__ = "ticket"
    __table_args__ = (
        one_of("channel", CHANNELS),
        one_of("state", STATES),
        Index(None, "hub_id", "day", "number", unique=True),
        Index(None, "hub_id", "day", "state", "turn_at"),
    )

    id: str = Field(primary_key=True, max_length=ULID)
    hub_id: str
    day: date
    number: str
    channel: str
    state: str = "waiting"
    #: Whose turn comes first: when it was drawn, less the head start of its channel.
    turn_at: datetime
    drawn_at: datetime
    called_at: datetime | None = None
    served_at: datetime | None = None
    ended_at: datetime | None = None
    calls: int = 0
    worker_id: str = ""  # who called it
    desk: str = ""  # what the screen says: the caller's name for the table
    for_worker: str = ""  # handed on to this worker only; "" = whoever is free
    note: str = ""  # said when it was handed on


class HallDayRow(SQLModel, table=True):
    """The last number given by a hub on a day; every channel counts on its own."""

    __tablename__ = "hall_day"

    hub_id: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    last: int


class AppointmentRow(SQLModel, table=True):
    """A time kept for a resident."""

    __tablename__ = "appointment"
    __table_args__ = (
        one_of("state", ("booked", "arrived", "cancelled")),
        Index(None, "hub_id", "day", "slot"),
    )

    id: str = Field(primary_key=True, max_length=ULID)
    hub_id: str
    person_id: str = Field(index=True, foreign_key="person.id")
    day: date
    slot: str  # "09:30", on the hub's wall clock
    matter: str = ""
    state: str = "booked"
    ticket_id: str = ""
    by_id: str
    by_name: str
    at: datetime
