"""Tables of what happened to households, who may act for a resident, and who consented to a means check.

A household and its members are what stands today; the events say how it came to be so, and are only added to.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, Index, SQLModel

from ..store.tables import ULID, json_column, one_of, sealed, sealed_json, text_column

KINDS = (
    "open", "join", "leave", "birth", "death", "split", "relations", "address", "second", "undo",
)  # fmt: skip


class HouseholdEventRow(SQLModel, table=True):
    """One event of a household; the page that asked for it made its id, so that sent twice it stands once."""

    __tablename__ = "household_event"
    __table_args__ = (one_of("kind", KINDS), Index(None, "household_id", "recorded_at"))

    id: str = Field(primary_key=True, max_length=ULID)
    hub_id: str
    household_id: str = Field(foreign_key="household.id")
    #: Where those of a split went, or where somebody of two households also belongs.
    other_id: str | None = Field(default=None, index=True, foreign_key="household.id")
    kind: str
    on_day: date
    reason: str = ""
    proof: str = ""  # the document seen
    recorded_at: datetime
    recorded_by: str
    undoes_id: str = Field(default="", index=True)
    #: The addresses of the households it touched, by household: {"before": {...}, "after": {...}}.
    addresses: Any = sealed_json("household_event.addresses")
    untold: str = text_column()  # lines that could not be told, by comma


class HouseholdChangeRow(SQLModel, table=True):
    """What one event did to one person: how they stood before and after."""

    __tablename__ = "household_change"

    id: int | None = Field(default=None, primary_key=True)
    event_id: str = Field(index=True, foreign_key="household_event.id")
    person_id: str = Field(index=True, foreign_key="person.id")
    before: dict[str, Any] = json_column()
    after: dict[str, Any] = json_column()


class AuthorityRow(SQLModel, table=True):
    """Somebody who may act for a resident: an agent by their letter, or a guardian by law."""

    __tablename__ = "authority"
    __table_args__ = (one_of("kind", ("agent", "guardian")),)

    id: str = Field(primary_key=True, max_length=ULID)
    hub_id: str
    person_id: str = Field(index=True, foreign_key="person.id")
    kind: str
    name: str
    id_no: str | None = sealed("authority.id_no")
    id_masked: str = ""
    phone: str | None = sealed("authority.phone")
    relation: str = ""  # GB/T 4761
    proof: str  # the document seen
    scope: str = ""  # codes of items, by comma; "" = every matter
    from_day: date
    until_day: date | None = None
    recorded_at: datetime
    recorded_by: str
    ended_at: datetime | None = None
    ended_by: str = ""
    end_reason: str = ""


class MeansConsentRow(SQLModel, table=True):
    """One adult's authorisation for a means check."""

    __tablename__ = "means_consent"

    id: str = Field(primary_key=True, max_length=ULID)
    hub_id: str
    person_id: str = Field(index=True, foreign_key="person.id")
    signed_on: date
    until_day: date
    #: How it was signed: on paper that was seen, or on the screen at the table.
    way: str = "paper"
    scope: str = ""  # what may be checked, by comma; "" = everything the items ask
    case_id: str = ""  # signed on the form of this case
    recorded_at: datetime
    recorded_by: str
    ended_at: datetime | None = None
    ended_by: str = ""
    end_reason: str = ""


class AddressKeyRow(SQLModel, table=True):
    """One part of the address of a household, blind: found by whoever types it, read by nobody."""

    __tablename__ = "address_key"

    key: bytes = Field(sa_column=Column(LargeBinary(16), primary_key=True))
    household_id: str = Field(primary_key=True, index=True, foreign_key="household.id")
