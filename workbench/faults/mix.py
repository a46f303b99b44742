"""The long random mix: steady intake, two worker processes, and one trouble after the other, drawn from a seed.

When the time is up everything is mended, what had stopped is sent again as an admin would, and the books
of both ends are compared.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random
from typing import Any

from sqlalchemy import text
from sqlmodel import col, select

from ..delivery.decide import resend_all
from ..delivery.models import DeliveryRow
from .books import Verdict, settle
from .intake import Intake, targets_of
from .points import AT_ACCEPT, AT_WORK
from .town import Town

#: One item or more for every way there is; none that has a season.
ITEMS = ("MZ-004", "MZ-005", "MZ-001", "RS-003", "RS-006", "RS-011", "WJ-010", "WJ-001", "CL-001", "MZ-010")
WORKERS, EVERY, SETTLES_WITHIN = 2, 0.25, 240.0
#: The platform that answers in files.
FILES = "family_planning.birth_registration"
#: What any department can suffer; each knows more, which its own tests turn on.
SWITCHES: tuple[dict[str, Any], ...] = (
    {"down": True},
    {"http_500": True},
    {"garbage": True},
    {"sign_in_page": True},
    {"lose_answer": True},
    {"slow_ms": 700},
    {"error_in_200": True},
    {"expired_credentials": True},
)
CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
Say = Callable[[str], None]


@dataclass
class Mix:
    """One run of the mix."""

    town: Town
    random: Random
    say: Say
    struck: Counter[str] = field(default_factory=Counter)

    @property
    def platforms(self) -> list[str]:
        """Name the platforms the items of the mix go to."""
        return sorted({platform_id for code in ITEMS for platform_id, _ in targets_of(code)})

    def run(self, seconds: float) -> Verdict:
        """Let troubles strike for so long, mend everything, and compare the books."""
        town, stop = self.town, threading.Event()
        town.set_clock(speed=10)
        for platform_id in self.platforms:
            town.start_office(platform_id)
        town.start_web()
        for _ in range(WORKERS):
            town.start("worker")
        intake = Intake(town, ITEMS, Random(self.random.getrandbits(64)))  # noqa: S311 - repeats by its seed
        with ThreadPoolExecutor(1) as pool:
            handing_in = pool.submit(intake.keep_going, stop, every=EVERY)
            try:
                self._strike(time.monotonic() + seconds)
            finally:
                self._mend()
                stop.set()
        handing_in.result()  # an order that was refused fails the run
        self.say(f"struck: {dict(sorted(self.struck.items()))}; shown {len(intake.receipts.shown)}, now settling")
        return settle(town, [intake.receipts], SETTLES_WITHIN, only_these=False, prod=self._send_stopped)

    def _strike(self, until: float) -> None:
        troubles: dict[str, Callable[[], None]] = {
            "worker killed": self._kill_worker,
            "worker killed at a step": self._kill_at_step,
            "worker stopped": self._stop_worker,
            "worker frozen": self._freeze_worker,
            "web killed": self._kill_web,
            "web killed at accept": self._kill_at_accept,
            "department killed": self._kill_office,
            "department sick": self._sicken_office,
            "database away": self._hinder_database,
            "clock jumps": self._jump_clock,
        }
        while time.monotonic() < until:
            name = self.random.choice(sorted(troubles))
            self.struck[name] += 1
            troubles[name]()
            self._revive()
            time.sleep(self.random.uniform(0.2, 2.0))

    def _revive(self) -> None:
        """Start again what has died, as a service manager would."""
        for role in ("web", "worker"):
            for process in self.town.running(role):
                if process.poll() is not None:
                    self.town.kill(process)
        if not self.town.running("web"):
            self.town.start_web()
        while len(self.town.running("worker")) < WORKERS:
            self.town.start("worker")

    def _worker(self) -> Any:
        return self.random.choice(self.town.running("worker"))

    def _kill_worker(self) -> None:
        self.town.kill(self._worker())

    def _kill_at_step(self) -> None:
        self.town.kill(self._worker())
        dying = self.town.start("worker", step=self.random.choice(AT_WORK), count=self.random.randint(1, 4))
        self._wait_for_end(dying)

    def _stop_worker(self) -> None:
        self.town.stop(self._worker())

    def _freeze_worker(self) -> None:
        worker = self._worker()
        self.town.freeze(worker)
        time.sleep(self.random.uniform(0.5, 4.0))
        self.town.freeze(worker, thaw=True)

    def _kill_web(self) -> None:
        self.town.kill(self.town.running("web")[0])

    def _kill_at_accept(self) -> None:
        self._kill_web()
        dying = self.town.start_web(step=self.random.choice(AT_ACCEPT), count=self.random.randint(1, 6))
        self._wait_for_end(dying)
        self.town.kill(dying)

    def _wait_for_end(self, process: Any) -> None:
        until = time.monotonic() + 8.0
        while process.poll() is None and time.monotonic() < until:
            time.sleep(0.1)

    def _kill_office(self) -> None:
        platform_id = self.random.choice(sorted(self.town.offices))
        self.town.kill_office(platform_id)
        time.sleep(self.random.uniform(0.5, 5.0))
        self.town.start_office(platform_id)

    def _sicken_office(self) -> None:
        platform_id = self.random.choice(sorted(self.town.offices))
        # Garbage a department wrote into a reply file stays there until its people write the file anew.
        switches = [one for one in SWITCHES if "garbage" not in one or platform_id != FILES]
        self.town.set_faults(platform_id, **self.random.choice(switches))
        time.sleep(self.random.uniform(1.0, 6.0))
        self.town.set_faults(platform_id)

    def _hinder_database(self) -> None:
        """SQLite: no file may grow, as on a full disk. PostgreSQL: all connections are cut."""
        town = self.town
        if town.store.is_sqlite:
            process = self.random.choice(town.processes)
            town.limit_files(process, 4096)
            time.sleep(self.random.uniform(0.5, 2.0))
            town.limit_files(process)
            return
        with town.store.engine.connect() as connection:
            connection.execute(text(CUT))

    def _jump_clock(self) -> None:
        self.town.set_clock(speed=10, jump=self.random.choice((-7200.0, -60.0, 60.0, 3600.0)))

    def _mend(self) -> None:
        for platform_id in self.platforms:
            if platform_id not in self.town.offices:
                self.town.start_office(platform_id)
            self.town.set_faults(platform_id)
        self.town.set_clock(speed=10)
        self._revive()

    def _send_stopped(self) -> None:
        """What an admin does after a bad day: look at every platform, send again what had stopped."""
        self._revive()
        for platform_id in self.town.offices:
            self.town.announce_again(platform_id)
            with self.town.acting() as ctx:
                resend_all(ctx, platform_id)


def stopped_for(town: Town) -> Counter[tuple[str, str]]:
    """Count what stands still, by platform and reason."""
    query = select(DeliveryRow.platform_id, DeliveryRow.reason).where(
        col(DeliveryRow.state).in_(("needs-people", "parked", "refused"))
    )
    with town.store.read() as session:
        return Counter(session.exec(query))
