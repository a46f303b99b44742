"""What one running program holds: settings, database, keys, files, clock, installed lines. Made once by create_app."""

from dataclasses import dataclass, field

from ..host.call import Caller
from ..host.discover import Installed
from ..settings import Settings
from ..store.clock import Clock
from ..store.crypto import KeyRing
from ..store.engine import Store
from ..store.files import FileStore
from .here import application


@dataclass(frozen=True)
class Services:
    """The parts every room's views need."""

    settings: Settings
    store: Store
    keys: KeyRing
    files: FileStore
    clock: Clock
    installed: Installed
    caller: Caller = field(default_factory=Caller)


def services() -> Services:
    """Give the services of the running application."""
    found: Services = application().extensions["workbench"]
    return found
