"""Table of the keys by which a machine's order is taken once, however often it is sent."""

from datetime import datetime

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, SQLModel

from ..store.tables import ULID


class MachineOrderRow(SQLModel, table=True):
    """One order of one token. `digest` tells, without showing it, whether the same was sent again."""

    __tablename__ = "machine_order"

    token_id: str = Field(primary_key=True, max_length=ULID)
    key: str = Field(primary_key=True, max_length=64)
    digest: bytes = Field(sa_column=Column(LargeBinary(16), nullable=False))
    case_id: str = ""
    created_at: datetime
