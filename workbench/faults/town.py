"""The place where faults strike: an installation of its own, its processes, its pretend departments.

Whatever runs here was started here, each in a group of its own, and ends with it.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from sqlmodel import col, select

from ..api.nouns import Worker
from ..delivery.health import ensure_platforms
from ..delivery.models import WorkerProcessRow
from ..demo import fill_demo
from ..hubs.open_lines import find_hub
from ..identity.tokens import make_token
from ..people.household_models import MeansConsentRow
from ..people.means_consent import consent_row
from ..people.models import PersonRow
from ..settings import Settings
from ..staff.models import WorkerRow
from ..store.context import Context
from ..store.engine import Store
from ..store.rows import add
from ..tables import METADATA
from ..testing.department import DECIDES_AFTER
from ..testing.departments import Child, departments, start
from .plan import COUNT, PLAN, PROGRAM, ROGUE, STEP, TIMEOUT, WITHOUT

HUB = "wutong"
STARTS_WITHIN, ENDS_WITHIN = 240.0, 120.0


class NotInTime(AssertionError):
    """Something did not come about while it was waited for."""


def wait_for(is_so: Callable[[], Any], seconds: float, what: str) -> Any:
    """Look again and again until there is something to see; gives it."""
    until = time.monotonic() + seconds
    while not (seen := is_so()):
        if time.monotonic() > until:
            raise NotInTime(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.05)
    return seen


def is_present(store: Store, worker: subprocess.Popen[bytes]) -> bool:
    """Tell whether a worker process has come so far that it takes up work, and ends well when it is asked to."""
    row = WorkerProcessRow
    with store.read() as session:
        mine = select(row.id).where(row.pid == worker.pid, col(row.ended_at).is_(None))
        return session.exec(mine).first() is not None


@dataclass
class Town:
    """One installation and all that runs there."""

    settings: Settings
    store: Store
    token: str = ""
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    offices: dict[str, Child] = field(default_factory=dict)
    #: Seconds after which processes give up on a department's answer.
    patience: float = 3.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.settings.port}"

    @contextmanager
    def acting(self) -> Iterator[Context]:
        """Give a writing context of a worker at the hub; it commits at the end."""
        keys = self.store.keys
        with self.store.write() as session:
            hub = find_hub(session, HUB)
            if hub is None:
                raise LookupError(HUB)
            row = session.exec(select(WorkerRow).where(WorkerRow.username == "worker1")).one()
            worker = Worker(row.id, row.username, row.name, frozenset({"worker"}))
            files = self.settings.file_store(keys)
            yield Context(session, worker, hub, self.settings.clock(), keys, files, "faults")

    def start(
        self,
        role: str,
        *,
        step: str = "",
        count: int = 1,
        without: str = "",
        rogue: str = "",
        host: Path | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a web or worker process that may die at a step, lack a protection, or have a rogue adapter.

        `host` is the instance of another host, which shares nothing but database, keys and files.
        """
        environment = self._environment(host) | {STEP: step, COUNT: str(count), WITHOUT: without, ROGUE: rogue}
        environment[TIMEOUT] = str(self.patience)
        command = [sys.executable, "-m", PROGRAM, role]
        with (self.settings.instance / f"{role}.log").open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 - our own program
                command, env=environment, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True
            )
        self.processes.append(process)
        return process

    def _environment(self, host: Path | None = None) -> dict[str, str]:
        return os.environ | {
            "WORKBENCH_INSTANCE": str(host or self.settings.instance),
            "WORKBENCH_KEYS": str(self.settings.keys_path),
            "WORKBENCH_FILES": str(self.settings.files_folder or self.settings.instance / "files"),
            "WORKBENCH_DATABASE_URL": self.settings.database_url,
            "WORKBENCH_PORT": str(self.settings.port),
        }

    def command(self, *words: str) -> str:
        """Run a command of the workbench on this installation; gives what it said, and fails when it fails."""
        program = [sys.executable, "-m", "workbench.cli", *words]
        done = subprocess.run(  # noqa: S603 - our own program
            program, env=self._environment(), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise AssertionError(f"{words}: {done.stdout}{done.stderr}")
        return done.stdout

    def start_anew(self) -> None:
        """Let the web server start its processes anew, and put a new worker process in place of the old ones."""
        for server in self.running("web"):
            os.kill(server.pid, signal.SIGHUP)
        old = self.running("worker")
        self.start("worker")
        for process in old:
            self.stop(process)

    def start_web(self, **plan: Any) -> subprocess.Popen[bytes]:
        """Start the web process and wait until it answers."""
        process = self.start("web", **plan)
        wait_for(self._answers, STARTS_WITHIN, "the pages answer")
        return process

    def _answers(self) -> bool:
        with suppress(OSError), urlopen(f"{self.url}/healthz", timeout=2) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
        return False

    def start_office(self, platform_id: str) -> None:
        """Start one pretend department, again after it was killed."""
        (child,) = start(self.settings, platform_id)
        self.offices[platform_id] = child
        wait_for(lambda: child.settings() is not None, STARTS_WITHIN, f"{platform_id} listens")

    def kill_office(self, platform_id: str) -> None:
        """Kill one pretend department, as a power cut would."""
        child = self.offices.pop(platform_id)
        child.process.kill()
        child.stop()

    def set_faults(self, platform_id: str, **faults: Any) -> None:
        """Turn these switches of a department on and all others off."""
        path = self.settings.departments / platform_id / "faults.json"
        partial = path.with_suffix(".part")
        partial.write_text(json.dumps(faults, ensure_ascii=False), "utf-8")
        partial.replace(path)

    def set_clock(self, *, speed: float = 1.0, jump: float = 0.0) -> None:
        """Let the clock of all processes run faster from now on, or jump by so many seconds."""
        path = self.settings.instance / PLAN
        partial = path.with_suffix(".part")
        partial.write_text(json.dumps({"origin": time.time(), "speed": speed, "jump": jump}))
        partial.replace(path)

    def now(self) -> datetime:
        """Tell the time by the clock of the processes."""
        try:
            plan = json.loads((self.settings.instance / PLAN).read_text("utf-8"))
        except FileNotFoundError:
            return datetime.now(UTC)
        moved = plan["origin"] + (time.time() - plan["origin"]) * plan["speed"] + plan["jump"]
        return datetime.fromtimestamp(moved, UTC)

    def announce_again(self, platform_id: str) -> None:
        """Let the workers look at a department now, as its restart would."""
        now = self._now()  # by the clock they go by, or it would be old news to them
        os.utime(self.settings.departments / platform_id / "address.json", (now, now))

    def _now(self) -> float:
        """Give the time of the clock that all processes share."""
        path, real = self.settings.instance / PLAN, time.time()
        if not path.exists():
            return real
        plan = json.loads(path.read_text())
        return float(plan["origin"] + (real - plan["origin"]) * plan["speed"] + plan["jump"])

    def running(self, role: str) -> list[subprocess.Popen[bytes]]:
        """List the processes of a role that were started and not ended."""
        return [process for process in self.processes if list(process.args)[-1] == role]  # type: ignore[arg-type]

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Kill a process with all its children, at once."""
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(ENDS_WITHIN)
        self._forget(process)

    def stop(self, process: subprocess.Popen[bytes]) -> int:
        """Ask a process to end; gives its exit code, and fails when it does not end."""
        process.terminate()
        code = process.wait(ENDS_WITHIN)
        self._forget(process)
        return code

    def _forget(self, process: subprocess.Popen[bytes]) -> None:
        if process.stdin:
            process.stdin.close()
        if process in self.processes:
            self.processes.remove(process)

    def freeze(self, process: subprocess.Popen[bytes], *, thaw: bool = False) -> None:
        """Stop a process where it stands, every thread of it, or let it go on."""
        os.killpg(process.pid, signal.SIGCONT if thaw else signal.SIGSTOP)
        if not thaw:  # the signal is only on its way: a thread could still take a lock that is let go of now
            wait_for(lambda: _is_stopped(process.pid), ENDS_WITHIN, "the process stands still")

    def limit_files(self, process: subprocess.Popen[bytes], size: int = resource.RLIM_INFINITY) -> None:
        """Let a process write no file beyond a size, as on a full disk; without a size let it write again."""
        for pid in (process.pid, *children_of(process.pid)):
            with suppress(ProcessLookupError):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def close(self) -> None:
        """End everything that was started here."""
        for process in list(self.processes):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGCONT)
            self.kill(process)
        for child in self.offices.values():
            child.stop()
        self.offices.clear()
        self.store.close()


def children_of(pid: int) -> list[int]:
    """List the processes a process started."""
    found: list[int] = []
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += map(int, file.read_text().split())
    return found


def _is_stopped(pid: int) -> bool:
    """Tell whether every thread of a process is stopped, or it has ended."""
    with suppress(OSError):
        states = [file.read_text().rpartition(")")[2].split()[0] for file in Path(f"/proc/{pid}/task").glob("*/stat")]
        return all(state in "TtZX" for state in states)
    return False


def build_town(instance: Path, database_url: str, port: int, *, residents: int = 40) -> Town:
    """Fill a new installation; nothing runs there yet."""
    os.environ.setdefault(DECIDES_AFTER, "0.5")
    settings = Settings(instance=instance, database_url=database_url, port=port)
    keys = settings.keys()
    store = settings.open_store(keys)
    METADATA.create_all(store.engine)
    fill_demo(settings, store, residents=residents, cases=0)
    town = Town(settings, store)
    with town.acting() as ctx:
        ensure_platforms(ctx.session, all_platforms())
        _let_everybody_consent(ctx)
        town.token = make_token(ctx, "faults", ("items:read", "persons:read", "cases:read", "cases:write"), None)
    return town


def _let_everybody_consent(ctx: Context) -> None:
    """Note that all adults signed for the means check, until long after any jump of the clock."""
    today = ctx.clock.today()
    people = ctx.session.exec(select(PersonRow.id).where(PersonRow.hub_id == HUB)).all()
    rows = [consent_row(ctx, one, today, today + timedelta(days=3660)) for one in people]
    add(ctx.session, MeansConsentRow, rows)


def all_platforms() -> list[str]:
    """Name the platforms that have a pretend department."""
    return [manifest.id for manifest in departments()]
