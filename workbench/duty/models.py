"""Tables of the roster: how a hub is staffed, its months, shifts and swaps."""

from datetime import date, datetime

from sqlmodel import Field, Index, SQLModel

from ..store.tables import ULID, one_of

#: A shift of the day, and the two duties that go with shifts: the desk over lunch, the hour after closing.
SHIFTS = ("early", "late", "lunch", "extended")
SWAPS = ("asked", "accepted", "approved", "declined", "refused")


class RosterRuleRow(SQLModel, table=True):
    """How a hub is staffed: what the generator is asked for."""

    __tablename__ = "roster_rule"

    hub_id: str = Field(primary_key=True, foreign_key="hub.id")
    two_shifts: bool = True
    seven_days: bool = True
    least_work: int = 2  # people in each shift on a working day
    least_off: int = 2  # on a weekend or a holiday
    has_lunch: bool = True
    has_extended: bool = True


class RosterMonthRow(SQLModel, table=True):
    """One month of a hub's roster; it counts from when it is published."""

    __tablename__ = "roster_month"

    hub_id: str = Field(primary_key=True, foreign_key="hub.id")
    month: date = Field(primary_key=True)
    made_at: datetime
    made_by: str
    published_at: datetime | None = None


class ShiftRow(SQLModel, table=True):
    """One worker in one shift of one day."""

    __tablename__ = "roster_shift"
    __table_args__ = (one_of("kind", SHIFTS),)

    hub_id: str = Field(primary_key=True, foreign_key="hub.id")
    day: date = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    worker_id: str = Field(primary_key=True, foreign_key="worker.id")


class SwapRow(SQLModel, table=True):
    """One worker asks another to take a shift, with or without one in return; the hub admin approves."""

    __tablename__ = "roster_swap"
    __table_args__ = (one_of("state", SWAPS), Index(None, "hub_id", "state"))

    id: str = Field(primary_key=True, max_length=ULID)
    hub_id: str = Field(foreign_key="hub.id")
    from_id: str = Field(foreign_key="worker.id")
    day: date
    kind: str
    to_id: str = Field(foreign_key="worker.id")
    back_day: date | None = None
    back_kind: str = ""
    reason: str = ""
    state: str = "asked"
    asked_at: datetime
    answered_at: datetime | None = None
    decided_by: str = ""
    decided_at: datetime | None = None
    decision: str = ""
