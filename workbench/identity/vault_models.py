"""Table of the vault: accounts at platforms that know no single sign-on."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel, UniqueConstraint

from ..store.tables import ULID, sealed


class CredentialRow(SQLModel, table=True):
    """One account at a platform, of one worker or of a whole hub; its secret is read by the adapter only."""

    __tablename__ = "platform_credential"
    __table_args__ = (UniqueConstraint("platform_id", "hub_id", "worker_id"),)

    id: str = Field(primary_key=True, max_length=ULID)
    platform_id: str
    hub_id: str = Field(index=True, foreign_key="hub.id")
    worker_id: str = Field(default="", index=True)  # "" = of the hub
    username: str = sealed("platform_credential.username")
    secret: str = sealed("platform_credential.secret")
    expires_on: date | None = None
    changed_by: str
    changed_at: datetime
    used_at: datetime | None = None
    #: The platform did not let us in with it; cleared when it is changed.
    refused_at: datetime | None = None
