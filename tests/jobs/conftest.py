"""A whole installation with worker processes and real pretend departments, everything over the wire."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from shop import Shop
from sqlmodel import select
from waiting import PATIENCE, wait_for

from workbench.api.nouns import Hub, Worker
from workbench.delivery.enqueue import AcceptedCase, Outgoing, enqueue, store_payload
from workbench.delivery.health import ensure_platforms
from workbench.delivery.models import DeliveryRow, PlatformRow
from workbench.hubs.models import HubRow
from workbench.jobs.worker import close_workshop
from workbench.settings import Settings
from workbench.store.context import Context
from workbench.store.engine import Store
from workbench.store.ids import new_id
from workbench.testing.department import DECIDES_AFTER, DepartmentHome
from workbench.testing.departments import Child, start

GATEWAY = "civil_affairs.case_gateway"
VALUES = {
    "name": "测试甲",
    "id_type": "111",
    "id_no": "990101199001010011",
    "sex": "1",
    "birth_date": "1990-01-01",
    "phone": "13900000000",
}
#: A worker process as `workbench worker` runs it, with the cases' part written to a file.
PROGRAM = """
import sys
from pathlib import Path
from workbench.commands.stopping import stop_on_signals
from workbench.jobs.worker import run_worker
from workbench.settings import Settings

stop = stop_on_signals()
told = Path(sys.argv[1]) / "told.txt"

def apply_outcomes(ctx, pairs):
    with told.open("a") as file:
        for outcome, delivery in pairs:
            file.write(f"{delivery.id} {outcome.status} {outcome.reference}\\n")
    return ()

run_worker(Settings(Path(sys.argv[1]), sys.argv[2]), stop, apply_outcomes)
"""


class WorkerProcess:
    """One worker process."""

    def __init__(self, settings: Settings) -> None:
        command = [sys.executable, "-W", "error", "-c", PROGRAM, str(settings.instance), settings.database_url]
        self.process = subprocess.Popen(command)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(PATIENCE)


@dataclass
class Town:
    """The installation: departments, worker processes, parcels."""

    settings: Settings
    store: Store
    workers: list[WorkerProcess] = field(default_factory=list)
    children: list[Child] = field(default_factory=list)

    def start_department(self, platform_id: str = GATEWAY) -> Child:
        (child,) = start(self.settings, platform_id)
        self.children.append(child)
        wait_for(lambda: child.settings() is not None)
        return child

    def start_worker(self) -> WorkerProcess:
        self.workers.append(WorkerProcess(self.settings))
        return self.workers[-1]

    def set_faults(self, platform_id: str = GATEWAY, **faults: Any) -> None:
        path = self.home(platform_id).folder / "faults.json"
        partial = path.with_suffix(".part")
        partial.write_text(json.dumps(faults))
        partial.replace(path)

    def home(self, platform_id: str = GATEWAY) -> DepartmentHome:
        return DepartmentHome(self.settings.departments / platform_id, platform_id)

    def ledger(self, platform_id: str = GATEWAY) -> list[dict[str, Any]]:
        path = self.settings.departments / platform_id / "ledger.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def accept(self, count: int = 1, platform_id: str = GATEWAY, values: Any = None, **how: Any) -> list[str]:
        """Accept one case with so many parcels for a platform."""
        keys = self.settings.keys()
        with self.store.write() as session:
            row = session.get_one(HubRow, "wutong")
            hub = Hub(row.id, row.name_zh, row.name_en, row.division)
            worker = Worker("W1", "worker1", "worker1")
            ctx = Context(session, worker, hub, self.settings.clock(), keys, self.settings.file_store(keys))
            case = AcceptedCase(
                new_id(), f"{new_id()}", "P1", hub.id, hub.division, "MZ-001", "1", "测试事项", worker.name
            )
            payload = store_payload(ctx, {"values": values or VALUES})
            parcel = Outgoing(case, payload, platform_id, **how)
            ensure_platforms(session, [platform_id])
            return enqueue(ctx, [parcel] * count)

    def row(self, delivery_id: str) -> DeliveryRow:
        with self.store.read() as session:
            found = session.get_one(DeliveryRow, delivery_id)
            session.expunge(found)
            return found

    def states(self) -> list[tuple[str, str]]:
        with self.store.read() as session:
            return list(session.exec(select(DeliveryRow.state, DeliveryRow.reason).order_by(DeliveryRow.id)))

    def platform(self, platform_id: str = GATEWAY) -> PlatformRow:
        with self.store.read() as session:
            found = session.get_one(PlatformRow, platform_id)
            session.expunge(found)
            return found

    def change_platform(self, platform_id: str = GATEWAY, **values: Any) -> None:
        with self.store.write() as session:
            row = session.get_one(PlatformRow, platform_id)
            for key, value in values.items():
                setattr(row, key, value)

    def told(self) -> list[str]:
        path = self.settings.instance / "told.txt"
        return path.read_text().splitlines() if path.exists() else []

    def wait_for_states(self, *states: str) -> None:
        wait_for(lambda: {state for state, _ in self.states()} <= set(states), show=self.states)


@pytest.fixture
def town(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    monkeypatch.setenv(DECIDES_AFTER, "0.5")
    store = settings.open_store()
    with store.write() as session:
        ensure_platforms(session, [GATEWAY])
    town = Town(settings, store)
    yield town
    for worker in town.workers:
        if worker.process.poll() is None:
            worker.kill()
    for child in town.children:
        child.stop()
    store.close()


@pytest.fixture
def wait() -> Callable[..., None]:
    return wait_for


@pytest.fixture
def shop(town: Any) -> Iterator[Any]:
    opened: list[Shop] = []

    def open_shop(**platform: Any) -> Shop:
        opened.append(Shop(town.settings, **platform))
        return opened[-1]

    yield open_shop
    for one in opened:
        one.dispatcher.finish(time.monotonic())
        close_workshop(one.workshop)
