"""`workbench run` from the first start to Ctrl-C, as a process with real departments."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from waiting import PATIENCE, wait_for

from workbench.faults.town import children_of
from workbench.testing.ports import free_port

ROOT = Path(__file__).parents[2]


class Running:
    """One `workbench run` with its output."""

    def __init__(self, instance: Path, port: int, *options: str) -> None:
        self.port = port
        self.log = instance.with_suffix(f".{time.monotonic_ns()}.log")
        command = [sys.executable, "-m", "workbench.cli", "run", "--residents", "30", "--cases", "5", *options]
        environment = os.environ | {"WORKBENCH_INSTANCE": str(instance), "WORKBENCH_PORT": str(port)}
        environment.pop("WORKBENCH_DATABASE_URL", None)
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=log, stderr=log)

    def wait_for(self, words: str) -> None:
        """Wait until something was printed."""

        def printed() -> bool:
            ended = self.process.poll() is not None  # asked first: it may print and end
            said = words in self.log.read_text("utf-8")
            assert said or not ended, self.log.read_text("utf-8")
            return said

        wait_for(printed, show=lambda: self.log.read_text("utf-8"))

    def get(self, path: str) -> "tuple[int, str, str]":
        """Give status, text and Server header of a page."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode(), answer.headers["Server"]

    def stop(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


def is_free(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) != 0


def processes_of(pid: int) -> set[int]:
    """Give a process with all that came from it."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        parents[int(stat.parent.name)] = int(fields[1])
    found, more = set(), {pid}
    while more:
        found |= more
        more = {child for child, parent in parents.items() if parent in more} - found
    return found


def living(pids: set[int]) -> set[int]:
    return {pid for pid in pids if Path(f"/proc/{pid}").exists() and "Z" not in state_of(pid)}


def state_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "Z"


def wait_for_the_end_of(pids: set[int]) -> None:
    """Wait until none of these processes lives."""
    wait_for(lambda: not living(pids), show=lambda: living(pids))


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    return tmp_path / "instance"


@pytest.fixture
def runs() -> Iterator[list[Running]]:
    started: list[Running] = []
    yield started
    for run in started:
        if run.process.poll() is None:
            run.process.kill()
            run.process.wait()


def test_run_starts_everything_and_ctrl_c_stops_it(instance: Path, runs: list[Running]) -> None:
    run = Running(instance, free_port())
    runs.append(run)
    run.wait_for("Ctrl-C stops everything.")
    departments = wait_for_departments(instance, run)
    ours = processes_of(run.process.pid)

    assert run.get("/healthz")[0] == 200
    status, page, server = run.get("/")
    assert (status, server) == (200, "granian")
    assert 'name="password"' in page
    assert (instance / "demo-accounts.txt").read_text("utf-8") in run.log.read_text("utf-8") + "\n"

    # One department is killed: it stays dead, the line says how to start it, all else goes on.
    os.kill(departments["civil_affairs.case_gateway"]["pid"], signal.SIGKILL)
    run.wait_for("workbench departments --only civil_affairs.case_gateway")
    assert run.get("/healthz")[0] == 200

    assert run.stop(signal.SIGINT) == 0
    wait_for_the_end_of(ours)
    assert is_free(run.port)


def wait_for_departments(instance: Path, run: Running) -> dict[str, dict[str, int]]:
    path = instance / "departments.json"

    def running() -> dict[str, dict[str, int]]:
        assert run.process.poll() is None
        known = json.loads(path.read_text("utf-8")) if path.exists() else {}
        return known if sum(department.get("running", False) for department in known.values()) >= 9 else {}

    found: dict[str, dict[str, int]] = wait_for(running)
    return found


def test_second_start_keeps_the_data_and_nothing_outlives_a_run(instance: Path, runs: list[Running]) -> None:
    first = Running(instance, free_port(), "--no-departments")
    runs.append(first)
    first.wait_for("Ctrl-C stops everything.")
    accounts = (instance / "demo-accounts.txt").read_text("utf-8")
    refused = Running(instance, free_port(), "--no-departments")
    runs.append(refused)
    assert refused.process.wait(PATIENCE) == 1
    assert "this installation runs already" in refused.log.read_text("utf-8")

    ours = processes_of(first.process.pid)
    first.process.kill()
    first.process.wait()
    wait_for_the_end_of(ours)

    again = Running(instance, first.port, "--no-departments")
    runs.append(again)
    again.wait_for("Ctrl-C stops everything.")
    assert "Empty database" not in again.log.read_text("utf-8")
    assert (instance / "demo-accounts.txt").read_text("utf-8") == accounts

    # The first child is the web process.
    ours = processes_of(again.process.pid)
    os.kill(children_of(again.process.pid)[0], signal.SIGKILL)
    assert again.process.wait(PATIENCE) == 1
    assert "web ended by itself (exit code -9)" in again.log.read_text("utf-8")
    wait_for_the_end_of(ours)


def test_taken_port_is_said_before_anything_is_started(instance: Path, runs: list[Running]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        run = Running(instance, other.getsockname()[1])
        runs.append(run)

        assert run.process.wait(PATIENCE) == 1
    assert "set WORKBENCH_PORT to a free port" in run.log.read_text("utf-8")
    assert not (instance / "demo-accounts.txt").exists()
