"""The way out of the house, product and twin in turn: how fast parcels are claimed and drained, how late they arrive.

The departments answer at once here, so that only the sender is measured. Rates are per second of the
sender's own CPU: parcels per core.
"""

import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlmodel import col

from ..cases.models import CaseRow
from ..delivery.acknowledge import write_results
from ..delivery.dispatch import Result
from ..delivery.lease import Claimed, claim
from ..delivery.models import DeliveryEventRow, DeliveryRow, OutcomeRow
from ..store.clock import Clock
from .drain import announce, lags_of, program
from .figures import tail
from .process import usage_of
from .sittings import accept_cases
from .twin import posting
from .twin.database import Database
from .twin.duties import Duties
from .world import World

CASES, PACED, PACE, BATCH = 400, 40, 0.05, 50
SETTLE, PATIENCE = 4.0, 60.0


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What one sender does."""

    claimed_per_core: float
    drained_per_core: float
    lag_p50_ms: float
    lag_p95_ms: float


def compare_outboxes(world: World, cases: int = CASES) -> dict[str, Outgoing]:
    """Let twin and product send the same parcels."""
    ids = [sitting.case_id for sitting in accept_cases(world, world.desks, cases)]
    database = Database(world.database)
    try:
        rates = {"twin": _rate(world, ids, _twin_claims(world, database))}
    finally:
        database.close()
    rates["product"] = _rate(world, ids, _product_claims(world))
    return {target: Outgoing(rates[target], *_send(world, target, ids)) for target in rates}


def _reopen(world: World, case_ids: Sequence[str]) -> int:
    """Let parcels wait again as if they were accepted now; gives how many there are."""
    theirs, now = col(DeliveryRow.case_id).in_(case_ids), Clock().now()
    keys = select(col(DeliveryRow.id)).where(theirs)
    fresh = {"state": "waiting", "reference": "", "fence": 0, "attempts": 0, "lease_owner": "", "due_at": now}
    with world.store.write() as session:
        session.execute(delete(OutcomeRow).where(col(OutcomeRow.delivery_id).in_(keys)))
        session.execute(delete(DeliveryEventRow).where(col(DeliveryEventRow.delivery_id).in_(keys)))
        session.execute(update(CaseRow).where(col(CaseRow.id).in_(case_ids)).values(state="accepted", reference=""))
        session.execute(update(DeliveryRow).where(theirs).values(**fresh, sent_at=None, accepted_at=None))
        return int(session.execute(select(func.count()).select_from(DeliveryRow).where(theirs)).scalar_one())


def _rate(world: World, case_ids: Sequence[str], claims: Callable[[str], int]) -> float:
    """Claim and acknowledge everything in batches, without sending."""
    whole = _reopen(world, case_ids)
    with world.store.read() as session:
        platforms = session.execute(select(col(DeliveryRow.platform_id)).distinct()).scalars().all()
    began = time.thread_time()
    for platform_id in platforms:
        while claims(platform_id):
            pass
    return round(whole / (time.thread_time() - began), 1)


def _twin_claims(world: World, database: Database) -> Callable[[str], int]:
    duties = Duties(database, world.keys)

    def claims(platform_id: str) -> int:
        with database.writing():
            taken = posting.claim(database, duties, platform_id, BATCH)
            posting.write(database, duties, [posting.Sent(one, "N1", b"{}") for one in taken])
        return len(taken)

    return claims


def _product_claims(world: World) -> Callable[[str], int]:
    files, clock = world.settings.file_store(world.keys), Clock()

    def claims(platform_id: str) -> int:
        with world.store.write() as session:
            now = clock.now()
            taken = claim(session, files, worker_id="bench", platform_id=platform_id, limit=BATCH, now=now)
            if taken:
                write_results(session, [_accepted(one) for one in taken], now)
        return len(taken)

    return claims


def _accepted(one: Claimed) -> Result:
    return Result(one.delivery_id, one.platform_id, one.fence, "accepted", "well", reference="N1", proof=b"{}")


def _send(world: World, target: str, case_ids: Sequence[str]) -> tuple[float, float, float]:
    """Let a sender drain everything, then deliver what is accepted at a steady pace."""
    with ExitStack() as stack:
        department = stack.enter_context(program("department"))
        port = int(department.stdout.readline()) if department.stdout else 0
        announce(world, port)
        sender = stack.enter_context(_sender(world, target, port))
        time.sleep(SETTLE)  # starting is not draining
        whole, cpu = _reopen(world, case_ids), _cpu(sender.pid)
        _wait(world, case_ids)
        rate = whole / max(_cpu(sender.pid) - cpu, 0.01)
        paced = []
        for number in range(PACED):
            time.sleep(PACE)
            paced += [sitting.case_id for sitting in accept_cases(world, world.desks[number % 8 :], 1)]
        _wait(world, paced)
    lags = lags_of(world, paced)
    return round(rate, 1), round(tail(lags, 0.5), 1), round(tail(lags, 0.95), 1)


def _sender(world: World, target: str, port: int) -> AbstractContextManager[subprocess.Popen[bytes]]:
    command = ("twin.posting", str(port)) if target == "twin" else ("work",)
    return program(*command, instance=str(world.settings.instance))


def _cpu(pid: int) -> float:
    return sum(usage.cpu_seconds for usage in usage_of(pid))


def _wait(world: World, case_ids: Sequence[str]) -> None:
    """Wait until every parcel of these cases is delivered and each case knows it, or patience ends."""
    until = time.monotonic() + PATIENCE
    while _left(world, case_ids) and time.monotonic() < until:
        time.sleep(0.05)


def _left(world: World, case_ids: Sequence[str]) -> int:
    """Count the parcels of these cases that are open, and the messages about them that the cases do not know yet."""
    theirs = col(DeliveryRow.case_id).in_(case_ids)
    parcels = select(func.count()).where(theirs, col(DeliveryRow.state).in_(("waiting", "sending", "sent")))
    messages = (
        select(func.count())
        .select_from(OutcomeRow)
        .join(DeliveryRow, col(DeliveryRow.id) == col(OutcomeRow.delivery_id))
        .where(theirs, col(OutcomeRow.applied_at).is_(None))
    )
    with world.store.read() as session:
        return int(session.execute(parcels).scalar_one()) + int(session.execute(messages).scalar_one())
