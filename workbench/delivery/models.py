"""Tables of what travels: payloads, deliveries and their events, outcomes, platform states."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import defer
from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from ..store.tables import ULID, json_column, json_column_added, one_of, sealed_bytes, sealed_json, text_column

#: waiting -> sending -> sent -> accepted -> done | refused; needs-people and parked from any open state.
STATES = ("waiting", "sending", "sent", "accepted", "done", "refused", "needs-people", "parked")
#: Why a delivery stands where it stands; the words are on the worker's screen.
REASONS = (
    "", "try-later", "platform-down", "credentials", "settings", "broken-promise", "outcome-unknown",
    "rekey", "adapter-missing", "held", "refused",
)  # fmt: skip
#: delivered here and not there; stopped here and there all the same; there under another number.
DIFFERENCES = ("not-there", "there", "number")


class PayloadRow(SQLModel, table=True):
    """The accepted form, once, frozen; deliveries refer to it."""

    __tablename__ = "payload"

    id: str = Field(primary_key=True, max_length=ULID)
    content: Any = sealed_json("payload.content")
    digest: str
    created_at: datetime
    #: The form this one took the place of, when a case was corrected.
    replaces: str = text_column()


class DeliveryRow(SQLModel, table=True):
    """One parcel on its way; `id` is the parcel's key for life. `fence` grows with every lease."""

    __tablename__ = "delivery"
    __table_args__ = (
        one_of("state", STATES),
        one_of("reason", REASONS),
        Index(None, "state", "platform_id", "due_at"),
        Index(None, "hub_id", "state", "id"),
        Index(None, "platform_id", "reference"),
        Index(None, "lane", "position"),
    )

    id: str = Field(primary_key=True, max_length=ULID)
    case_id: str = Field(index=True)
    case_no: str
    hub_id: str
    platform_id: str
    operation: str
    item_code: str
    item_version: str
    item_title: str
    division: str
    worker_name: str
    lane: str  # parcels of one lane go in order of position
    position: int
    payload_id: str = Field(foreign_key="payload.id")
    #: Values this operation adds to the payload, e.g. the opinion of a review.
    extra: Any = sealed_json("delivery.extra")
    basis: str = ""
    state: str = "waiting"
    reason: str = ""
    reason_text: str = ""
    attempts: int = 0
    #: The answer to the last call was lost: ask `find` before sending again.
    in_doubt: bool = False
    due_at: datetime
    lease_owner: str = ""
    fence: int = 0
    reference: str = ""
    created_at: datetime  # = time of accept
    sent_at: datetime | None = None
    accepted_at: datetime | None = None
    done_at: datetime | None = None
    updated_at: datetime


#: Option for statements that move deliveries and need not unseal what they carry.
UNOPENED = defer(DeliveryRow.extra)


class DeliveryEventRow(SQLModel, table=True):
    """One thing that happened to a delivery, with the department's answer byte for byte."""

    __tablename__ = "delivery_event"

    id: int | None = Field(default=None, primary_key=True)
    delivery_id: str = Field(index=True, foreign_key="delivery.id")
    at: datetime
    state: str
    reason: str = ""
    text: str = ""
    actor_id: str = "system"
    proof: Any = sealed_bytes("delivery_event.proof")


class OutcomeRow(SQLModel, table=True):
    """One message of a department about a parcel; the same message twice is one row."""

    __tablename__ = "outcome"
    __table_args__ = (
        UniqueConstraint("platform_id", "message_id"),
        Index(None, "applied_at", "id"),
        Index(None, "delivery_id", "platform_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    platform_id: str
    message_id: str
    delivery_id: str = ""  # "" = no parcel of ours: quarantine
    parcel_key: str = ""  # the key as the department gave it
    status: str
    reference: str = ""
    at: datetime | None = None
    received_at: datetime
    text: str = ""
    step: str = ""
    field: str = ""
    raw_status: str = ""
    proof: Any = sealed_bytes("outcome.proof")
    applied_at: datetime | None = None
    settled_by: str = ""  # who put a message away that is none of ours


class PlatformRow(SQLModel, table=True):
    """Settings and health of one platform: breaker, cursor, schedule. Shared by all processes."""

    __tablename__ = "platform_state"

    platform_id: str = Field(primary_key=True)
    settings: dict[str, Any] = json_column()
    secrets: Any = sealed_json("platform_state.secrets")
    #: What reaches the department's trial system, for rehearsals; nothing where none was entered.
    staging: dict[str, Any] = json_column_added()
    staging_secrets: Any = sealed_json("platform_state.staging_secrets")
    settings_version: int = 1
    is_paused: bool = False
    paused_why: str = ""  # "restored": until somebody has looked at the comparison; else an admin's word
    paused_at: datetime | None = None
    health: str = "unknown"  # unknown, up, degraded, down, unconfigured
    detail: str = ""
    since: datetime | None = None
    checked_at: datetime | None = None
    last_ok_at: datetime | None = None
    ms: int = 0
    failures: int = 0  # in a row
    closed_until: datetime | None = None  # breaker: nothing is sent while set; the next look is at this time
    closed_reason: str = ""  # platform-down, credentials, settings, broken-promise
    recovered_at: datetime | None = None
    cursor: str = ""
    collected_at: datetime | None = None
    collect_detail: str = ""  # why the last collect failed


class WorkerProcessRow(SQLModel, table=True):
    """One start of one worker process. Whether it lives is told by its lock, never by `seen_at`."""

    __tablename__ = "worker_process"

    id: str = Field(primary_key=True, max_length=ULID)
    host: str
    pid: int
    started_at: datetime
    seen_at: datetime
    ended_at: datetime | None = None


class ReconciliationRow(SQLModel, table=True):
    """One comparison of our books with those of one platform."""

    __tablename__ = "reconciliation"
    __table_args__ = (Index(None, "platform_id", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    platform_id: str
    began_at: datetime
    ended_at: datetime
    asked: int = 0
    same: int = 0
    missing: int = 0  # delivered, we say; not there
    differing: int = 0  # there, but stopped here or under another number
    strays: int = 0  # there, and not ours
    restored_after: datetime | None = None  # they lack everything accepted since
    trouble: str = ""  # why the asking ended early


class DifferenceRow(SQLModel, table=True):
    """One parcel about which our books and a department's differ, until it is settled."""

    __tablename__ = "difference"
    __table_args__ = (
        one_of("kind", DIFFERENCES),
        Index(None, "hub_id", "settled_at", "id"),
        Index(None, "platform_id", "settled_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    platform_id: str
    hub_id: str
    delivery_id: str = Field(foreign_key="delivery.id")
    case_no: str
    kind: str
    ours: str = ""  # the department's number as we have it
    theirs: str = ""
    proof: Any = sealed_bytes("difference.proof")
    found_at: datetime
    settled_at: datetime | None = None
    settled_by: str = ""
    settled_how: str = ""
