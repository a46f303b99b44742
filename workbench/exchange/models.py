"""Tables of imports: one row for a file, one for each of its rows."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, Index, SQLModel

from ..store.tables import ULID, json_column, one_of

STATES = ("uploaded", "checking", "checked", "writing", "done", "undoing", "undone", "stopped")
#: new: a file was or will be opened. known: facts for somebody on file. same: nothing new. likely: somebody like
#: this is on file, so a person decides. refused: something is wrong.
ROW_STATES = ("new", "known", "same", "likely", "refused")


class ImportRow(SQLModel, table=True):
    """One file on its way in, and how far it has come."""

    __tablename__ = "import_file"
    __table_args__ = (one_of("state", STATES), Index(None, "hub_id", "made_at"), Index(None, "state"))

    id: str = Field(primary_key=True, max_length=ULID)
    hub_id: str
    file_name: str
    digest: str
    state: str = "uploaded"
    header: dict[str, Any] = json_column()  # {"names": [...], "total": rows below the heading}
    columns: dict[str, Any] = json_column()  # place of the column -> key
    terms: dict[str, Any] = json_column()  # source, rank, as_of, reason
    at_row: int = 0  # rows done in this state
    total: int = 0
    counts: dict[str, Any] = json_column()
    trouble: str = ""
    made_at: datetime
    made_by: str
    finished_at: datetime | None = None
    undone_at: datetime | None = None
    undone_by: str = ""
    undo_reason: str = ""


class ImportedRow(SQLModel, table=True):
    """One row of a file: how it stands, and what was made of it. What was typed stays in the file."""

    __tablename__ = "import_row"
    __table_args__ = (one_of("state", ROW_STATES),)

    import_id: str = Field(primary_key=True, foreign_key="import_file.id")
    number: int = Field(primary_key=True)
    state: str
    person_id: str | None = Field(default=None, index=True, foreign_key="person.id")
    problems: dict[str, Any] = json_column()  # {"list": [[column, zh, en], ...]}
    made: dict[str, Any] = json_column()  # {"facts": [...], "is_opened": true, "event": "..."}
    undone: str = ""  # what stayed after an undo, and why
