"""Tables of items: versions cases were accepted under, kept for ever; corrections made on the screen or by a table."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from ..store.tables import ULID, json_column, one_of


class ItemVersionRow(SQLModel, table=True):
    """One item exactly as its file said when the first case was accepted under it."""

    __tablename__ = "item_version"

    digest: str = Field(primary_key=True, max_length=64)
    code: str = Field(index=True)
    version: str
    division: str
    line_id: str
    content: dict[str, Any] = json_column()
    first_used_at: datetime


class ItemEditionRow(SQLModel, table=True):
    """One correction of an item for a place, made on the screen: drafted by one person, published by another."""

    __tablename__ = "item_edition"
    __table_args__ = (
        one_of("state", ("draft", "published", "withdrawn", "discarded")),
        UniqueConstraint("code", "division", "number"),
        Index(None, "state", "code"),
    )

    id: str = Field(primary_key=True, max_length=ULID)
    code: str
    line_id: str
    division: str
    number: int  # counts the corrections of an item at a place
    base_digest: str  # what was corrected
    digest: str = ""  # of what was published
    content: dict[str, Any] = json_column()
    state: str = "draft"
    reason: str = ""
    made_by: str
    made_at: datetime
    published_by: str = ""
    published_at: datetime | None = None
    ended_by: str = ""
    ended_at: datetime | None = None
    version: int = 1


class ItemTableRow(SQLModel, table=True):
    """One table of items in the national columns that was sent in: looked at first, then turned into drafts once."""

    __tablename__ = "item_table"
    __table_args__ = (one_of("state", ("looked", "drafted")), Index(None, "hub_id", "made_at"))

    id: str = Field(primary_key=True, max_length=ULID)
    hub_id: str
    division: str
    file_name: str
    digest: str
    state: str = "looked"
    reason: str = ""
    counts: dict[str, Any] = json_column()  # how many rows stood how, when the drafts were made
    made_by: str
    made_at: datetime
    drafted_by: str = ""
    drafted_at: datetime | None = None
