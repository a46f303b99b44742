"""Sends a case's parcels: one per platform a passed step names, in the same transaction."""

from collections.abc import Mapping
from typing import Any

from ..api.manifest import ItemManifest, StepDelivery
from ..delivery.enqueue import AcceptedCase, Order, Outgoing, enqueue
from ..host.discover import Installed
from ..store.context import Context
from .models import CaseRow


def decides_after_opinion(item: ItemManifest) -> bool:
    """Tell whether the department waits for the hub's opinion before it decides."""
    return any(delivery.operation == "opinion" for step in item.steps for delivery in step.deliveries)


def deciding_platform(item: ItemManifest) -> str:
    """Name the platform whose answers decide an item's cases; "" when it goes nowhere."""
    return next((delivery.platform for step in item.steps for delivery in step.deliveries), "")


def send(
    ctx: Context,
    installed: Installed,
    case: CaseRow,
    item: ItemManifest,
    deliveries: tuple[StepDelivery, ...],
    extra: Mapping[str, Any] | None = None,
) -> list[str]:
    """Put a case's parcels on their way and give their keys; one for a platform that is not installed is parked."""
    accepted = accepted_case(ctx, case.id, case.case_no or "", case.person_id, item)
    return enqueue(ctx, outgoing(installed, accepted, case.payload_id, deliveries, extra))


def accepted_case(ctx: Context, case_id: str, case_no: str, person_id: str, item: ItemManifest) -> AcceptedCase:
    """Say what the parcels of a case tell about it."""
    return AcceptedCase(
        case_id=case_id,
        case_no=case_no,
        person_id=person_id,
        hub_id=ctx.hub.id,
        division=ctx.hub.division,
        item_code=item.code,
        item_version=item.version,
        item_title=item.title_zh,
        worker_name=ctx.actor.name,
        basis="；".join(item.legal_basis[:2]) or item.purpose,
    )


def outgoing(
    installed: Installed,
    case: AcceptedCase,
    payload_id: str,
    deliveries: tuple[StepDelivery, ...],
    extra: Mapping[str, Any] | None = None,
) -> list[Outgoing]:
    """Give the parcels of a case; a platform that is not installed still gets its own, parked in sight."""
    return [
        Outgoing(case, payload_id, one.platform, one.operation, _order(installed, one.platform), extra)
        for one in deliveries
    ]


def _order(installed: Installed, platform_id: str) -> Order:
    platform = installed.platform(platform_id)
    return platform.manifest.order if platform and platform.manifest else "case"
