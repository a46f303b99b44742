"""What every verb gets: where to read and write, who acts, at which hub, and what time it is."""

from dataclasses import dataclass, replace

from sqlmodel import Session

from ..api.nouns import Hub, Worker
from .clock import Clock
from .crypto import KeyRing
from .files import FileStore


@dataclass(frozen=True, slots=True)
class Context:
    """One act: a session with its transaction, the worker, the hub, the clock."""

    session: Session
    actor: Worker
    hub: Hub
    clock: Clock
    keys: KeyRing
    files: FileStore
    #: Where the act came from, for the audit: never personal data.
    origin: str = ""

    def at(self, hub: Hub) -> "Context":
        """Give the same act at another hub."""
        return replace(self, hub=hub)


#: Who acts when the worker process does: never holds roles, is named in the audit.
SYSTEM = Worker(id="system", username="system", name="系统")
