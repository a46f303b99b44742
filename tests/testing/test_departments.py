"""The runner of pretend departments: side by side, announced, never revived, never left behind."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest
from waiting import PATIENCE, wait_for

from workbench.testing import departments as running_departments
from workbench.testing.departments import (
    AlreadyRunning,
    Child,
    NoSuchDepartment,
    address_of,
    departments,
    run_departments,
)

GATEWAY = "civil_affairs.case_gateway"
PROGRAM = """
import sys, threading
from pathlib import Path
from workbench.settings import Settings
from workbench.testing.departments import run_departments
run_departments(Settings(Path(sys.argv[1]), "sqlite://"), sys.argv[2], threading.Event())
"""


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


class Runner:
    """Runs one department in a thread, as the command does in its process."""

    def __init__(self, settings: Any) -> None:
        self.settings = settings
        self.stop = threading.Event()
        self.thread = threading.Thread(target=run_departments, args=(settings, GATEWAY, self.stop))

    def __enter__(self) -> "Runner":
        self.thread.start()
        return self

    def __exit__(self, *exception: Any) -> None:
        self.stop.set()
        self.thread.join()

    def known(self) -> dict[str, Any]:
        path = self.settings.instance / "departments.json"
        return json.loads(path.read_text("utf-8")).get(GATEWAY, {}) if path.exists() else {}

    def is_running(self) -> bool:
        return bool(self.known().get("running"))


@pytest.fixture
def runner(settings: Any) -> Callable[[], Runner]:
    return lambda: Runner(settings)


def test_department_that_takes_long_is_named_in_the_log_and_announced_all_the_same(
    runner: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    words, announced = f"still waited for: {GATEWAY}", Child.settings
    monkeypatch.setattr(running_departments, "LOOK", 0.001)
    monkeypatch.setattr(running_departments, "SILENT", 0.0)
    # It takes until it is named, however quick it is.
    monkeypatch.setattr(Child, "settings", lambda child: announced(child) if words in caplog.messages else None)

    with runner() as running:
        wait_for(running.is_running)

    assert words in caplog.messages


def test_running_department_is_announced_without_secrets(runner: Any) -> None:
    with runner() as running:
        wait_for(running.is_running)
        known = running.known()

        assert known["address"] == known["settings"]["base_url"]
        assert "app_key" not in known["settings"]
        assert is_alive(known["pid"])

    assert not running.is_running()
    assert not is_alive(known["pid"])


def test_other_departments_in_the_file_are_kept(runner: Any, settings: Any) -> None:
    path = settings.instance / "departments.json"
    path.write_text(json.dumps({"far.away": {"pid": 1}}))

    with runner() as running:
        wait_for(running.is_running)

    assert json.loads(path.read_text())["far.away"] == {"pid": 1}


def test_killed_department_stays_dead_until_started_again_at_the_same_address(runner: Any) -> None:
    with runner() as running:
        wait_for(running.is_running)
        first = running.known()
        os.kill(first["pid"], signal.SIGKILL)
        running.thread.join(PATIENCE)
        assert not running.is_running()

    with runner() as again:
        wait_for(again.is_running)
        second = again.known()

    assert second["pid"] != first["pid"]
    assert second["address"] == first["address"]


def test_department_that_runs_is_not_started_twice(runner: Any, settings: Any) -> None:
    with runner() as running:
        wait_for(running.is_running)

        with pytest.raises(AlreadyRunning):
            run_departments(settings, GATEWAY, threading.Event())

        assert running.is_running()


def test_department_ends_with_a_killed_runner(settings: Any, runner: Any) -> None:
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(settings.instance), GATEWAY])
    known = runner()
    wait_for(known.is_running)
    pid = known.known()["pid"]

    process.kill()
    process.wait()

    wait_for(lambda: not is_alive(pid))


def test_unknown_department_is_named() -> None:
    with pytest.raises(NoSuchDepartment, match=r"far\.away"):
        departments("far.away")


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        ({"base_url": "http://127.0.0.1:1"}, "http://127.0.0.1:1"),
        ({"user": "u", "database_url": "mysql://h/d"}, "mysql://h/d"),
        ({"host": "127.0.0.1", "port": 22}, "127.0.0.1:22"),
        ({}, ""),
    ],
)
def test_address_is_the_url_or_host_and_port(settings: dict[str, Any], address: str) -> None:
    assert address_of(settings) == address
