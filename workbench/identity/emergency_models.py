"""Table of looks in an emergency: who was let see whom beyond their rights, until when and why."""

from datetime import datetime

from sqlmodel import Field, Index, SQLModel

from ..store.tables import ULID


class EmergencyRow(SQLModel, table=True):
    """One worker's right to see one resident, and one case of theirs, for a short time."""

    __tablename__ = "emergency_look"
    __table_args__ = (
        Index(None, "hub_id", "seen_at", "begun_at"),
        Index(None, "worker_id", "person_id", "ends_at"),
    )

    id: str = Field(primary_key=True, max_length=ULID)
    #: Whose resident or case it is; its admins are told.
    hub_id: str = Field(foreign_key="hub.id")
    #: Where the worker sat.
    from_hub_id: str = Field(foreign_key="hub.id")
    worker_id: str = Field(foreign_key="worker.id")
    person_id: str
    case_id: str = ""
    line_id: str = ""
    reason: str
    begun_at: datetime
    ends_at: datetime
    ended_by: str = ""
    #: When an admin of the hub took notice, and who.
    seen_at: datetime | None = None
    seen_by: str = ""
