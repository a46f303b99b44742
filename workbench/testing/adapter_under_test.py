"""One platform with its pretend department in a process of its own, or at the team's staging address."""

import importlib
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, TypeVar

from ..api import Adapter, AdapterError, Capability, Outcome, Parcel
from ..api.manifest import PlatformManifest
from ..host.discover import Platform, read_platform
from ..opening.pretend import NoDepartment, Pretend
from .declared import faults_of
from .promises import insist
from .samples import make_parcel, read_parcel

T = TypeVar("T")
ANSWERS_WITHIN, SETTLES_WITHIN = 60.0, 20.0
#: Where waiting is not what is tried, nothing is concluded from a machine that is slow.
UNHURRIED = {"timeout_seconds": 60.0, "lookup_seconds": 60.0}


@dataclass
class AdapterUnderTest:
    """The platform of a folder; its department is started when it is first needed."""

    folder: Path
    values: dict[str, object]
    item: str
    staging: Mapping[str, Mapping[str, Any]] | None = None
    errors: list[AdapterError] = field(default_factory=list)
    _opened: list[Adapter] = field(default_factory=list)
    _number: int = 0

    @cached_property
    def platform(self) -> Platform:
        """The platform as the host reads it."""
        read = read_platform(self.folder, self.folder.parent.name)
        if read.manifest and read.manifest.id.endswith(f".{self.folder.name}"):
            # In a package of its own the folder above is not called as the department.
            read = read_platform(self.folder, read.manifest.id.partition(".")[0])
        insist(read.state == "ready", f"platform.toml: {read.reason}")
        return read

    @property
    def manifest(self) -> PlatformManifest:
        manifest = self.platform.manifest
        assert manifest is not None  # noqa: S101 - it was read
        return manifest

    @property
    def at_staging(self) -> bool:
        return self.staging is not None

    @cached_property
    def department(self) -> "Department":
        """The pretend department, running."""
        return Department(self.platform)

    @cached_property
    def settings(self) -> dict[str, Any]:
        """What reaches the department."""
        if self.staging is None:
            return self.department.settings
        insist(self.manifest.id in self.staging, f'the staging file has no table ["{self.manifest.id}"]')
        return dict(self.staging[self.manifest.id])

    @property
    def faults(self) -> Mapping[str, str]:
        """The switches of the pretend department."""
        if self.manifest.sandbox:
            return dict(getattr(importlib.import_module(self.manifest.sandbox), "FAULTS", {}))
        return faults_of(self.manifest.way) if self.manifest.declared else {}

    def can(self, name: str) -> bool:
        """Tell whether the platform claims a capability."""
        return name in self.manifest.capabilities

    def open(self, settings: Mapping[str, Any] | None = None, **limits: float) -> Any:
        """Open an adapter, with the settings of the department unless others are given."""
        changed = self.manifest.limits.model_copy(update=UNHURRIED | limits)
        manifest = self.manifest.model_copy(update={"limits": changed})
        transports = {point.name: point for point in entry_points(group="workbench.transports")}
        given = self.settings if settings is None else settings
        adapter = replace(self.platform, manifest=manifest).make_adapter(given, transports)
        self._opened.append(adapter)
        return adapter

    @cached_property
    def adapter(self) -> Any:
        """An adapter that is kept."""
        return self.open()

    def parcel(self, **values: object) -> Parcel:
        """Make a parcel nobody sent before, as the first recorded sample has it, or of the synthetic resident."""
        self._number += 1
        mark = f"{int(time.time() * 1000) % 10**9:09}{self._number:04}"
        begun = self._sample or make_parcel(self.item, self.values, operation=self.manifest.operations[0])
        key, case_no = f"01JDKIT{mark:>19}".replace(" ", "0"), f"KIT-{mark[:8]}-{mark[8:]:0>6}"
        # Keys that begin with an underscore are directions, such as to wait for another department.
        stated = {name: value for name, value in begun.values.items() if not name.startswith("_")}
        return replace(begun, key=key, case_no=case_no, values={**stated, **self.values, **values})

    @cached_property
    def _sample(self) -> Parcel | None:
        for path in sorted((self.folder / "samples").glob("*.json")):
            content = json.loads(path.read_text("utf-8"))
            if isinstance(content, dict) and "accepted_at" in content.get("parcel", content):
                found = parcel_in(path)
                if found.operation == self.manifest.operations[0]:
                    return found
        return None

    @contextmanager
    def suffering(self, **faults: Any) -> Iterator[None]:
        """Turn switches on for a while."""
        self.department.set_faults(**faults)
        try:
            yield
        finally:
            self.department.set_faults()
            if self.follows_slowly:
                self.__dict__.pop("adapter", None)  # its connection may have been cut
                self.wait_for(lambda: self.open().check().state != "down", "the department does not come back")

    @property
    def follows_slowly(self) -> bool:
        """Tell whether the department looks at its switches now and then, not at every request."""
        return self.manifest.way in ("sftp", "exchange_db")

    def error(self, call: Callable[[], object]) -> AdapterError | None:
        """Give the error of a call, by recovery; none when it went well. Any other error breaks a promise."""
        try:
            call()
        except AdapterError as error:
            self.errors.append(error)
            return error
        except Exception as error:
            insist(False, f"raises {type(error).__name__}, which nobody can recover from: {str(error)[:150]}")
        return None

    def outcomes(self, key: str) -> list[Outcome]:
        """Collect everything from the start, and keep what is about one parcel."""
        found: list[Outcome] = []
        cursor, more, rounds = "", True, 0
        while more and rounds < 50:
            batch = self.adapter.collect(cursor)
            found += batch.outcomes
            more, cursor, rounds = batch.more and batch.cursor != cursor, batch.cursor, rounds + 1
        return [outcome for outcome in found if outcome.key == key]

    def look_again(self, look: Callable[[], bool]) -> None:
        """Look for a while until it is so; the caller judges what was seen last."""
        until = time.monotonic() + SETTLES_WITHIN
        while not look() and time.monotonic() < until:
            time.sleep(0.1)

    def wait_for(self, look: Callable[[], T], what: str) -> T:
        """Look again and again until there is something; breaks when there never is."""
        until = time.monotonic() + ANSWERS_WITHIN
        while not (seen := look()):
            insist(time.monotonic() < until, what)
            time.sleep(0.05)
        return seen

    def close(self) -> None:
        """Let go of adapters and end the department."""
        for adapter in self._opened:
            adapter.close()
        if "department" in self.__dict__:
            self.department.stop()


def parcel_in(path: Path) -> Parcel:
    """Read the parcel of a sample, which holds it whole or under `parcel`."""
    content = json.loads(path.read_text("utf-8"))
    if "parcel" not in content:
        return read_parcel(path)
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(content["parcel"], file)
        file.flush()
        return read_parcel(Path(file.name))


class Department(Pretend):
    """A pretend department in a process of its own, which decides at once."""

    def __init__(self, platform: Platform) -> None:
        super().__init__(platform)
        try:
            self.settings = self.wait()
        except NoDepartment as error:
            insist(False, str(error))

    def set_faults(self, **faults: Any) -> None:
        """Turn these switches on and all others off."""
        partial = self.folder / "faults.part"
        partial.write_text(json.dumps(faults, ensure_ascii=False), "utf-8")
        partial.replace(self.folder / "faults.json")

    def entries(self, key: str) -> int:
        """Count the matters with this key in the department's ledger."""
        path = self.folder / "ledger.jsonl"
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        return sum(json.loads(line)["key"] == key for line in lines)


def capability_names() -> frozenset[str]:
    """Give the capabilities there are."""
    return frozenset(str(one) for one in Capability)
