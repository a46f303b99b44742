"""The public surface for lines and adapters: nouns, manifests, the adapter protocol, errors, hooks.

Lines and adapters import from here and from nowhere else in the workbench.
This room imports nothing of ours, no Flask and no database.
"""

from .adapter import Adapter, Capability, Transport
from .errors import (
    AdapterError,
    BrokenPromise,
    NeedsCredentials,
    NeedsSettings,
    OutcomeUnknown,
    Refused,
    TryLater,
)
from .hooks import hook
from .nouns import Case, Clause, Fact, Finding, HouseholdEvent, Hub, Panel, Person, Suggestion, Worker
from .parcels import Batch, File, Health, Outcome, Parcel, Question, Receipt, SignOn, Task

#: The version of this surface; a line or adapter states the one it was written for.
API_VERSION = "1.0"

__all__ = [
    "API_VERSION",
    "Adapter",
    "AdapterError",
    "Batch",
    "BrokenPromise",
    "Capability",
    "Case",
    "Clause",
    "Fact",
    "File",
    "Finding",
    "Health",
    "HouseholdEvent",
    "Hub",
    "NeedsCredentials",
    "NeedsSettings",
    "Outcome",
    "OutcomeUnknown",
    "Panel",
    "Parcel",
    "Person",
    "Question",
    "Receipt",
    "Refused",
    "SignOn",
    "Suggestion",
    "Task",
    "Transport",
    "TryLater",
    "Worker",
    "hook",
]
