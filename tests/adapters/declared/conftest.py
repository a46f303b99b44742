"""Declared platforms of a made-up department, each with its pretend department as a real process."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from waiting import PATIENCE

from workbench.api import Adapter
from workbench.host.discover import read_platform
from workbench.testing.adapter_under_test import Department
from workbench.testing.department import DepartmentHome

DEPARTMENT = Path(__file__).with_name("department")
TRANSPORTS = {point.name: point for point in entry_points(group="workbench.transports")}


class Running:
    """One declared department in a process of its own, and the adapters opened to it."""

    def __init__(self, files: Path) -> None:
        self.platform = read_platform(files, "sample")
        assert self.platform.state == "ready", self.platform.reason
        self.department = Department(self.platform)
        self.home = DepartmentHome(self.department.folder, self.platform.id)
        self.settings = self.department.settings
        self.set_faults = self.department.set_faults
        self.opened: list[Adapter] = []

    def adapter(self, limits: dict[str, float] | None = None) -> Any:
        """Open an adapter that is patient, unless other limits are given."""
        manifest = self.platform.manifest
        assert manifest
        patient = {"timeout_seconds": PATIENCE, "lookup_seconds": PATIENCE} | (limits or {})
        changed = manifest.model_copy(update={"limits": manifest.limits.model_copy(update=patient)})
        self.opened.append(replace(self.platform, manifest=changed).make_adapter(self.settings, TRANSPORTS))
        return self.opened[-1]

    def stop(self) -> None:
        for adapter in self.opened:
            adapter.close()
        self.department.stop()


@pytest.fixture(scope="module")
def departments() -> Iterator[Callable[[str], Running]]:
    """Start a department by name, once for all tests of a module."""
    running: dict[str, Running] = {}

    def start(name: str) -> Running:
        if name not in running:
            running[name] = Running(DEPARTMENT / name)
        running[name].set_faults()
        return running[name]

    yield start
    for department in running.values():
        department.stop()


@pytest.fixture
def own_department() -> Iterator[Callable[[str], Running]]:
    """Start a department by name for one test, which nobody else has left anything at."""
    running: list[Running] = []

    def start(name: str) -> Running:
        running.append(Running(DEPARTMENT / name))
        return running[-1]

    yield start
    for department in running:
        department.stop()
