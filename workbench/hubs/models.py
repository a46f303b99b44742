"""Tables of places: divisions with history, hubs, communities, grids, open lines, parameters."""

from datetime import date, datetime
from typing import Any

from sqlmodel import Field, SQLModel

from ..store.tables import json_column, one_of


class DivisionRow(SQLModel, table=True):
    """One division (区划) with the days it existed."""

    __tablename__ = "division"

    code: str = Field(primary_key=True, max_length=12)
    name_zh: str
    name_en: str = ""
    parent: str = Field(default="", index=True)
    level: int
    valid_from: date | None = None
    valid_to: date | None = None


class HubRow(SQLModel, table=True):
    """One hub; `version` grows with every change of its open lines, so caches know."""

    __tablename__ = "hub"
    __table_args__ = (one_of("shape", ("single", "many", "centre")),)

    id: str = Field(primary_key=True, max_length=32)
    name_zh: str
    name_en: str
    shape: str
    division: str
    parent_id: str | None = None
    opens: str = "09:00"
    closes: str = "21:00"
    phone: str = ""
    version: int = 1


class CommunityRow(SQLModel, table=True):
    """One community (社区) served by a hub."""

    __tablename__ = "community"

    id: str = Field(primary_key=True, max_length=12)
    hub_id: str = Field(index=True, foreign_key="hub.id")
    name_zh: str
    name_en: str = ""


class GridRow(SQLModel, table=True):
    """One grid (网格) of a community."""

    __tablename__ = "grid"

    id: str = Field(primary_key=True, max_length=16)
    community_id: str = Field(index=True, foreign_key="community.id")
    name: str


class OpenLineRow(SQLModel, table=True):
    """One line opened at one hub; a closed one keeps its row and its settings."""

    __tablename__ = "open_line"

    hub_id: str = Field(primary_key=True, foreign_key="hub.id")
    line_id: str = Field(primary_key=True)
    position: int
    settings: dict[str, Any] = json_column()
    opened_at: datetime
    opened_by: str
    closed_at: datetime | None = None


class ParameterRow(SQLModel, table=True):
    """One threshold that differs by place, for one division and a span of days."""

    __tablename__ = "division_parameter"

    division: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    valid_from: date = Field(primary_key=True)
    valid_to: date | None = None
    value: dict[str, Any] = json_column()  # {"value": ..., "unit": "fen"}
    confidence: str = "typical"
    note: str = ""
