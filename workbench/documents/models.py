"""Tables of documents: what was printed, the use of the seal, templates a hub changed, the last numbers given."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, Index, SQLModel

from ..store.tables import ULID, sealed_json


class DocumentRow(SQLModel, table=True):
    """One printed document; its content is kept sealed, so that a second print is the same paper."""

    __tablename__ = "document_print"
    __table_args__ = (Index(None, "hub_id", "id"),)

    id: str = Field(primary_key=True, max_length=ULID)
    hub_id: str
    case_id: str = Field(index=True, foreign_key="cases.id")
    kind: str
    number: str = Field(unique=True)
    data: Any = sealed_json("document_print.data")
    template: str  # digest of the template it was drawn with
    by_id: str
    by_name: str
    at: datetime


class SealUseRow(SQLModel, table=True):
    """One use of a seal on a printed document."""

    __tablename__ = "seal_use"

    id: int | None = Field(default=None, primary_key=True)
    document_id: str = Field(index=True, foreign_key="document_print.id")
    seal: str
    copies: int
    by_id: str
    by_name: str
    at: datetime


class TemplateRow(SQLModel, table=True):
    """One version of a template; the newest one of a hub and kind is used, the older ones stay for second prints."""

    __tablename__ = "document_template"
    __table_args__ = (Index(None, "hub_id", "kind", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    hub_id: str
    kind: str
    source: str
    digest: str
    is_standard: bool = False  # back to what ships with the product
    by_id: str
    by_name: str
    at: datetime


class DocumentNumberRow(SQLModel, table=True):
    """The last number of a kind given at a hub in a year."""

    __tablename__ = "document_number"

    hub_id: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    year: int = Field(primary_key=True)
    last: int
