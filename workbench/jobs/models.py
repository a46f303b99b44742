"""Table of leases: which process may do a recurring job now."""

from datetime import datetime

from sqlmodel import Field, SQLModel


class LeaseRow(SQLModel, table=True):
    """One job; held by one owner until a time, with a number that grows at every change of hands."""

    __tablename__ = "lease"

    name: str = Field(primary_key=True)
    owner: str = ""
    fence: int = 0
    until: datetime
    ran_at: datetime | None = None
