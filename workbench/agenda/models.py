"""Tables of the agenda: what waits for somebody, and how far the worker process has looked."""

from datetime import date, datetime

from sqlmodel import Field, Index, SQLModel

from ..store.tables import ULID, one_of, text_column

KINDS = ("stop", "apply", "check", "recheck", "automatic", "sample", "entitled")
STATES = ("open", "taken", "dismissed")


class AgendaRow(SQLModel, table=True):
    """One thing proposed to the people of a hub; `mark` makes it come up once, whoever looks and how often."""

    __tablename__ = "agenda"
    __table_args__ = (
        one_of("kind", KINDS),
        one_of("state", STATES),
        Index(None, "hub_id", "state", "due_on"),
        Index(None, "hub_id", "state", "item_code", "kind", "id"),
    )

    id: str = Field(primary_key=True, max_length=ULID)
    mark: str = Field(unique=True)
    kind: str
    hub_id: str
    line_id: str
    person_id: str = Field(index=True, foreign_key="person.id")
    item_code: str
    case_id: str = ""  # what set it off
    due_on: date
    note_zh: str = ""
    note_en: str = ""
    made_at: datetime
    state: str = "open"
    made_case_id: str = ""  # the form or case that came of it
    by_id: str = ""
    by_name: str = ""
    reason: str = ""
    settled_at: datetime | None = None
    basis: str = text_column()  # keyed digest of the facts it was settled on


class AgendaLookRow(SQLModel, table=True):
    """How far a job of the agenda has come: a moment for what was concluded, a month for a list."""

    __tablename__ = "agenda_look"

    name: str = Field(primary_key=True)
    at: datetime
