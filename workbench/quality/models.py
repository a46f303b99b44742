"""Tables of ratings: one of each visit, one line for each matter of it; a bad one is looked into."""

from datetime import date, datetime

from sqlmodel import Field, Index, SQLModel

from ..store.tables import ULID, one_of, sealed

#: GB/T 39046 A.8: 1 very satisfied ... 5 very dissatisfied; the last two are bad.
LEVELS, BAD = (1, 2, 3, 4, 5), (4, 5)


class VisitRatingRow(SQLModel, table=True):
    """What a resident thought of one visit; a second rating of it is not taken."""

    __tablename__ = "visit_rating"
    __table_args__ = (
        one_of("channel", ("QR", "PAD")),
        one_of("state", ("good", "open", "settled")),
        Index(None, "hub_id", "state", "due_on"),
        Index(None, "hub_id", "at"),
    )

    reception_id: str = Field(primary_key=True, max_length=ULID)
    hub_id: str
    worker_id: str  # who received them; never whoever settles it
    level: int  # of the visit as a whole
    worst: int  # of the visit and each matter
    words: str = sealed("visit_rating.words")
    channel: str
    at: datetime
    state: str
    due_on: date | None = None
    called_at: datetime | None = None  # the call-back
    finding: str = ""
    measure: str = ""
    settled_by: str = ""
    settled_name: str = ""
    settled_at: datetime | None = None


class MatterRatingRow(SQLModel, table=True):
    """What they thought of one matter of the visit."""

    __tablename__ = "matter_rating"

    case_id: str = Field(primary_key=True, foreign_key="cases.id")
    reception_id: str = Field(index=True, foreign_key="visit_rating.reception_id")
    line_id: str
    item_code: str
    level: int
