"""Declared platforms of a made-up department, each with its pretend department as a real process."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

from workbench.api import Adapter
from workbench.host.discover import read_platform
from workbench.testing.department import DECIDES_AFTER, DepartmentHome

DEPARTMENT = Path(__file__).with_name("department")
TRANSPORTS = {point.name: point for point in entry_points(group="workbench.transports")}


class Running:
    """One declared department in a process of its own."""

    def __init__(self, files: Path, folder: Path, decides_after: float = 0.0) -> None:
        self.platform = read_platform(files, files.parent.name if files.parent != DEPARTMENT else "sample")
        assert self.platform.state == "ready", self.platform.reason
        self.home = DepartmentHome(folder, self.platform.id)
        command = [sys.executable, "-m", "workbench.testing.run_department", "--declared"]
        command += [str(files), self.platform.id, str(folder)]
        self.process = subprocess.Popen(command, env=os.environ | {DECIDES_AFTER: str(decides_after)})
        self.settings = self._wait()
        self.opened: list[Adapter] = []

    def _wait(self) -> dict[str, Any]:
        address = self.home.folder / "address.json"
        for _ in range(600):
            if address.exists():
                return dict(json.loads(address.read_text("utf-8"))["settings"])
            assert self.process.poll() is None, f"{self.platform.id} ended before it listened"
            time.sleep(0.05)
        raise AssertionError(f"{self.platform.id} did not listen within 30 s")

    def adapter(self, **settings: Any) -> Any:
        self.opened.append(self.platform.make_adapter(self.settings | settings, TRANSPORTS))
        return self.opened[-1]

    def set_faults(self, **faults: Any) -> None:
        (self.home.folder / "faults.json").write_text(json.dumps(faults, ensure_ascii=False), "utf-8")

    def stop(self) -> None:
        for adapter in self.opened:
            adapter.close()
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture(scope="module")
def departments(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Running]]:
    """Start a department by name, once for all tests of a module."""
    running: dict[str, Running] = {}

    def start(name: str) -> Running:
        if name not in running:
            running[name] = Running(DEPARTMENT / name, tmp_path_factory.mktemp(name))
        running[name].set_faults()
        return running[name]

    yield start
    for department in running.values():
        department.stop()
