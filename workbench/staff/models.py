"""Tables of the people who work here: workers, their roles, their A and B posts."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from ..store.tables import ULID, one_of

ROLES = ("worker", "reviewer", "policy", "approver", "hub_admin")
#: Where a right comes from: a post held for good, or one of the ways to hold it for a time.
KINDS = ("standing", "cover", "secondment", "temporary")


class WorkerRow(SQLModel, table=True):
    """One person who signs in."""

    __tablename__ = "worker"

    id: str = Field(primary_key=True, max_length=ULID)
    username: str = Field(unique=True, max_length=64)
    name: str
    password_hash: str = ""
    locale: str = "zh_CN"
    is_active: bool = True
    is_system_admin: bool = False
    #: An account of a demonstration, or from before second steps were demanded of admins.
    spares_second_step: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    #: Until when a password that an admin gave lets its worker in; None once they chose their own.
    password_ends_at: datetime | None = None
    created_at: datetime


class GrantRow(SQLModel, table=True):
    """One role of one worker at one hub, for all lines or one, for good or for a span."""

    __tablename__ = "role_grant"
    __table_args__ = (one_of("role", ROLES), one_of("kind", KINDS))

    id: int | None = Field(default=None, primary_key=True)
    worker_id: str = Field(index=True, foreign_key="worker.id")
    hub_id: str = Field(index=True, foreign_key="hub.id")
    role: str
    line_id: str = ""  # "" = every line
    valid_from: datetime
    valid_to: datetime | None = None
    kind: str = Field(default="standing", sa_column_kwargs={"server_default": "standing"})
    reason: str = ""
    granted_by: str


class PostRow(SQLModel, table=True):
    """Who answers for a line at a hub (A) and who covers (B)."""

    __tablename__ = "post"

    hub_id: str = Field(primary_key=True, foreign_key="hub.id")
    line_id: str = Field(primary_key=True)
    a_worker_id: str = Field(foreign_key="worker.id")
    b_worker_id: str | None = Field(default=None, foreign_key="worker.id")
    #: Settles what the line allows, or only writes down and calls.
    may_settle: bool = Field(default=True, sa_column_kwargs={"server_default": sa.true()})


class FilterRow(SQLModel, table=True):
    """A filter of a list, kept for its worker under a name."""

    __tablename__ = "saved_filter"

    worker_id: str = Field(primary_key=True, foreign_key="worker.id")
    hub_id: str = Field(primary_key=True, foreign_key="hub.id")
    page: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    query: str
