"""Table of item versions: what a case was accepted under stays readable for ever."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from ..store.tables import json_column


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
