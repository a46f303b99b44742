"""Tables of sign-on and trail: sessions, attempts, parked posts, tokens, the audit chain."""

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from ..store.ids import new_id
from ..store.tables import ULID, json_column, sealed, sealed_json


def digest_of(secret: str) -> bytes:
    """Give what is kept of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def _digest(**keywords: Any) -> Any:
    return Field(sa_column=Column(LargeBinary(32), nullable=False, **keywords))


class SignInRow(SQLModel, table=True):
    """One worker signed in at one screen; the cookie holds a secret, this row only its digest."""

    __tablename__ = "sign_in"
    __table_args__ = (Index(None, "provider_id", "provider_sid"),)

    token_digest: bytes = _digest(primary_key=True)
    worker_id: str = Field(index=True, foreign_key="worker.id")
    #: What platforms know this session by.
    sid: str = Field(default_factory=new_id, max_length=ULID, index=True)
    #: How it was proven: local, phone-code, passkey, provider, emergency.
    way: str = "local"
    provider_id: str = ""
    provider_subject: str = ""
    provider_sid: str = ""
    #: What the provider vouched with; shown to it again at sign-out.
    id_token: str | None = sealed("sign_in.id_token")
    created_at: datetime
    seen_at: datetime
    locked_at: datetime | None = None
    ended_at: datetime | None = None
    ended_reason: str = ""


class AttemptRow(SQLModel, table=True):
    """Failed sign-ins of one name or one address within a window, for the rate limit."""

    __tablename__ = "sign_in_attempt"

    bucket: bytes = Field(sa_column=Column(LargeBinary(16), primary_key=True))
    failures: int
    window_from: datetime


class ParkedPostRow(SQLModel, table=True):
    """A form that was sent when the session had ended: kept for its worker, merged after sign-in."""

    __tablename__ = "parked_post"

    id: str = Field(primary_key=True, max_length=ULID)
    worker_id: str = Field(index=True)
    path: str
    form: Any = sealed_json("parked_post.form")
    created_at: datetime


class ApiTokenRow(SQLModel, table=True):
    """A bearer token an admin made for a machine; only its digest is kept."""

    __tablename__ = "api_token"

    id: str = Field(primary_key=True, max_length=ULID)
    token_digest: bytes = _digest(unique=True)
    name: str
    hub_id: str = Field(foreign_key="hub.id")
    scopes: str  # words separated by spaces
    created_by: str
    created_at: datetime
    expires_at: datetime | None = None
    ended_at: datetime | None = None


class AuditRow(SQLModel, table=True):
    """One act, chained within its stream by a keyed digest over the one before."""

    __tablename__ = "audit"
    __table_args__ = (
        UniqueConstraint("stream", "seq"),
        Index(None, "hub_id", "at"),
        Index(None, "person_id", "at"),
        Index(None, "actor_id", "at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    stream: str
    seq: int
    at: datetime
    actor_id: str
    hub_id: str
    action: str
    person_id: str = ""
    subject: str = ""  # what was acted on: "case:<id>", "platform:<id>"
    purpose: str = ""
    detail: dict[str, Any] = json_column()
    mac: bytes = _digest()


class AuditHeadRow(SQLModel, table=True):
    """The newest link of each stream under a seal, so that a missing end is found."""

    __tablename__ = "audit_head"

    stream: str = Field(primary_key=True)
    seq: int
    mac: bytes = _digest()
    seal: bytes = _digest()
