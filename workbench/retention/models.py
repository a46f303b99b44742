"""Tables of retention: what is due or was erased, what is held, files that wait to be taken away."""

from datetime import date, datetime
from typing import Any

from sqlmodel import Field, Index, SQLModel

from ..store.tables import ULID, json_column, one_of

#: due -> released -> erased; back to due when something held it before it was done.
STATES = ("due", "released", "erased")


class ErasureRow(SQLModel, table=True):
    """One case or one resident's file whose term has run out, and what became of it. It holds no personal data."""

    __tablename__ = "erasure"
    __table_args__ = (
        one_of("kind", ("case", "person")),
        one_of("state", STATES),
        Index(None, "hub_id", "state", "due_on", "id"),
        Index(None, "state"),
    )

    id: str = Field(primary_key=True, max_length=ULID)
    #: "case:<id>" or "person:<id>": each comes up once, whoever looks and how often.
    mark: str = Field(unique=True)
    kind: str
    hub_id: str
    person_id: str = Field(index=True, foreign_key="person.id")
    case_id: str = ""
    case_no: str = ""
    item_code: str = ""
    #: The rule it is erased under: so many years, where that is said, in which words.
    years: int
    said: str
    basis: str = ""
    due_on: date
    found_at: datetime
    state: str = "due"
    released_by: str = ""
    released_name: str = ""
    released_at: datetime | None = None
    reason: str = ""
    erased_at: datetime | None = None
    #: table -> how many rows were emptied or taken away.
    counts: dict[str, Any] = json_column()
    #: "table.column" -> primary key -> keyed digest of what stood there.
    proofs: dict[str, Any] = json_column()
    untold: str = ""  # lines that could not be told, by comma


class HoldRow(SQLModel, table=True):
    """A reason for which a case, or everything of a resident, is not erased until it is lifted."""

    __tablename__ = "retention_hold"
    __table_args__ = (Index(None, "hub_id", "lifted_at"),)

    id: str = Field(primary_key=True, max_length=ULID)
    hub_id: str
    person_id: str = Field(index=True, foreign_key="person.id")
    case_id: str = ""  # "" = everything of the resident
    case_no: str = ""
    reason: str
    by_id: str
    by_name: str
    at: datetime
    lifted_at: datetime | None = None
    lifted_by: str = ""
    lifted_name: str = ""
    lift_reason: str = ""


class ErasedFileRow(SQLModel, table=True):
    """A file of something erased: it is taken away once nothing that is left names it."""

    __tablename__ = "erased_file"

    digest: str = Field(primary_key=True)
    since: datetime
