"""Table of sittings: one person at the table, one to many cases, one receipt."""

from datetime import datetime

from sqlmodel import Field, Index, SQLModel

from ..store.tables import ULID, one_of


class ReceptionRow(SQLModel, table=True):
    """One sitting."""

    __tablename__ = "reception"
    __table_args__ = (
        one_of("state", ("open", "parked", "accepted", "closed")),
        Index(None, "worker_id", "state"),
    )

    id: str = Field(primary_key=True, max_length=ULID)
    hub_id: str
    worker_id: str
    person_id: str = Field(index=True, foreign_key="person.id")
    state: str = "open"
    started_at: datetime
    ended_at: datetime | None = None
