"""A session in which a row that is locked says what stands now, also where it was read a moment before.

SQLAlchemy gives back the object it has; what another transaction wrote between the look and the lock would be
judged by what stood before, and written over.
"""

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState
from sqlalchemy.sql import Select
from sqlmodel import Session

#: How a row is locked that many others refer to: one at a time may have it, and rows that refer to it may still come.
#: Two that have written such rows and then lock it whole would wait for each other.
ALONE = {"key_share": True}  # in a select: with_for_update(key_share=True)


class LockingSession(Session):
    """The session of a writing transaction."""


@event.listens_for(LockingSession, "do_orm_execute")
def read_anew(state: ORMExecuteState) -> None:
    """Read what is locked anew; what the session holds unwritten is written first."""
    statement = state.statement
    if isinstance(statement, Select) and statement._for_update_arg is not None:
        state.session.flush()
        state.update_execution_options(populate_existing=True)
