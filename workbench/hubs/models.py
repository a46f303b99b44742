"""Tables of places: divisions with history, hubs, communities, grids, open lines, admissions, settings, parameters."""

from datetime import date, datetime
from typing import Any

from sqlmodel import Field, Index, SQLModel

from ..store.tables import ULID, json_column, one_of, sealed_json, text_column

#: Why a line was closed: by an admin, by the end of its admission, by its withdrawal.
CLOSED_WHY = ("", "admin", "expired", "withdrawn")
#: How an admission came about: written down by an admin, carried over from before there were any, by the
#: demonstration, or from a file of configuration.
ORIGINS = ("recorded", "carried-over", "demonstration", "imported")


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
    parent_id: str | None = None  # the hub above it, e.g. its street's; settings are inherited from there
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
    """One line opened at one hub; a closed one keeps its row and its place."""

    __tablename__ = "open_line"
    __table_args__ = (one_of("closed_why", CLOSED_WHY),)

    hub_id: str = Field(primary_key=True, foreign_key="hub.id")
    line_id: str = Field(primary_key=True)
    position: int
    opened_at: datetime
    opened_by: str
    closed_at: datetime | None = None
    closed_why: str = text_column()


class AdmissionRow(SQLModel, table=True):
    """One admission (准入) of a line at a hub: who approved it, under which directory, from when until when."""

    __tablename__ = "admission"
    __table_args__ = (one_of("origin", ORIGINS), Index(None, "hub_id", "line_id", "valid_to"))

    id: str = Field(primary_key=True, max_length=ULID)
    hub_id: str = Field(foreign_key="hub.id")
    line_id: str
    approved_by: str
    directory: str
    valid_from: date
    valid_to: date | None = None  # only what was carried over has no end
    forms: str = ""  # which forms it covers, one a line
    ledgers: str = ""  # which ledgers (台账), one a line
    origin: str = "recorded"
    made_by: str
    made_at: datetime
    ended_at: datetime | None = None  # withdrawn
    ended_by: str = ""
    ended_why: str = ""


class LineVersionRow(SQLModel, table=True):
    """One version of a line that is or was in use here; `in_use` marks the one that runs, at every hub."""

    __tablename__ = "line_version"

    line_id: str = Field(primary_key=True)
    digest: str = Field(primary_key=True, max_length=64)  # of its files
    package: str
    version: str
    archive: str  # its copy in the file store
    in_use: bool = False
    kept_at: datetime
    used_from: datetime | None = None  # when it was last put to use
    used_by: str = ""


class HubSettingRow(SQLModel, table=True):
    """One setting of a line or platform at a hub; hubs below it inherit what they do not set themselves."""

    __tablename__ = "hub_setting"

    hub_id: str = Field(primary_key=True, foreign_key="hub.id")
    owner: str = Field(primary_key=True)  # "line:<id>" or "platform:<id>"
    key: str = Field(primary_key=True)
    value: str = ""
    secret: Any = sealed_json("hub_setting.secret")
    set_by: str
    set_at: datetime


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
