"""Tables that keep the trail whole: the register of streams and the signed checkpoints with what they anchor."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, SQLModel, UniqueConstraint


def _digest() -> Any:
    return Field(sa_column=Column(LargeBinary(32), nullable=False))


class AuditStreamRow(SQLModel, table=True):
    """One stream that was begun, chained to the one begun before it: a stream removed as a whole is missed."""

    __tablename__ = "audit_stream"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    stream: str = Field(unique=True)
    mac: bytes = _digest()


class AuditCheckpointRow(SQLModel, table=True):
    """One day's signature over the newest link of every stream, chained to the day before."""

    __tablename__ = "audit_checkpoint"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    #: The last day that is covered as a whole.
    day: date = Field(unique=True)
    at: datetime
    streams: int  # how many had been begun
    anchors: int  # how many had moved since the checkpoint before
    digest: bytes = _digest()
    signature: bytes = Field(sa_column=Column(LargeBinary(64), nullable=False))


class AuditAnchorRow(SQLModel, table=True):
    """The newest link of one stream as a checkpoint signed it; streams that had not moved are not named again."""

    __tablename__ = "audit_anchor"
    __table_args__ = (UniqueConstraint("stream", "seq"),)

    checkpoint: int = Field(primary_key=True, foreign_key="audit_checkpoint.number")
    place: int = Field(primary_key=True)
    stream: str
    seq: int
    mac: bytes = _digest()
