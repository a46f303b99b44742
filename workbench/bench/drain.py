"""What happens after accept: how fast a backlog drains, how long a parcel takes, and that none is lost or doubled."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.request import urlopen

from sqlalchemy import func, select
from sqlmodel import col

from ..cases.models import CaseRow
from ..cases.steps import accepting_position
from ..delivery.configure import address_file
from ..delivery.models import DeliveryRow
from ..host.discover import Platform
from .figures import tail
from .sittings import accept_cases
from .world import World

#: The platform that is down at first.
DOWN = "civil_affairs.means_check"
#: Cases accepted while the departments answer, evenly over this time.
PACED, PACED_SECONDS = 60, 6.0
#: Seconds; longer than a platform that was closed twice waits for the next look at it.
PATIENCE = 150.0


@dataclass(frozen=True, slots=True)
class Drained:
    """The figures of the deliveries."""

    backlog: int
    drained_per_second: float
    lag_p50_ms: float
    lag_p95_ms: float
    delivered: int
    waiting: int
    lost: int
    doubled: int


def drain(world: World, accepted: list[str], outage: float) -> Drained:
    """Let a worker process empty what stands, then accept more at a steady pace; compare both books at the end."""
    backlog = _open_deliveries(world, without=DOWN)
    with ExitStack() as stack:
        port = stack.enter_context(_departments(outage))
        announce(world, port)
        stack.enter_context(_worker(world))
        began = _wait(world, left=backlog - 1, without=DOWN)  # starting is not draining
        seconds = _wait(world, left=backlog // 20, without=DOWN) - began
        paced = _accept_steadily(world)
        announce(world, port)  # who was down is up again, and says so as a restarted department does
        _wait(world, left=0)
        with urlopen(f"http://127.0.0.1:{port}/ledger") as answer:
            ledger = json.load(answer)
    lags = lags_of(world, paced)
    lost, doubled = _compare(world, {*accepted, *paced}, ledger)
    delivered = sum(map(len, ledger["books"].values()))
    rate = backlog * 0.95 / seconds if backlog else 0.0
    middle, late = (round(tail(lags, share), 1) for share in (0.5, 0.95))
    return Drained(backlog, round(rate, 1), middle, late, delivered, _open_deliveries(world), lost, doubled)


def _accept_steadily(world: World) -> list[str]:
    began, cases = time.monotonic(), []
    for number in range(PACED):
        time.sleep(max(0.0, began + number * PACED_SECONDS / PACED - time.monotonic()))
        cases += [sitting.case_id for sitting in accept_cases(world, world.desks[number % 8 :], 1)]
    return cases


def _open_deliveries(world: World, without: str = "") -> int:
    states = ("waiting", "sending", "sent")
    with world.store.read() as session:
        query = select(func.count()).select_from(DeliveryRow).where(col(DeliveryRow.state).in_(states))
        query = query.where(col(DeliveryRow.platform_id) != without)
        return int(session.execute(query).scalar_one())


def _wait(world: World, left: int, without: str = "") -> float:
    """Wait until at most so many deliveries are open, or patience ends; gives when that was."""
    until = time.monotonic() + PATIENCE
    while _open_deliveries(world, without) > left and time.monotonic() < until:
        time.sleep(0.1)
    return time.monotonic()


def lags_of(world: World, cases: list[str]) -> list[float]:
    """Give the milliseconds from accept to the department's number, the platform that was down left out."""
    columns = (col(DeliveryRow.created_at), col(DeliveryRow.accepted_at))
    query = select(*columns).where(col(DeliveryRow.case_id).in_(cases), col(DeliveryRow.platform_id) != DOWN)
    with world.store.read() as session:
        return [(end - start).total_seconds() * 1000 for start, end in session.execute(query) if end]


def _compare(world: World, accepted: set[str], ledger: dict[str, Any]) -> tuple[int, int]:
    """Count the parcels of accepted cases no department has, and the matters a department has twice."""
    wanted, lost = _wanted(world, accepted), 0
    entries: dict[str, list[str]] = ledger["cases"]
    for place in wanted:
        lost += not entries.get(place)
    return lost, sum(len(keys) - 1 for keys in entries.values())


def _wanted(world: World, accepted: set[str]) -> list[str]:
    query = select(col(CaseRow.id), col(CaseRow.case_no), col(CaseRow.item_code))
    with world.store.read() as session:
        rows = [row for row in session.execute(query) if row[0] in accepted]
    found = [f"no case|{case_id}|accept" for case_id in accepted - {row[0] for row in rows}]
    for _, case_no, code in rows:
        manifest = world.catalogue.by_code[code][0].manifest
        deliveries = manifest.steps[accepting_position(manifest)].deliveries
        found += [f"{delivery.platform}|{case_no}|{delivery.operation}" for delivery in deliveries]
    return found


def announce(world: World, port: int) -> None:
    """Lead every platform to the departments at a port."""
    platforms: tuple[Platform, ...] = world.installed.platforms
    for platform in platforms:
        file = address_file(platform.id, world.settings)
        file.parent.mkdir(parents=True, exist_ok=True)
        address = f"http://127.0.0.1:{port}/{platform.id}/"
        file.write_text(json.dumps({"pid": 0, "settings": {"base_url": address}}))


@contextmanager
def _departments(outage: float) -> Iterator[int]:
    with program("department", DOWN, str(outage)) as process:
        yield int(process.stdout.readline()) if process.stdout else 0


@contextmanager
def _worker(world: World) -> Iterator[None]:
    with program("work", instance=str(world.settings.instance)):
        yield


@contextmanager
def program(module: str, *arguments: str, instance: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """Run one of our programs until the block ends; it ends when its standard input does."""
    command = [sys.executable, "-m", f"{__package__}.{module}", *arguments]
    environment = {"PATH": "/usr/bin:/bin", "WORKBENCH_INSTANCE": instance}
    process = subprocess.Popen(  # noqa: S603 - our own program
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        if process.stdin:
            process.stdin.close()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)
        if process.stdout:
            process.stdout.close()
