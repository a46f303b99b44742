"""One platform is down for a set time under steady intake: what it cost, and how fast all was caught up.

The clock may run faster, so that a day can be tried in minutes; all figures are in seconds of that clock.
"""

import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from sqlmodel import col, func, select

from ..delivery.models import DeliveryRow, PlatformRow
from ..store.ids import ALPHABET
from .books import Verdict, settle
from .intake import Intake
from .town import Town, wait_for

PLATFORM, ITEMS = "civil_affairs.case_gateway", ("MZ-004", "MZ-005", "MZ-006", "MZ-007")
EVERY, SETTLES_WITHIN = 0.5, 180.0


@dataclass
class Outage:
    """What one outage cost."""

    seconds: float
    speed: float
    accepted: int = 0
    waiting_at_end: int = 0
    calls_while_down: int = 0
    longest_after_recovery: float = 0.0
    verdict: Verdict | None = None

    def __str__(self) -> str:
        told = (
            f"outage {self.seconds:.0f} s at clock x{self.speed:g}: accepted meanwhile {self.accepted}, waiting at its "
            f"end {self.waiting_at_end}, calls while down {self.calls_while_down}, last one delivered "
            f"{self.longest_after_recovery:.0f} s after recovery"
        )
        return f"{told}\n{self.verdict}"


def strike(town: Town, seconds: float, speed: float, seed: int) -> Outage:
    """Take the platform down for so many seconds of the clock, bring it back, and wait until all has arrived."""
    found, stop = Outage(seconds, speed), threading.Event()
    town.set_clock(speed=speed)
    town.start_office(PLATFORM)
    town.start_web()
    town.start("worker")
    wait_for(lambda: _health(town) == "up", 60, "the platform is up")
    intake = Intake(town, ITEMS, Random(seed))  # noqa: S311 - repeats by its seed
    handing_in = threading.Thread(target=intake.keep_going, args=(stop,), kwargs={"every": EVERY})
    handing_in.start()
    wait_for(lambda: intake.delivered() >= 3, 60, "parcels arrive")
    before = len(intake.receipts.shown)
    town.set_faults(PLATFORM, down=True, counts_calls=True)
    time.sleep(seconds / speed)
    found.accepted = len(intake.receipts.shown) - before
    found.waiting_at_end, found.calls_while_down = _waiting(town), _calls(town)
    town.set_faults(PLATFORM)
    recovered = time.monotonic()
    wait_for(lambda: _waiting_since(town, recovered) == 0, SETTLES_WITHIN, "the backlog has arrived")
    found.longest_after_recovery = (time.monotonic() - recovered) * speed
    stop.set()
    handing_in.join()
    found.verdict = settle(town, [intake.receipts], SETTLES_WITHIN, only_these=False)
    return found


def _health(town: Town) -> str:
    with town.store.read() as session:
        row = session.get(PlatformRow, PLATFORM)
        return row.health if row else ""


def _waiting(town: Town) -> int:
    query = select(func.count()).select_from(DeliveryRow).where(col(DeliveryRow.state).in_(("waiting", "sending")))
    with town.store.read() as session:
        return session.exec(query).one()


def _waiting_since(town: Town, recovered: float) -> int:
    """Count what was accepted before the recovery and has not arrived; ids tell the real time of accept."""
    moment = time.time() - (time.monotonic() - recovered)
    latest = _id_at(datetime.fromtimestamp(moment, UTC))
    query = select(func.count()).select_from(DeliveryRow).where(col(DeliveryRow.state).in_(("waiting", "sending")))
    with town.store.read() as session:
        return session.exec(query.where(col(DeliveryRow.id) < latest)).one()


def _id_at(moment: datetime) -> str:
    """Give the smallest id made at a moment."""
    number = int(moment.timestamp() * 1000) << 80
    return "".join(ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))


def _calls(town: Town) -> int:
    file = town.settings.departments / PLATFORM / "calls"
    return len(file.read_bytes()) if file.exists() else 0
