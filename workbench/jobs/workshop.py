"""What the parts of one worker process share: the installation, who we are, what is installed."""

import importlib
import logging
import threading
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session

from ..api.adapter import Adapter
from ..api.errors import AdapterError
from ..api.manifest import PlatformManifest
from ..api.nouns import Hub
from ..delivery.configure import address_file, platform_settings
from ..delivery.models import PlatformRow
from ..delivery.presence import Presence, is_dead
from ..delivery.sign_on import OwnerOf
from ..host.discover import Installed, Platform
from ..hubs.models import HubRow
from ..settings import Settings
from ..store.clock import Clock
from ..store.context import SYSTEM, Context
from ..store.crypto import KeyRing
from ..store.engine import Store
from ..store.files import FileStore

log = logging.getLogger("workbench.jobs")

#: Tells one state of a platform's settings from the next.
Mark = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Recipe:
    """What adapters of a platform are built with; a new mark means: build a new one."""

    mark: Mark
    settings: dict[str, Any]


@dataclass
class Workshop:
    """One worker process."""

    settings: Settings
    keys: KeyRing
    store: Store
    files: FileStore
    clock: Clock
    installed: Installed
    presence: Presence
    #: Platforms whose adapters can be built here, by id.
    usable: dict[str, Platform] = field(default_factory=dict)
    #: Whose case a delivery is; given by composition, "" for nobody known.
    owner_of: OwnerOf = field(default=lambda session, delivery_id: "")
    #: Set when the process should end; long work looks at it.
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def locks(self) -> Path:
        """Folder of the locks of worker processes."""
        return workers_folder(self.settings)

    def now(self) -> datetime:
        return self.clock.now()

    def is_dead(self, session: Session, worker_id: str) -> bool:
        """Tell whether another worker process is certainly dead."""
        return is_dead(session, self.locks, worker_id)

    def manifest(self, platform_id: str) -> PlatformManifest:
        """Give the manifest of a usable platform."""
        manifest = self.usable[platform_id].manifest
        if manifest is None:
            raise LookupError(platform_id)
        return manifest

    def mark(self, row: PlatformRow) -> Mark:
        """Tell which settings count now, without reading them."""
        try:
            announced = address_file(row.platform_id, self.settings).stat().st_mtime_ns
        except FileNotFoundError:
            announced = 0
        return row.settings_version, announced

    def recipe(self, session: Session, row: PlatformRow) -> Recipe:
        """Read the settings of a platform."""
        manifest = self.manifest(row.platform_id)
        return Recipe(self.mark(row), platform_settings(session, manifest, self.settings))

    def build(self, platform_id: str, recipe: Recipe) -> Adapter:
        """Build an adapter; raises what its package raises."""
        return self.usable[platform_id].make_adapter(recipe.settings, self.installed.transports)

    def context(self, session: Session, hub_id: str) -> Context:
        """Give the context in which the worker process itself acts at a hub."""
        row = session.get_one(HubRow, hub_id)
        hub = Hub(row.id, row.name_zh, row.name_en, row.division, row.version)
        return Context(session, SYSTEM, hub, self.clock, self.keys, self.files, "worker")


def workers_folder(settings: Settings) -> Path:
    """Name the folder of the locks of worker processes."""
    return settings.instance / "workers"


def find_usable(installed: Installed) -> dict[str, Platform]:
    """Give the platforms whose adapters can be built, importing their programs."""
    importlib.invalidate_caches()
    return {platform.id: platform for platform in installed.platforms if _is_usable(platform, installed)}


def _is_usable(platform: Platform, installed: Installed) -> bool:
    if platform.state != "ready" or platform.manifest is None:
        return False
    try:
        _ = platform.codec
        installed.transports[platform.manifest.way].load()
    except (Exception, SystemExit) as error:  # an adapter's package must never end the worker process
        log.warning("%s cannot be used: %s", platform.id, type(error).__name__)
        return False
    return True


def close_quietly(adapter: Adapter | None) -> None:
    """Close an adapter that is not needed any more; what it says about that matters to nobody."""
    if adapter is None:
        return
    try:
        adapter.close()
    except AdapterError as error:
        log.info("closing an adapter: %s", type(error).__name__)
    except (Exception, SystemExit) as error:
        log.warning("closing an adapter: %s", type(error).__name__)
