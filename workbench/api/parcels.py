"""What travels between the workbench and a platform. All frozen; times are UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class File:
    """One file of a parcel, named by its content."""

    digest: str  # sha256, hex
    name: str
    media_type: str
    size: int
    material: str = ""  # key of the material it proves
    read: "FileReader | None" = None


class FileReader:
    """Gives a file's bytes when an adapter asks for them; calling twice is safe."""

    def __call__(self) -> bytes:
        raise FileNotFoundError("this parcel carries no bytes")


@dataclass(frozen=True, slots=True)
class SignOn:
    """An account at a platform, lent for one call; it is neither printed nor compared nor kept."""

    username: str = field(repr=False)
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message to one platform: frozen at accept, never changed afterwards."""

    key: str  # ULID made at accept, the same for every attempt
    case_no: str
    item_code: str
    item_version: str
    item_title: str
    operation: str  # one of the operations the platform declares, e.g. "apply"
    hub_id: str
    division: str
    accepted_at: datetime
    worker_name: str
    #: The whole form by field key: text, number, bool, or a list of rows for a table.
    values: Mapping[str, object]
    files: tuple[File, ...] = ()
    #: What this parcel stands on: legal basis and purpose, as the item declares them.
    basis: str = ""
    #: The account to hand over with, where the platform wants one per hub or worker; else its settings hold it.
    sign_on: SignOn | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the department said when it took a parcel; the proof is its answer byte for byte."""

    #: "accepted": it has a number. "queued": taken, the number comes later by collect.
    #: "duplicate": it had this key already; the reference is the first one.
    #: "handed-over": it waits for a person (re-keying); nothing was sent yet.
    state: Literal["accepted", "queued", "duplicate", "handed-over"]
    reference: str = ""  # the department's own number
    at: datetime | None = None
    proof: bytes = b""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One thing a department says about a parcel it took."""

    #: Parcel key or the department's reference; whichever it knows. At least one is set.
    key: str = ""
    reference: str = ""
    status: Literal["accepted", "progress", "correction", "suspended", "granted", "refused", "rejected"] = "progress"
    at: datetime | None = None
    text: str = ""  # the department's words
    step: str = ""  # our step key, when it can be told
    field: str = ""  # our field key of a correction
    raw_status: str = ""
    proof: bytes = b""
    #: Unique for this message on that platform; the same message twice is stored once.
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """What collect brought, and the cursor to ask with next time."""

    outcomes: tuple[Outcome, ...] = ()
    cursor: str = ""
    more: bool = False


@dataclass(frozen=True, slots=True)
class Health:
    """What a check found."""

    state: Literal["up", "degraded", "down", "unconfigured"]
    detail: str = ""
    ms: int = 0
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What a lookup asks about one person, under a fixed purpose."""

    person_name: str
    id_no: str
    keys: tuple[str, ...]  # fact keys wanted
    purpose: str
    hub_id: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """One value a platform holds, with the day it was true."""

    key: str
    value: object
    as_of: date | None = None
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """A to-do the department assigned to the hub; its answer goes back as a parcel, see `TASK_ANSWER`."""

    reference: str  # theirs; the same one again is the same task
    title: str
    due: date | None = None
    person_id_no: str = ""
    detail: Mapping[str, object] = field(default_factory=dict)
    #: Whom it is for, as they know us: the id of a hub, or the code of its division or of one of its communities.
    hub: str = ""
    kind: Literal["review", "yearly_check", "list", "other"] = "other"
    #: Where to go on asking once this one is kept; "" means its reference.
    cursor: str = ""


#: The operation by which a task is answered. Its parcel has the case number and the values of `TASK_VALUES`.
TASK_ANSWER = "task_answer"
#: Their reference; "done" or "returned"; the worker's words; the day.
TASK_VALUES = ("task.reference", "task.result", "task.words", "task.done_on")
