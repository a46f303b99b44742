"""The protocol between the core and one platform of a department.

Adapters run in the worker process. They never retry, never sleep for long, never
invent success; they raise one of `workbench.api.errors` and the delivery room decides.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from .parcels import Answer, Batch, Health, Parcel, Question, Receipt, Task

if TYPE_CHECKING:
    from .manifest import PlatformManifest


class Capability(StrEnum):
    """What a platform can do; screens hide what is absent."""

    PUSH = "push"
    COLLECT = "collect"
    LOOKUP = "lookup"
    FIND = "find"
    CANCEL = "cancel"
    FILES = "files"
    TASKS = "tasks"
    LAUNCH = "launch"


@runtime_checkable
class Adapter(Protocol):
    """One platform, ready to use. One instance serves one thread at a time."""

    capabilities: frozenset[Capability]

    def check(self) -> Health:
        """Say whether the platform can be used, without side effects or a real resident's data."""

    def push(self, parcel: Parcel) -> Receipt:
        """Hand one parcel over. Sending the same key again must not make a second entry
        where the platform allows that; where it does not, raise OutcomeUnknown after a lost answer."""

    def find(self, key: str) -> Receipt | None:
        """Ask "did you get this parcel?"; None means it certainly did not. Read only."""

    def collect(self, cursor: str) -> Batch:
        """Fetch outcomes since the cursor ("" at first). At least once: same cursor, same answer."""

    def lookup(self, question: Question) -> tuple[Answer, ...]:
        """Ask what the platform knows of a person. Read only, within the time limit of the settings."""

    def tasks(self, cursor: str) -> tuple[Task, ...]:
        """Fetch what the department assigned after a cursor ("" at first), in order, some at a time; () when no more.
        At least once: same cursor, same answer. The next call has the cursor of the last task."""

    def close(self) -> None:
        """Let go of connections. Safe to call twice."""


class Transport(Protocol):
    """How bytes travel; adapters are built from a transport and a codec by `make_adapter`."""

    def make_adapter(self, platform: "PlatformManifest", settings: Mapping[str, Any], codec: Any) -> Adapter:
        """Build the adapter of one platform from its manifest, its settings and its codec module."""
