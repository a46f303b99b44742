"""Pretend departments as real processes, for tests that go over the wire."""

import importlib
import importlib.util
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from postgres import running_postgres
from waiting import PATIENCE, wait_for

from workbench.api import Adapter
from workbench.api.manifest import PlatformManifest
from workbench.testing.department import DECIDES_AFTER, DepartmentHome

ROOT = Path(__file__).parents[2]


def read_platform(platform_id: str) -> PlatformManifest:
    department, name = platform_id.split(".")
    text = (ROOT / "adapters" / department / name / "platform.toml").read_text("utf-8")
    return PlatformManifest.model_validate(tomllib.loads(text))


class RunningDepartment:
    """One pretend department in a process of its own; `settings` is what it announced."""

    def __init__(self, platform_id: str, folder: Path, decides_after: float) -> None:
        self.platform = read_platform(platform_id)
        self.home = DepartmentHome(folder, platform_id)
        self.decides_after = decides_after
        self.start()

    def start(self) -> None:
        (self.home.folder / "address.json").unlink(missing_ok=True)
        command = [sys.executable, "-m", "workbench.testing.run_department"]
        command += [self.platform.sandbox, self.platform.id, str(self.home.folder)]
        environment = os.environ | {DECIDES_AFTER: str(self.decides_after)}
        self.process = subprocess.Popen(command, env=environment, cwd=ROOT)
        self.settings = self._wait_for_address()

    def _wait_for_address(self) -> dict[str, Any]:
        address = self.home.folder / "address.json"

        def listens() -> bool:
            assert self.process.poll() is None, f"{self.platform.id} ended before it listened"
            return address.exists()

        wait_for(listens)
        return dict(json.loads(address.read_text("utf-8"))["settings"])

    def set_faults(self, **faults: Any) -> None:
        """Turn these switches on and all others off; no arguments = healthy."""
        partial = self.home.folder / "faults.part"
        partial.write_text(json.dumps(faults, ensure_ascii=False), "utf-8")
        partial.replace(self.home.folder / "faults.json")

    def ledger(self) -> list[dict[str, Any]]:
        path = self.home.folder / "ledger.jsonl"
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()


@pytest.fixture
def start_department(tmp_path: Path) -> Iterator[Callable[..., RunningDepartment]]:
    """Start pretend departments by platform id; all are stopped after the test."""
    running: list[RunningDepartment] = []

    def start(platform_id: str, folder: Path | None = None, decides_after: float = 0.0) -> RunningDepartment:
        running.append(RunningDepartment(platform_id, folder or tmp_path / platform_id, decides_after))
        return running[-1]

    yield start
    for department in running:
        department.stop()


@pytest.fixture
def open_adapter() -> Iterator[Callable[..., Adapter]]:
    """Open the adapter of a running department as the host does, but patient; `limits` and settings can be changed."""
    opened: list[Adapter] = []

    def connect(department: RunningDepartment, limits: dict[str, float] | None = None, **settings: Any) -> Adapter:
        patient = {"timeout_seconds": PATIENCE, "lookup_seconds": PATIENCE}
        changed = department.platform.limits.model_copy(update=patient | (limits or {}))
        platform = department.platform.model_copy(update={"limits": changed})
        transport = importlib.import_module(f"adapters.transports.{platform.way}")
        codec = importlib.import_module(platform.codec)
        opened.append(transport.make_adapter(platform, department.settings | settings, codec))
        return opened[-1]

    yield connect
    for adapter in opened:
        adapter.close()


def load_services() -> ModuleType:
    """Load services.py by path: test folders are no packages."""
    spec = importlib.util.spec_from_file_location("adapter_services", Path(__file__).with_name("services.py"))
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


services = load_services()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL database of its own."""
    if not services.find_postgres():
        pytest.skip("could not try: PostgreSQL is not installed")
    with running_postgres() as url:
        yield url


@pytest.fixture(scope="session")
def mariadb_url() -> Iterator[str]:
    """A MariaDB database of its own, in GBK."""
    program = services.find_mariadb()
    if not program:
        pytest.skip("could not try: MariaDB is not installed")
    with services.running_mariadb(program) as url:
        yield url


@pytest.fixture
def openssh(tmp_path: Path) -> Iterator[tuple[dict[str, str], Path]]:
    """The settings of an OpenSSH server, and the folder it serves."""
    program = services.find_sshd()
    if not program:
        pytest.skip("could not try: OpenSSH's server is not installed")
    with services.running_sshd(program, tmp_path / "exchange") as settings:
        yield settings, tmp_path / "exchange"
