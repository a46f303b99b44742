"""Tables of opening: rehearsals with their steps, trials of other versions, tasks nobody admitted, faults of lines."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Column
from sqlmodel import Field, Index, SQLModel

from ..store.tables import ULID, one_of
from ..store.types import Json

#: asked -> running -> passed | failed; or waived by a person with a reason.
REHEARSAL_STATES = ("asked", "running", "passed", "failed", "waived")
#: How one parcel of a rehearsal went.
STEP_VERDICTS = ("accepted", "taken", "sheet", "nothing-sent", "not-now", "failed")
REPORT_STATES = ("open", "admitted", "refused", "advised")


class RehearsalRow(SQLModel, table=True):
    """One rehearsal of a line for a hub, on a synthetic resident; nothing of it is among the real cases."""

    __tablename__ = "rehearsal"
    __table_args__ = (one_of("state", REHEARSAL_STATES), Index(None, "hub_id", "line_id", "id"), Index(None, "state"))

    id: str = Field(primary_key=True, max_length=ULID)
    hub_id: str = Field(foreign_key="hub.id")
    line_id: str
    line_version: str
    state: str = "asked"
    reason: str = ""  # why it was waived
    asked_by: str
    asked_at: datetime
    ended_at: datetime | None = None


class RehearsalStepRow(SQLModel, table=True):
    """One parcel of one item of a rehearsal, with what came of it in words."""

    __tablename__ = "rehearsal_step"
    __table_args__ = (one_of("verdict", STEP_VERDICTS),)

    rehearsal_id: str = Field(primary_key=True, foreign_key="rehearsal.id")
    position: int = Field(primary_key=True)
    item_code: str
    title_zh: str
    title_en: str
    platform_id: str = ""
    verdict: str
    reference: str = ""  # the number the department gave
    text_zh: str = ""
    text_en: str = ""
    ms: int = 0


class LineTrialRow(SQLModel, table=True):
    """One trial of another version of a line: its contract and its old cases, before it is switched."""

    __tablename__ = "line_trial"
    __table_args__ = (Index(None, "line_id", "id"),)

    id: str = Field(primary_key=True, max_length=ULID)
    line_id: str
    from_version: str
    to_version: str
    digest: str  # of the files that were tried
    passed: bool
    switched: bool = False
    cases: int = 0  # old cases that were read with it
    findings: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    tried_by: str
    tried_at: datetime


class UnadmittedTaskRow(SQLModel, table=True):
    """A task a department put on a hub without an admission, reported and answered (未准入事项上报)."""

    __tablename__ = "unadmitted_task"
    __table_args__ = (one_of("state", REPORT_STATES), Index(None, "hub_id", "id"), Index(None, "state", "id"))

    id: str = Field(primary_key=True, max_length=ULID)
    hub_id: str = Field(foreign_key="hub.id")
    title: str
    department: str  # who asks for it
    detail: str  # what it asks: forms, ledgers, how often
    due_on: date | None = None
    reported_by: str
    reported_at: datetime
    state: str = "open"
    answer: str = ""
    answered_by: str = ""
    answered_at: datetime | None = None


class LineFaultRow(SQLModel, table=True):
    """What failed in one hook of one line, counted; the kind of error only, never its text."""

    __tablename__ = "hook_fault"

    line_id: str = Field(primary_key=True)
    hook: str = Field(primary_key=True)
    reason: str
    count: int = 1
    first_at: datetime
    last_at: datetime = Field(index=True)
