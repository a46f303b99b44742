"""Tables of the way out: platforms' clients, what was issued to them, our signing keys, opened screens, notices."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, SQLModel

from ..store.tables import ULID, sealed_json


def _digest(**keywords: Any) -> Any:
    return Field(sa_column=Column(LargeBinary(32), nullable=False, **keywords))


class ClientRow(SQLModel, table=True):
    """A department's own web screen that is signed on from here, as an admin registered it."""

    __tablename__ = "platform_client"

    id: str = Field(primary_key=True, max_length=ULID)  # its client_id
    platform_id: str = ""  # "" for a screen of no installed platform
    name: str
    secret_digest: bytes = _digest()
    redirect_uris: str  # one a line
    post_logout_uris: str = ""  # one a line
    logout_notice_uri: str = ""  # back channel
    launch_uri: str = ""  # where signing on is begun from here
    target_uri: str = ""  # the page that opens then
    created_by: str
    created_at: datetime
    ended_at: datetime | None = None


class CodeRow(SQLModel, table=True):
    """An authorization code: good for one minute and one use."""

    __tablename__ = "platform_code"

    digest: bytes = _digest(primary_key=True)
    client_id: str = Field(index=True, foreign_key="platform_client.id")
    worker_id: str = Field(foreign_key="worker.id")
    hub_id: str
    sid: str
    redirect_uri: str
    scope: str
    nonce: str = ""
    challenge: str
    launch_id: str = ""
    auth_time: int
    amr: str
    expires_at: datetime
    used_at: datetime | None = None


class AccessRow(SQLModel, table=True):
    """An access token of a platform's screen; ends with the session it stands on."""

    __tablename__ = "platform_access"

    digest: bytes = _digest(primary_key=True)
    code_digest: bytes = _digest(index=True)
    client_id: str = Field(foreign_key="platform_client.id")
    worker_id: str = Field(foreign_key="worker.id")
    hub_id: str
    sid: str = Field(index=True)
    scope: str
    launch_id: str = ""
    issuer: str = ""  # what we called ourselves
    issued_at: datetime
    expires_at: datetime = Field(index=True)
    ended_at: datetime | None = None


class SigningKeyRow(SQLModel, table=True):
    """A key that signs or signed ID tokens; the private half is sealed and forgotten when it retires."""

    __tablename__ = "signing_key"

    id: str = Field(primary_key=True, max_length=ULID)
    private: Any = sealed_json("signing_key.private")
    public: str
    created_at: datetime
    retired_at: datetime | None = None


class LaunchRow(SQLModel, table=True):
    """A department's screen opened from a case: for whom, why, and the number that was found there."""

    __tablename__ = "launch"

    id: str = Field(primary_key=True, max_length=ULID)
    ticket_digest: bytes = _digest(unique=True)
    client_id: str = Field(foreign_key="platform_client.id")
    worker_id: str = Field(foreign_key="worker.id")
    hub_id: str
    sid: str
    case_id: str = Field(index=True)
    person_id: str
    delivery_id: str = ""
    purpose: str
    created_at: datetime
    number: str = ""
    number_at: datetime | None = None
    #: What became of the number: "taken" by the delivery, or "noted" at the case.
    number_use: str = ""


class LogoutNoticeRow(SQLModel, table=True):
    """A platform's screen that has to be told that a session ended (back-channel logout)."""

    __tablename__ = "logout_notice"

    id: str = Field(primary_key=True, max_length=ULID)
    client_id: str = Field(foreign_key="platform_client.id")
    worker_id: str
    sid: str
    issuer: str
    due_at: datetime = Field(index=True)
    attempts: int = 0
