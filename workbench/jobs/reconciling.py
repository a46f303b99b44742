"""Recurring jobs of deliveries: compare books at night and after a restore, raise the alarm when something stays."""

from datetime import time

from sqlmodel import col, select

from ..api.adapter import Capability
from ..api.errors import AdapterError
from ..delivery.alarm import late_queues
from ..delivery.models import PlatformRow, ReconciliationRow
from ..delivery.reconcile import Compared, ask, to_ask, write
from .recurring import RecurringJob
from .workshop import Workshop, close_quietly, log

#: A quarter of what a platform bears is spent on questions; without a limit so many a second.
SHARE, USUAL = 0.25, 20.0


def jobs() -> tuple[RecurringJob, ...]:
    """Give what recurs about deliveries."""
    return (
        RecurringJob("reconcile", reconcile_all, "configure", daily_at=time(2, 30)),
        RecurringJob("reconcile after a restore", reconcile_restored, "configure", every_seconds=30),
        RecurringJob("alarm", raise_alarm, "board", every_seconds=20),
    )


def reconcile_all(workshop: Workshop) -> None:
    """Compare with every platform that can be asked."""
    for platform_id in sorted(workshop.usable):
        if not workshop.stopping.is_set():
            reconcile(workshop, platform_id)


def reconcile_restored(workshop: Workshop) -> None:
    """Compare with the platforms nothing is sent to since a restore, once for each."""
    with workshop.store.read() as session:
        done = select(ReconciliationRow.id).where(
            ReconciliationRow.platform_id == PlatformRow.platform_id,
            col(ReconciliationRow.began_at) >= col(PlatformRow.paused_at),
            ReconciliationRow.trouble == "",
        )
        waiting = select(PlatformRow.platform_id).where(PlatformRow.paused_why == "restored", ~done.exists())
        found = [platform_id for platform_id in session.exec(waiting) if platform_id in workshop.usable]
    for platform_id in found:
        if not workshop.stopping.is_set():
            reconcile(workshop, platform_id)


def reconcile(workshop: Workshop, platform_id: str) -> Compared | None:
    """Compare with one platform; None where it cannot be asked. Asking goes over the wire and holds no transaction."""
    manifest, began = workshop.manifest(platform_id), workshop.now()
    if Capability.FIND not in manifest.capabilities:
        return None
    with workshop.store.read() as session:
        row = session.get(PlatformRow, platform_id)
        parcels = to_ask(session, platform_id, began)
        recipe = workshop.recipe(session, row) if row else None
    if recipe is None:
        return None
    apart = 60.0 / (manifest.limits.per_minute * SHARE) if manifest.limits.per_minute else 1.0 / USUAL
    adapter = None
    try:
        adapter = workshop.build(platform_id, recipe)
        compared = ask(adapter, parcels, lambda: workshop.stopping.wait(apart))
    except AdapterError as error:
        compared = Compared(trouble=error.text[:500])
    except (Exception, SystemExit) as error:
        compared = Compared(trouble=f"its adapter cannot be started: {type(error).__name__}")
    finally:
        close_quietly(adapter)
    with workshop.store.write() as session:
        write(session, platform_id, compared, began, workshop.now())
    if compared.missing or compared.found or compared.numbers:
        counts = len(compared.missing), len(compared.found), len(compared.numbers)
        log.error("books differ at %s: %d missing there, %d only there, %d under another number", platform_id, *counts)
    return compared


def raise_alarm(workshop: Workshop) -> None:
    """Say so in the log, at every turn, while something stays undelivered for too long."""
    with workshop.store.read() as session:
        late = late_queues(session, workshop.now())
    for queue in late:
        told = queue.platform_id, queue.count, queue.state, queue.age
        log.error("alarm: %s: %d parcels %s, the oldest for %d s", *told)
