"""Frozen views of what the core knows, handed to lines. Never table rows: a line proposes, the core writes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Hub:
    """A place with round tables."""

    id: str
    name_zh: str
    name_en: str
    division: str
    version: int = 0


@dataclass(frozen=True, slots=True)
class Worker:
    """A person who signs in; `roles` are those held at the hub in question."""

    id: str
    username: str
    name: str
    roles: frozenset[str] = frozenset()
    is_system_admin: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """The current value of one key about one person, with where it came from."""

    key: str
    value: Any
    #: "department", "document" or "word" (the resident's), strongest first.
    rank: Literal["department", "document", "word"]
    source: str  # department and platform, document seen, or who said so
    as_of: date | None
    recorded_at: datetime
    #: Known when somebody settled a conflict in favour of another value: it is history and no longer contends.
    is_settled: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """A resident as a line may see them."""

    id: str
    name: str
    sex: str  # GB/T 2261.1
    birth_date: date | None
    hub_id: str
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HouseholdEvent:
    """What happened to a household, after it was written down."""

    id: str
    #: "open", "join", "leave", "birth", "death", "split", "relations", "address", "second" or "undo".
    kind: str
    on: date
    household_id: str
    #: The household that a split made, or the main one of somebody who belongs to two.
    other_id: str | None
    person_ids: tuple[str, ...]
    #: The event an "undo" took back; a line gives back what it did for it.
    undoes_id: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One matter as a line may see it."""

    id: str
    case_no: str
    item_code: str
    state: str
    person_id: str
    accepted_at: datetime | None
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Panel:
    """A box on the resident's page; its content is loaded from `endpoint` after the page is shown."""

    title_zh: str
    title_en: str
    #: Path below the line's own mount point, e.g. "panel"; the core adds hub, line and person.
    path: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An item this person may want, with the reason in both languages."""

    item_code: str
    reason_zh: str
    reason_en: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What a line says about a case before it is accepted."""

    level: Literal["stop", "warn", "info"]
    text_zh: str
    text_en: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of a rule, evaluated: true, false, or None when a fact is missing."""

    text_zh: str
    text_en: str
    verdict: bool | None
    missing: tuple[str, ...] = ()
