"""A trail of any length, made row by row as workers would, and what it costs to prove it: time and peak memory."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from sqlmodel import Session

from ..identity.audit import MOVE_HEAD
from ..identity.chain import REGISTER, START, enter, link, seal_head
from ..identity.checkpoints import sign_day
from ..identity.models import AuditHeadRow, AuditRow
from ..identity.trail_models import AuditStreamRow
from ..settings import Settings
from ..store.clock import Clock
from ..store.context import SYSTEM, Context
from ..store.crypto import KeyRing
from ..store.engine import Store
from ..store.rows import add, run_each
from ..web.acting import NOWHERE

WORKERS, BATCH, DAYS = 500, 5000, 30
BEGAN = datetime(2026, 1, 5, 1, tzinfo=UTC)


class At(Clock):
    """A clock that stands still."""

    def __init__(self, moment: datetime) -> None:
        super().__init__()
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


@dataclass
class Stream:
    """One made worker's stream as far as it is written."""

    name: str
    seq: int = 0
    mac: bytes = START


def fill(store: Store, settings: Settings, keys: KeyRing, rows: int) -> None:
    """Write so many chained acts of 500 workers over thirty days into an empty trail, each day signed."""
    streams = [Stream(f"made{number:04d}") for number in range(WORKERS)]
    with store.write() as session:
        _begin(session, keys, streams)
    for day in range(DAYS):
        _work(store, keys, streams, rows * day // DAYS, rows * (day + 1) // DAYS)
        with store.write() as session:
            moment = BEGAN + timedelta(days=day + 1)
            sign_day(Context(session, SYSTEM, NOWHERE, At(moment), keys, settings.file_store(keys), "bench"))


def _begin(session: Session, keys: KeyRing, streams: list[Stream]) -> None:
    register, entries = Stream(REGISTER), []
    for stream in streams:
        register.seq += 1
        register.mac = enter(keys, register.mac, register.seq, stream.name)
        entries.append({"number": register.seq, "stream": stream.name, "mac": register.mac})
    add(session, AuditStreamRow, entries)
    heads = [
        {"stream": one.name, "seq": one.seq, "mac": one.mac, "seal": seal_head(keys, one.name, one.seq, one.mac)}
        for one in (register, *streams)
    ]
    add(session, AuditHeadRow, heads)


def _work(store: Store, keys: KeyRing, streams: list[Stream], first: int, end: int) -> None:
    for start in range(first, end, BATCH):
        numbers = range(start, min(start + BATCH, end))
        with store.write() as session:
            add(session, AuditRow, [_act(keys, streams[number % WORKERS], number) for number in numbers])
            moved = [streams[number] for number in sorted({number % WORKERS for number in numbers})]
            run_each(session, MOVE_HEAD, [_head(keys, stream) for stream in moved])


def _head(keys: KeyRing, stream: Stream) -> dict[str, object]:
    seal = seal_head(keys, stream.name, stream.seq, stream.mac)
    return {"whose": stream.name, "to_seq": stream.seq, "to_mac": stream.mac, "to_seal": seal}


def _act(keys: KeyRing, stream: Stream, number: int) -> dict[str, object]:
    stream.seq += 1
    row = SimpleNamespace(
        stream=stream.name,
        seq=stream.seq,
        at=BEGAN + timedelta(seconds=number),
        actor_id=stream.name,
        hub_id=f"made{number % 500:04d}",
        action="person.look",
        person_id=f"MADE{number % 100_000:022d}",
        subject=f"case:MADE{number:022d}",
        purpose="reception",
        detail={"from": "127.0.0.1"},
    )
    row.mac = stream.mac = link(keys, stream.mac, row)
    return vars(row)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one proof cost, and what it said last."""

    seconds: float
    megabytes: float
    said: str
    code: int


def prove(settings: Settings) -> Cost:
    """Run `workbench audit verify` on an installation in a process of its own."""
    environment = {
        **os.environ,
        "WORKBENCH_INSTANCE": str(settings.instance),
        "WORKBENCH_DATABASE_URL": settings.database_url,
    }
    began = time.monotonic()
    arguments = [sys.executable, "-m", "workbench.cli", "audit", "verify"]
    child = subprocess.Popen(arguments, env=environment, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own words
    if child.stdout is None:
        raise RuntimeError("its words cannot be read")
    with child.stdout as words:
        said = words.read()
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    last = said.strip().rpartition("\n")[2]
    return Cost(time.monotonic() - began, used.ru_maxrss / 1024, last, child.returncode)
