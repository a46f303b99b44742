"""Tables of cases: the case, its draft, steps, materials, suspensions, events; the working calendar."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Column
from sqlmodel import Field, Index, SQLModel

from ..store.tables import ULID, json_column, one_of, sealed_json, text_column
from ..store.types import Json

#: domain C3, with its side exits.
STATES = (
    "draft", "accepted", "refused", "correction", "reviewing", "suspended", "decided",
    "concluded", "delivered", "archived", "withdrawn", "returned", "voided",
)  # fmt: skip


class CaseRow(SQLModel, table=True):
    """One matter of one person from draft to archive. `version` guards against two writers."""

    __tablename__ = "cases"
    __table_args__ = (
        one_of("state", STATES),
        Index(None, "hub_id", "state", "due_on"),
        Index(None, "owner_id", "hub_id", "state", "due_on"),
        Index(None, "home_hub_id", "state", "due_on"),
        Index(None, "concluded_at"),
    )

    id: str = Field(primary_key=True, max_length=ULID)
    case_no: str | None = Field(default=None, unique=True)
    hub_id: str
    line_id: str
    item_code: str
    item_version: str
    item_digest: str
    title_zh: str
    title_en: str
    person_id: str = Field(index=True, foreign_key="person.id")
    reception_id: str = Field(index=True)
    owner_id: str
    state: str = "draft"
    step: str = ""  # key of the open step
    step_by: str = ""  # who may complete it: worker, reviewer, policy, approver, department
    step_line: str = text_column()  # the line whose people take it, where it is not the case's own
    home_hub_id: str = text_column()  # where it is decided, when that is not where it was accepted
    payload_id: str = ""
    accepted_at: datetime | None = None
    due_on: date | None = None
    #: The limit in working days, where the clock stood still or was extended; None = from accept to due.
    limit_days: int | None = None
    result: str = ""  # granted, refused
    result_text: str = ""
    reference: str = Field(default="", index=True)  # the department's number
    concluded_at: datetime | None = None
    #: When its content was erased, and under which rule: "years|where that is said|its words".
    erased_at: datetime | None = None
    erased_under: str = text_column()
    created_at: datetime
    updated_at: datetime
    version: int = 1


class DraftRow(SQLModel, table=True):
    """What was typed before accept, and where each value came from; saved as it is typed."""

    __tablename__ = "draft"

    case_id: str = Field(primary_key=True, foreign_key="cases.id")
    values: Any = sealed_json("draft.values")
    #: {field key: {"rank", "source", "as_of", "reason", "typed": bool}}
    origins: Any = sealed_json("draft.origins")
    #: Idempotency key of the accept button: a second click finds the first one's case.
    accept_key: str
    saved_at: datetime
    version: int = 1


class StepRow(SQLModel, table=True):
    """One step of one case, frozen from the item at accept."""

    __tablename__ = "case_step"
    __table_args__ = (one_of("state", ("waiting", "open", "done", "skipped")),)

    case_id: str = Field(primary_key=True, foreign_key="cases.id")
    position: int = Field(primary_key=True)
    key: str
    by: str
    state: str
    four_eyes: bool = False
    due_on: date | None = None
    started_at: datetime | None = None
    done_at: datetime | None = None
    done_by: str = ""
    outcome: str = ""  # passed, failed, or the department's word
    reason: str = ""
    #: What the kind of step asks to be written down: day and names of a visit, place of a posting, objections.
    found: Any = Field(default=None, sa_column=Column(Json, nullable=True))


class CaseMaterialRow(SQLModel, table=True):
    """How one material of a case stands."""

    __tablename__ = "case_material"
    __table_args__ = (
        one_of("state", ("missing", "have", "sighted", "scanned", "waived", "promised", "late", "not_needed")),
    )

    case_id: str = Field(primary_key=True, foreign_key="cases.id")
    key: str = Field(primary_key=True)
    state: str
    document_id: int | None = None
    supply_by: date | None = None
    note: str = ""


class ProposalRow(SQLModel, table=True):
    """A value that was corrected elsewhere, proposed to one open case; whoever owns the case takes or declines it."""

    __tablename__ = "proposal"
    __table_args__ = (
        one_of("state", ("open", "taken", "declined", "lapsed")),
        Index(None, "case_id", "state"),
        Index(None, "hub_id", "state"),
    )

    id: str = Field(primary_key=True, max_length=ULID)
    case_id: str = Field(foreign_key="cases.id")
    person_id: str = Field(index=True, foreign_key="person.id")
    hub_id: str
    field: str  # of the case's form
    key: str  # of the fact
    value: Any = sealed_json("proposal.value")
    was: Any = sealed_json("proposal.was")  # what the case says
    rank: str
    source: str
    as_of: date | None = None
    reason: str = ""
    from_case: str = ""  # where it was corrected, "" = on the resident's page
    made_at: datetime
    made_by: str
    made_by_name: str = ""
    state: str = "open"
    settled_at: datetime | None = None
    settled_by: str = ""
    settle_reason: str = ""


class SuspensionRow(SQLModel, table=True):
    """A span in which a case's clock does not run."""

    __tablename__ = "suspension"
    __table_args__ = (one_of("kind", ("correction", "special_procedure", "assessment", "reopened")),)

    id: int | None = Field(default=None, primary_key=True)
    case_id: str = Field(index=True, foreign_key="cases.id")
    kind: str
    reason: str
    from_day: date
    to_day: date | None = None
    #: The last day it stands still by itself; None = until somebody starts it again.
    until: date | None = Field(default=None, index=True)
    #: Correction only: by when the resident is asked to answer; told on the notice.
    reply_by: date | None = None
    by_name: str = text_column()


class ExtensionRow(SQLModel, table=True):
    """More days for a case's limit: asked for by one, approved by another."""

    __tablename__ = "extension"
    __table_args__ = (one_of("state", ("asked", "approved", "refused")),)

    id: int | None = Field(default=None, primary_key=True)
    case_id: str = Field(index=True, foreign_key="cases.id")
    days: int
    reason: str
    state: str = "asked"
    asked_by: str
    asked_name: str
    asked_at: datetime
    decided_by: str = ""
    decided_name: str = ""
    decided_at: datetime | None = None
    decision: str = ""  # the words of the decision


class UrgingRow(SQLModel, table=True):
    """Somebody urges a case on (催办), or supervises it (督办); it stands until it is answered."""

    __tablename__ = "urging"
    __table_args__ = (one_of("kind", ("urge", "supervise")), Index(None, "hub_id", "answered_at"))

    id: int | None = Field(default=None, primary_key=True)
    case_id: str = Field(index=True, foreign_key="cases.id")
    hub_id: str
    kind: str
    text: str
    by_id: str
    by_name: str
    at: datetime
    answer_by: date
    answer: str = ""
    answered_by: str = ""
    answered_at: datetime | None = None


class CaseEventRow(SQLModel, table=True):
    """One line of the case's timeline: what happened, in a kind with parameters, told in either language."""

    __tablename__ = "case_event"

    id: int | None = Field(default=None, primary_key=True)
    case_id: str = Field(index=True, foreign_key="cases.id")
    at: datetime
    kind: str
    actor_id: str
    actor_name: str = ""
    detail: dict[str, Any] = json_column()


class PresenceRow(SQLModel, table=True):
    """One worker who has a case open, as of their last poll; old rows are taken away."""

    __tablename__ = "case_presence"

    case_id: str = Field(primary_key=True, foreign_key="cases.id")
    worker_id: str = Field(primary_key=True)
    worker_name: str
    seen_at: datetime = Field(index=True)


class TakingRow(SQLModel, table=True):
    """Who has taken the open step of a case out of the common queue; the key lets one take it."""

    __tablename__ = "step_taking"

    case_id: str = Field(primary_key=True, foreign_key="cases.id")
    step: str
    worker_id: str = Field(index=True, foreign_key="worker.id")
    worker_name: str
    taken_at: datetime


class PaperHopRow(SQLModel, table=True):
    """Papers of one case on their way from where they were taken in to where it is decided (收受分离)."""

    __tablename__ = "paper_hop"
    __table_args__ = (Index(None, "from_hub", "sent_at"), Index(None, "to_hub", "received_at"))

    case_id: str = Field(primary_key=True, foreign_key="cases.id")
    from_hub: str
    to_hub: str
    hand_over_by: datetime
    way: str = ""  # by whom, or the number of the mail
    sent_at: datetime | None = None
    sent_by: str = ""
    received_at: datetime | None = None
    received_by: str = ""
    remark: str = ""  # what was missing when the papers were counted


class CalendarDayRow(SQLModel, table=True):
    """One day that is not what its weekday says: a public holiday, or a make-up working day."""

    __tablename__ = "calendar_day"
    __table_args__ = (one_of("kind", ("holiday", "makeup")),)

    day: date = Field(primary_key=True)
    kind: str
    name: str
    notice: str  # the yearly notice it comes from


class CalendarNoticeRow(SQLModel, table=True):
    """One import of a yearly notice; open cases are counted anew after it, as far as `done_to`."""

    __tablename__ = "calendar_notice"

    id: int | None = Field(default=None, primary_key=True)
    year: int
    title: str
    holidays: int
    makeup_days: int
    by_id: str
    by_name: str
    at: datetime
    done_to: str = ""  # id of the last case that was counted anew
    moved: int = 0
    done_at: datetime | None = Field(default=None, index=True)


class CaseNumberRow(SQLModel, table=True):
    """The last number given in a division on a day; hubs of one division count together."""

    __tablename__ = "case_number"

    division: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    last: int
