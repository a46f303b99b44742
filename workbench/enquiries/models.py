"""The table of enquiries."""

from datetime import date, datetime

from sqlmodel import Field, Index, SQLModel

from ..store.tables import ULID, one_of, sealed

STATES = ("open", "answered", "passed-on")
#: How an answer reached whoever asked, or a matter the department.
ANSWERED = ("", "counter", "phone", "message", "paper")
PASSED = ("", "phone", "paper", "message")


class EnquiryRow(SQLModel, table=True):
    """One enquiry; what was said is sealed, for people tell of themselves."""

    __tablename__ = "enquiry"
    __table_args__ = (
        one_of("state", STATES),
        one_of("answered_how", ANSWERED),
        one_of("passed_how", PASSED),
        Index(None, "hub_id", "state", "due_on", "id"),
        Index(None, "hub_id", "made_at"),
        Index(None, "person_id", "id"),
    )

    id: str = Field(primary_key=True, max_length=ULID)
    number: str = Field(unique=True)
    hub_id: str
    line_id: str
    item_code: str
    title_zh: str
    title_en: str
    #: Nobody where whoever asked is not on file.
    person_id: str | None = Field(default=None, foreign_key="person.id")
    asked_by: str | None = sealed("enquiry.asked_by")  # as they called themselves
    phone: str | None = sealed("enquiry.phone")
    question: str | None = sealed("enquiry.question")
    state: str = "open"
    due_on: date
    answer: str | None = sealed("enquiry.answer")
    answered_how: str = ""
    passed_to: str = ""
    passed_how: str = ""
    receipt: str = ""  # the department's own number, or who took the paper
    received_at: datetime | None = None
    made_by: str
    made_name: str
    made_at: datetime
    settled_name: str = ""
    settled_at: datetime | None = None
    version: int = 1
