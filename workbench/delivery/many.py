"""What an admin does with several deliveries at once, in the order they were accepted; what cannot be done is left."""

from collections.abc import Callable, Iterable

from ..host.discover import Installed
from ..identity.audit import record
from ..store.context import Context
from .decide import CannotDecide, hold, load, release, resend, send_again
from .models import DeliveryRow

#: As many as a page shows.
MOST = 100


def each(ctx: Context, delivery_ids: Iterable[str], verb: Callable[[Context, str], DeliveryRow]) -> tuple[int, int]:
    """Do one thing with each of some deliveries of this hub; gives how many went and how many could not."""
    done = left = 0
    for delivery_id in sorted(set(delivery_ids))[:MOST]:  # keys rise in the order of accept
        try:
            verb(ctx, delivery_id)
            done += 1
        except (CannotDecide, LookupError):
            left += 1
    return done, left


def resend_each(ctx: Context, delivery_ids: Iterable[str]) -> tuple[int, int]:
    """Send some again."""
    return each(ctx, delivery_ids, resend)


def hold_each(ctx: Context, delivery_ids: Iterable[str], why: str) -> tuple[int, int]:
    """Keep some back until they are released."""
    return each(ctx, delivery_ids, lambda ctx, delivery_id: hold(ctx, delivery_id, why))


def release_each(ctx: Context, delivery_ids: Iterable[str]) -> tuple[int, int]:
    """Let some go that were held."""
    return each(ctx, delivery_ids, release)


def reroute_each(ctx: Context, installed: Installed, delivery_ids: Iterable[str], platform_id: str) -> tuple[int, int]:
    """Send some by another platform of the same line."""
    return each(ctx, delivery_ids, lambda ctx, delivery_id: reroute(ctx, installed, delivery_id, platform_id))


def reroute(ctx: Context, installed: Installed, delivery_id: str, platform_id: str) -> DeliveryRow:
    """Send a delivery by another platform of the same line, under the same key.

    Only one that certainly never arrived: where the last answer was lost, a person looks first.
    """
    row = load(ctx, delivery_id)
    old, new = installed.platform(row.platform_id), installed.platform(platform_id)
    if new is None or new.manifest is None or new.state != "ready" or platform_id == row.platform_id:
        raise CannotDecide("no such platform to send it by")
    if old is not None and old.manifest is not None and old.manifest.line != new.manifest.line:
        raise CannotDecide("that platform belongs to another line")
    if row.operation not in new.manifest.operations:
        raise CannotDecide(f"that platform does not take {row.operation}")
    if row.state not in ("waiting", "needs-people", "parked") or row.in_doubt or row.reference or row.reason == "rekey":
        raise CannotDecide("it may have arrived; look there first")
    came_from = row.platform_id
    row.platform_id, row.lane = platform_id, f"{platform_id}:{row.lane.partition(':')[2]}"
    row.attempts = 0
    send_again(ctx, row, f"rerouted by {ctx.actor.name}: {came_from}")
    detail = {"from": came_from, "to": platform_id}
    record(ctx, "delivery.rerouted", subject=f"delivery:{row.id}", detail=detail)
    return row
