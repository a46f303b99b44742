"""Tables of residents: persons, search keys, households, facts, documents."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, false
from sqlmodel import Field, Index, SQLModel

from ..store.tables import ULID, blind, json_column, one_of, sealed, sealed_json, text_column
from ..store.types import sorted_text
from .blind_keys import id_key, phone_key


class PersonRow(SQLModel, table=True):
    """One resident: the few columns that lists and search need; everything else is facts."""

    __tablename__ = "person"
    __table_args__ = (one_of("status", ("active", "dead", "moved", "merged")), Index(None, "hub_id", "created_at"))

    id: str = Field(primary_key=True, max_length=ULID)
    hub_id: str
    community_id: str = ""
    grid_id: str = ""
    household_id: str | None = Field(default=None, index=True)
    name: str
    sex: str = "0"  # GB/T 2261.1
    birth_date: date | None = None
    id_type: str = "111"
    id_no: str | None = sealed("person.id_no")
    id_index: bytes | None = blind(id_key, "id_type", "id_no", unique=True)
    id_masked: str = ""
    phone: str | None = sealed("person.phone")
    phone_index: bytes | None = blind(phone_key, "phone")
    phone_masked: str = ""
    #: "merged" leads to `merged_into`; to nobody where the import that opened the file was undone.
    status: str = "active"
    merged_into: str | None = None
    #: When the file was erased; what is left of it leads to nobody.
    erased_at: datetime | None = None
    created_at: datetime
    updated_at: datetime
    version: int = 1


class PersonKeyRow(SQLModel, table=True):
    """One way to find a person: a suffix of the name, its pinyin or its initials. Prefix-searched."""

    __tablename__ = "person_key"
    __table_args__ = (Index(None, "hub_id", "key", "person_id"),)

    key: str = Field(sa_column=Column(sorted_text(64), primary_key=True))
    person_id: str = Field(primary_key=True, index=True, foreign_key="person.id")
    hub_id: str


class HouseholdRow(SQLModel, table=True):
    """One household (户)."""

    __tablename__ = "household"

    id: str = Field(primary_key=True, max_length=ULID)
    hub_id: str = Field(index=True)
    address: str | None = sealed("household.address")
    created_at: datetime


class MemberRow(SQLModel, table=True):
    """One person in one household, with the relation to its head (GB/T 4761)."""

    __tablename__ = "household_member"

    household_id: str = Field(primary_key=True, foreign_key="household.id")
    person_id: str = Field(primary_key=True, index=True, foreign_key="person.id")
    relation: str
    since: date | None = None
    until: date | None = None
    #: Why somebody belongs to this household beside their main one; "" in the main one.
    second_reason: str = text_column()


class FactRow(SQLModel, table=True):
    """One value of one key with its origin; append-only. `value` and `sealed` hold JSON text, one of them."""

    __tablename__ = "fact"
    __table_args__ = (Index(None, "person_id", "key", "recorded_at"),)

    id: int | None = Field(default=None, primary_key=True)
    person_id: str = Field(foreign_key="person.id")
    key: str
    value: str | None = None
    sealed: str | None = sealed("fact.sealed")
    rank: int  # 3 department, 2 document, 1 the resident's word
    source: str
    as_of: date | None = None
    recorded_at: datetime
    recorded_by: str
    purpose: str = ""
    case_id: str = ""
    reason: str = ""  # why a stronger value was overruled, or why this one was chosen
    #: Written by a person who settled a conflict: it counts before everything that was known until then.
    settles: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    #: The fact this row takes back: both stay on file, and neither counts.
    withdraws: int | None = Field(default=None)


class DocumentRow(SQLModel, table=True):
    """One material on file: scanned (a digest) or sighted (no digest)."""

    __tablename__ = "document"
    __table_args__ = (Index(None, "person_id", "kind"),)

    id: int | None = Field(default=None, primary_key=True)
    person_id: str = Field(foreign_key="person.id")
    kind: str  # material key
    digest: str = ""
    file_name: str = ""
    media_type: str = ""
    size: int = 0
    valid_until: date | None = None
    recorded_at: datetime
    recorded_by: str
    case_id: str = ""


class MergeRow(SQLModel, table=True):
    """Two files that were found to be one person; holds what is needed to take them apart again, to the byte.

    The ids stand without foreign keys: a merge of a merged file must find them as they were.
    """

    __tablename__ = "person_merge"

    id: str = Field(primary_key=True, max_length=ULID)
    hub_id: str
    kept_id: str = Field(index=True)
    gone_id: str = Field(index=True)
    at: datetime
    by: str
    reason: str
    #: table -> primary keys of the rows that went over, as they were before.
    moved: dict[str, Any] = json_column()
    #: Rows as they were stored: both persons, their search keys, rows that would have stood twice.
    before: Any = sealed_json("person_merge.before")
    after: str = ""  # digest of the kept person's row when it was done
    undone_at: datetime | None = None
    undone_by: str = ""
    undo_reason: str = ""
    untold: str = ""  # lines that could not be told, by comma
