"""Runs the pretend departments: one child process per platform that has a sandbox.

A department that was killed stays dead until somebody starts it again (`workbench departments
--only X`); nothing here revives it, so that an outage can be rehearsed. The children end with this process.
"""

import fcntl
import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from ..api.manifest import PlatformManifest
from ..host.discover import Platform, discover
from ..settings import Settings
from .declared import can_pretend

log = logging.getLogger("workbench.departments")

#: Seconds between looks, until a silent department is named in the log, and until one that ends is killed.
LOOK, SILENT, STOP_WITHIN = 0.1, 30.0, 5.0


class NoSuchDepartment(LookupError):
    """No installed platform of this id has a pretend department."""


class AlreadyRunning(RuntimeError):
    """Another process runs this pretend department."""


class Program:
    """A process with one pretend department that is a program of its own, or with several declared ones."""

    def __init__(self, arguments: list[str]) -> None:
        command = [sys.executable, "-m", "workbench.testing.run_department", "--with-parent", *arguments]
        # The pipe is never written to: its end of file tells the child that we are gone.
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603 - our own program

    def stop(self) -> None:
        """Ask it to end and insist after a while; twice is harmless."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_WITHIN)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(STOP_WITHIN)
        if self.process.stdin:
            self.process.stdin.close()


class Child:
    """One pretend department; the lock says that it runs. Declared ones share a program."""

    program: Program

    def __init__(self, department: Platform, folder: Path) -> None:
        self.department = department
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = _hold(folder / "runner.lock")
        (folder / "address.json").unlink(missing_ok=True)

    @property
    def platform(self) -> PlatformManifest:
        assert self.department.manifest is not None  # noqa: S101 - only ready platforms are run
        return self.department.manifest

    @property
    def process(self) -> "subprocess.Popen[bytes]":
        return self.program.process

    @property
    def arguments(self) -> list[str]:
        """Say to the program which department it is and where it lives."""
        first = self.platform.sandbox or str(self.department.folder)
        return [first, self.platform.id, str(self.folder)]

    def settings(self) -> dict[str, Any] | None:
        """Give what the department announced; None until it listens."""
        try:
            return dict(json.loads((self.folder / "address.json").read_text("utf-8"))["settings"])
        except FileNotFoundError:
            return None

    def is_alive(self) -> bool:
        return self.process.poll() is None

    def stop(self) -> None:
        """End its program and let go of its lock."""
        self.program.stop()
        self.release()

    def release(self) -> None:
        """Let another process run this department."""
        self._lock.close()


def run_departments(settings: Settings, only: str | None, stop_event: threading.Event) -> None:
    """Run all pretend departments, or only one, until stopped or until none is left.

    Writes instance/departments.json: platform id -> pid, address, settings (no secrets), running.
    """
    children = start(settings, only)
    try:
        silent, since = list(children), time.monotonic()
        while children and not stop_event.wait(LOOK):
            silent = announce(settings, silent)
            since = _complain(silent, since)
            children = [child for child in children if child.is_alive() or _bury(settings, child)]
    finally:
        for child in children:
            child.process.terminate()
        for child in children:
            child.stop()
        _write(settings, {child.platform.id: {"running": False} for child in children})


def start(settings: Settings, only: str | None = None) -> list[Child]:
    """Start the departments side by side; those another process runs are left alone."""
    children = []
    for platform in _with_department(only):
        try:
            children.append(Child(platform, settings.departments / platform.id))
        except AlreadyRunning:
            if only:
                raise
            log.warning("%s runs already", platform.id)
    for child in children:
        if child.platform.sandbox:
            child.program = Program(child.arguments)
    declared = [child for child in children if not child.platform.sandbox]
    if declared:
        shared = Program(["--declared", *(argument for child in declared for argument in child.arguments)])
        for child in declared:
            child.program = shared
    return children


def departments(only: str | None = None) -> list[PlatformManifest]:
    """List the ready platforms that have a pretend department."""
    return [platform.manifest for platform in _with_department(only) if platform.manifest]


def _with_department(only: str | None) -> list[Platform]:
    ready = [platform for platform in discover().platforms if platform.state == "ready" and platform.manifest]
    found = [platform for platform in ready if only in (None, platform.id) and _has_department(platform)]
    if only and not found:
        raise NoSuchDepartment(only)
    return found


def _has_department(platform: Platform) -> bool:
    manifest = platform.manifest
    return manifest is not None and bool(
        manifest.sandbox or (manifest.declared is not None and can_pretend(manifest.way))
    )


def announce(settings: Settings, silent: list[Child]) -> list[Child]:
    """Write down the addresses of the departments that listen by now; gives those that do not yet."""
    heard = [child for child in silent if child.settings() is not None and child.is_alive()]
    _write(settings, {child.platform.id: describe(child) for child in heard})
    return [child for child in silent if child not in heard and child.is_alive()]


def _complain(silent: list[Child], since: float) -> float:
    """Name in the log what has not listened for so long; gives since when to count."""
    if not silent or time.monotonic() < since + SILENT:
        return since
    names = ", ".join(child.platform.id for child in silent)
    log.error("still waited for: %s", names)
    return time.monotonic()


def describe(child: Child) -> dict[str, Any]:
    """Tell what people and tests may know of a running department."""
    secret = {setting.key for setting in child.platform.settings if setting.type == "secret"}
    known = {key: value for key, value in (child.settings() or {}).items() if key not in secret}
    return {
        "pid": child.process.pid,
        "name_zh": child.platform.name_zh,
        "name_en": child.platform.name_en,
        "way": child.platform.way,
        "address": address_of(known),
        "settings": known,
        "running": True,
    }


def address_of(settings: Mapping[str, Any]) -> str:
    """Pick the address out of announced settings: a URL, else host and port."""
    for key in ("base_url", "url", "wsdl_url", "address"):
        if settings.get(key):
            return str(settings[key])
    urls = [str(value) for value in settings.values() if "://" in str(value)]
    return urls[0] if urls else ":".join(str(settings[key]) for key in ("host", "port") if settings.get(key))


def _bury(settings: Settings, child: Child) -> bool:
    """Write down that a department ended by itself or was killed."""
    name = child.platform.id
    log.warning("%s was ended and stays so; start it again: workbench departments --only %s", name, name)
    child.stop()
    _write(settings, {child.platform.id: {"running": False}})
    return False


def _write(settings: Settings, news: Mapping[str, Mapping[str, Any]]) -> None:
    """Merge into departments.json; several runners may write."""
    if not news:
        return
    path = settings.instance / "departments.json"
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known: dict[str, Any] = {}
        with suppress(FileNotFoundError, ValueError):
            known = json.loads(path.read_text("utf-8"))
        for platform_id, said in news.items():
            known[platform_id] = {**known.get(platform_id, {}), **said}
        partial = path.with_suffix(f".{os.getpid()}.part")
        partial.write_text(json.dumps(known, ensure_ascii=False, indent=2, sort_keys=True), "utf-8")
        partial.replace(path)


def _hold(path: Path) -> IO[str]:
    file = path.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise AlreadyRunning(path.parent.name) from None
    return file
