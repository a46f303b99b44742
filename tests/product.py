"""The whole product as a visitor meets it: `workbench run` in a process group of its own, on a free port.

Everything the journeys know of the departments they read where the departments write it: departments.json,
their ledgers, their books.
"""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from workbench.testing.departments import departments as installed_departments
from workbench.testing.ports import free_port

ROOT = Path(__file__).parents[1]
PASSWORD = "round-table-journeys-1"
#: A busy machine takes its time; who is quick does not wait.
STARTS_WITHIN, STOPS_WITHIN, DECIDES_WITHIN = 300.0, 120.0, 240.0

#: Milliseconds: for a page and what it does, for a browser to start, for what the processes behind a page come to.
PATIENCE, START_LIMIT, BEHIND_LIMIT = 120_000, 300_000, 1000 * DECIDES_WITHIN


def eventually(look: Callable[[], Any], what: str | Callable[[], str], within: float = DECIDES_WITHIN) -> Any:
    """Look again and again until there is something to see; say what was wanted, in the end, when there is not."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        if seen := look():
            return seen
        time.sleep(0.2)
    raise AssertionError(f"{what if isinstance(what, str) else what()}: not within {within:.0f} seconds")


@dataclass
class Product:
    """One running installation with its pretend departments."""

    instance: Path
    port: int = field(default_factory=free_port)
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)
    #: What its processes find in their environment beside the usual.
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return (self.instance / "said.log").read_text("utf-8", "replace")

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start one command of the product on this installation."""
        environment = os.environ | {
            "WORKBENCH_INSTANCE": str(self.instance),
            "WORKBENCH_PORT": str(self.port),
            "WORKBENCH_DEMO_PASSWORD": PASSWORD,
            "WORKBENCH_DEPARTMENT_DECIDES_AFTER": "1",
        }
        environment |= self.environment
        for name in ("WORKBENCH_DATABASE_URL", "WORKBENCH_TEST_DATABASE"):
            environment.pop(name, None)
        with (self.instance / "said.log").open("ab") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "workbench.cli", *arguments],
                cwd=ROOT, env=environment, stdout=said, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        self.started.append(process)
        return process

    def wait_until_ready(self) -> None:
        """Wait for the pages and for every department to listen."""
        eventually(self._answers, lambda: f"the pages answer; it said:\n{self.log}", STARTS_WITHIN)
        eventually(self._all_listen, lambda: f"all departments listen; it said:\n{self.log}", STARTS_WITHIN)

    def _answers(self) -> bool:
        assert self.started[0].poll() is None, self.log
        with suppress(OSError), urlopen(f"{self.url}/healthz", timeout=10) as answer:
            return bool(answer.status == 200)
        return False

    def _all_listen(self) -> bool:
        with suppress(FileNotFoundError):
            return sum(known["running"] for known in self.departments().values()) == len(installed_departments())
        return False

    def departments(self) -> dict[str, Any]:
        return dict(json.loads((self.instance / "departments.json").read_text("utf-8")))

    def kill_department(self, platform: str) -> None:
        """Kill one department's process, as a power cut would."""
        os.kill(self.departments()[platform]["pid"], signal.SIGKILL)

    def ledger(self, platform: str) -> list[dict[str, Any]]:
        """What a department wrote down itself about what reached it."""
        path = self.instance / "departments" / platform / "ledger.jsonl"
        lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
        return [json.loads(line) for line in lines if line.endswith(b"\n")]  # the last one may be half written

    def matter(self, platform: str, case_no: str, operation: str = "") -> dict[str, Any]:
        """The one line of a department's ledger about a case; fails when there are two."""

        def written() -> list[dict[str, Any]]:
            lines = (line for line in self.ledger(platform) if line["case_no"] == case_no)
            return [line for line in lines if operation in ("", line["operation"])]

        lines = eventually(written, f"{platform} holds {case_no}")
        assert len(lines) == 1, lines
        return dict(lines[0])

    def end_sessions(self) -> None:
        """End every sign-on, as the end of a shift does, while the browsers keep their cookies."""
        with closing(sqlite3.connect(self.instance / "workbench.db", timeout=60)) as database, database:
            database.execute("UPDATE sign_in SET ended_at = created_at WHERE ended_at IS NULL")

    def let_postings_hang(self, case_id: str) -> None:
        """Let the days of a case's posting be over, as if it had hung on the board all the time."""
        with closing(sqlite3.connect(self.instance / "workbench.db", timeout=60)) as database, database:
            past = "UPDATE case_step SET due_on = '2026-01-05' WHERE case_id = ? AND key = 'publicity'"
            database.execute(past, (case_id,))

    def stop(self) -> list[int]:
        """Ask everything to end and give the processes that did not."""
        groups = [process.pid for process in self.started]
        for process in reversed(self.started):
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
        for process in reversed(self.started):
            with suppress(subprocess.TimeoutExpired):
                process.wait(STOPS_WITHIN)
        left = [process.pid for process in self.started if process.poll() is None]
        left += [known["pid"] for known in self.departments().values() if "pid" in known and is_alive(known["pid"])]
        for group in groups:
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
        return left


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@contextmanager
def running_product(instance: Path, **environment: str) -> Iterator[Product]:
    """Run everything; at the end all of it must have ended."""
    product = Product(instance, environment=environment)
    try:
        product.start("run", "--residents", "300")
        product.wait_until_ready()
        yield product
    finally:
        left = product.stop()
    assert not left, f"still running: {left}\n{product.log}"
