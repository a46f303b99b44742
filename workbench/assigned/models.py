"""Tables of tasks that departments assign, and how far each platform has been asked."""

from datetime import date, datetime
from typing import Any

from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from ..store.tables import ULID, one_of, sealed, sealed_json

KINDS = ("review", "yearly_check", "list", "other")
#: quarantined: for no hub of ours, or for one where the line is closed; put-away: a system admin has seen that.
STATES = ("open", "done", "returned", "quarantined", "put-away")
#: Why a task is in quarantine.
REASONS = ("", "no-hub", "line-closed")


class AssignedTaskRow(SQLModel, table=True):
    """One task as the department gave it; the same reference of a platform is one row for ever."""

    __tablename__ = "assigned_task"
    __table_args__ = (
        one_of("kind", KINDS),
        one_of("state", STATES),
        one_of("reason", REASONS),
        UniqueConstraint("platform_id", "reference"),
        Index(None, "hub_id", "state", "due_on", "id"),
        Index(None, "state", "platform_id"),
    )

    id: str = Field(primary_key=True, max_length=ULID)
    platform_id: str
    line_id: str
    reference: str
    hub_id: str  # "" while it is for no hub of ours
    their_hub: str  # whom they say it is for
    kind: str
    title: str | None = sealed("assigned_task.title")
    detail: Any = sealed_json("assigned_task.detail")
    id_no: str | None = sealed("assigned_task.id_no")
    #: Nobody while nobody on file has that number.
    person_id: str | None = Field(default=None, index=True, foreign_key="person.id")
    due_on: date | None = None
    state: str
    reason: str = ""
    received_at: datetime
    words: str | None = sealed("assigned_task.words")  # of whoever settled it
    reply: str = ""  # why the department did not take the answer
    settled_by: str = ""
    settled_name: str = ""
    settled_at: datetime | None = None
    delivery_id: str = ""  # the parcel that carries the answer
    version: int = 1


class TaskCursorRow(SQLModel, table=True):
    """How far a platform has been asked for tasks."""

    __tablename__ = "task_cursor"

    platform_id: str = Field(primary_key=True)
    cursor: str = ""
    asked_at: datetime | None = None
    detail: str = ""  # why the last asking failed
