"""Tables of cover: who is away, who stands in for a day, who holds whose work from when until when.

Who holds work now is read from `cover` by its two times; nothing has to happen at midnight for it to be so.
"""

from datetime import date, datetime

from sqlalchemy import Column
from sqlmodel import Field, Index, SQLModel

from ..store.tables import ULID, one_of, sealed
from ..store.types import Json

ABSENCES = ("leave", "sick", "training", "closed_shift")
NOTES = ("note", "paper")


class AbsenceRow(SQLModel, table=True):
    """One worker away from one hub from a moment until a moment; one that was taken back ends where it began."""

    __tablename__ = "absence"
    __table_args__ = (one_of("kind", ABSENCES), Index(None, "hub_id", "ends_at"))

    id: str = Field(primary_key=True, max_length=ULID)
    hub_id: str = Field(foreign_key="hub.id")
    worker_id: str = Field(index=True, foreign_key="worker.id")
    kind: str
    starts_at: datetime
    ends_at: datetime
    entered_by: str
    entered_name: str
    entered_at: datetime
    told_gaps: bool = False  # entered although nobody covers a part of it
    read_at: datetime | None = None  # when the worker, back again, had read what happened


class StandInRow(SQLModel, table=True):
    """A third person, named for one day of an absence, for one line or for all ("")."""

    __tablename__ = "stand_in"

    absence_id: str = Field(primary_key=True, foreign_key="absence.id")
    line_id: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    worker_id: str = Field(foreign_key="worker.id")
    named_by: str
    named_at: datetime


class CoverRow(SQLModel, table=True):
    """The work of one worker on one line, in another's hands for a span; `to_id` "" means that nobody covers."""

    __tablename__ = "cover"
    __table_args__ = (Index(None, "hub_id", "ends_at"), Index(None, "to_id", "ends_at"))

    id: str = Field(primary_key=True, max_length=ULID)
    hub_id: str
    absence_id: str = Field(index=True, foreign_key="absence.id")
    line_id: str
    from_id: str = Field(index=True)
    to_id: str
    starts_at: datetime
    ends_at: datetime
    may_settle: bool = True
    #: Ids of the rights given for exactly this span.
    grants: list[int] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    taken_at: datetime | None = None  # when whoever covers had read the notes and counted the papers


class CoverMarkRow(SQLModel, table=True):
    """The start or the end of a cover, written into the trail: the key makes twice impossible."""

    __tablename__ = "cover_mark"
    __table_args__ = (one_of("edge", ("start", "end")),)

    cover_id: str = Field(primary_key=True, foreign_key="cover.id")
    edge: str = Field(primary_key=True)
    at: datetime
    written_at: datetime
    cases: int


class HandoverRow(SQLModel, table=True):
    """What goes from hand to hand with an absence: a note, or a paper (even cash) that is passed and counted."""

    __tablename__ = "handover"
    __table_args__ = (one_of("kind", NOTES), one_of("state", ("given", "received", "missing", "returned")))

    id: str = Field(primary_key=True, max_length=ULID)
    absence_id: str = Field(index=True, foreign_key="absence.id")
    line_id: str
    kind: str
    text: str | None = sealed("handover.text")
    state: str = "given"
    remark: str | None = sealed("handover.remark")
    given_at: datetime
    given_by: str
    settled_at: datetime | None = None
    settled_by: str = ""
    settled_name: str = ""


class CallRow(SQLModel, table=True):
    """Something whoever covers may not settle: written down and called about, answered by whoever is away."""

    __tablename__ = "cover_call"
    __table_args__ = (Index(None, "to_id", "answered_at"),)

    id: str = Field(primary_key=True, max_length=ULID)
    case_id: str = Field(index=True, foreign_key="cases.id")
    hub_id: str
    cover_id: str = Field(foreign_key="cover.id")
    to_id: str
    text: str | None = sealed("cover_call.text")
    by_id: str
    by_name: str
    at: datetime
    answer: str | None = sealed("cover_call.answer")
    answered_at: datetime | None = None
