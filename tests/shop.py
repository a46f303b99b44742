"""One worker process without its clock and threads: turns are made by hand, platforms say what they are told."""

from types import SimpleNamespace
from typing import Any

from told import PLATFORM, ToldAdapter, make_manifest
from waiting import wait_for

from workbench.delivery.presence import announce
from workbench.host.discover import Installed, Platform
from workbench.jobs.dispatcher import Dispatcher
from workbench.jobs.workshop import Workshop, find_usable, workers_folder

OTHER = "test_office.other"


class Shop:
    """One worker process without its threads of time: turns are made by hand."""

    def __init__(self, settings: Any, **platform: Any) -> None:
        self.adapters = {PLATFORM: ToldAdapter(), OTHER: ToldAdapter()}
        self.platform = platform
        keys = settings.keys()
        store = settings.open_store(keys)
        installed = self.installed(PLATFORM, OTHER)
        presence = announce(store, workers_folder(settings), settings.clock().now())
        files = settings.file_store(keys)
        usable = find_usable(installed)
        self.workshop = Workshop(settings, keys, store, files, settings.clock(), installed, presence, usable)
        self.dispatcher = Dispatcher(self.workshop)
        self.dispatcher.take_inventory()

    def installed(self, *platform_ids: str) -> Installed:
        manifests = [make_manifest(id=platform_id, **self.platform) for platform_id in platform_ids]
        platforms = tuple(Platform(one.id, self.workshop_folder, "ready", manifest=one) for one in manifests)
        way: Any = SimpleNamespace(load=lambda: SimpleNamespace(make_adapter=self.make_adapter))
        return Installed((), platforms, {"rest": way})

    workshop_folder: Any = None

    def make_adapter(self, platform: Any, settings: Any, codec: Any) -> Any:
        adapter = self.adapters[platform.id]
        if isinstance(adapter, Exception):
            raise adapter
        return adapter

    def turn(self, count: int = 3) -> None:
        """Take so many turns, each with all that the one before sent out."""
        for _ in range(count):
            wait_for(self._is_all_back)
            self.dispatcher._due.clear()
            self.dispatcher.turn(0.0)

    def _is_all_back(self) -> bool:
        away = sum(len(desk.under_way) for desk in self.dispatcher.desks.values())
        unwritten = sum(len(returned) for returned in self.dispatcher._unwritten.values())
        return self.dispatcher._back.qsize() + unwritten >= away
