"""Tables of the ways in: what has been begun, passkeys, codes of a phone, OpenID providers and whom they vouch for."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, SQLModel, UniqueConstraint

from ..store.tables import ULID, json_column, one_of, sealed, sealed_json

#: What happens when a provider vouches for somebody no account is linked to.
LINK_RULES = ("refuse", "link", "create")


class BegunRow(SQLModel, table=True):
    """Something begun that only the same browser may finish, once and soon: a sign-on, a challenge, a second step."""

    __tablename__ = "sign_on_begun"

    digest: bytes = Field(sa_column=Column(LargeBinary(32), primary_key=True))
    kind: str
    data: Any = sealed_json("sign_on_begun.data")
    created_at: datetime = Field(index=True)


class PasskeyRow(SQLModel, table=True):
    """A passkey of a worker: what the browser keeps has a secret half, this is the public one."""

    __tablename__ = "passkey"

    id: str = Field(primary_key=True, max_length=ULID)
    worker_id: str = Field(index=True, foreign_key="worker.id")
    credential_id: bytes = Field(sa_column=Column(LargeBinary, nullable=False, unique=True))
    public_key: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    sign_count: int = 0
    name: str
    created_at: datetime
    used_at: datetime | None = None


class PhoneCodeRow(SQLModel, table=True):
    """The shared secret of a worker's code generator (TOTP, RFC 6238)."""

    __tablename__ = "phone_code"

    worker_id: str = Field(primary_key=True, foreign_key="worker.id")
    secret: str = sealed("phone_code.secret")
    created_at: datetime
    #: The last thirty seconds a code was taken for: no code counts twice.
    last_step: int = 0


class ProviderRow(SQLModel, table=True):
    """An OpenID provider workers may sign on with, as an admin set it up."""

    __tablename__ = "sign_on_provider"
    __table_args__ = (one_of("link_rule", LINK_RULES),)

    id: str = Field(primary_key=True, max_length=32)
    name_zh: str
    name_en: str
    issuer: str
    client_id: str
    client_secret: str = sealed("sign_on_provider.client_secret")
    scopes: str = "openid profile"
    link_rule: str = "refuse"
    username_claim: str = "preferred_username"
    name_claim: str = "name"
    roles_claim: str = ""
    #: Value of the roles claim -> "role@hub" or "role:line@hub".
    role_map: dict[str, Any] = json_column()
    #: Passwords and passkeys of the workbench are closed while this provider answers.
    is_only_way: bool = False
    is_open: bool = True
    created_at: datetime


class LinkedRow(SQLModel, table=True):
    """A subject of a provider is this worker."""

    __tablename__ = "linked_identity"
    __table_args__ = (UniqueConstraint("provider_id", "subject"),)

    id: str = Field(primary_key=True, max_length=ULID)
    provider_id: str = Field(foreign_key="sign_on_provider.id")
    subject: str
    worker_id: str = Field(index=True, foreign_key="worker.id")
    created_at: datetime


class SeenTokenRow(SQLModel, table=True):
    """A logout token a provider sent, kept until it expires so that it counts once."""

    __tablename__ = "seen_logout_token"

    digest: bytes = Field(sa_column=Column(LargeBinary(32), primary_key=True))
    expires_at: datetime
