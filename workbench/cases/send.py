"""Sends a case's parcels: one per platform a passed step names, in the same transaction."""

from collections.abc import Mapping
from typing import Any

from ..api.manifest import ItemManifest, StepDelivery
from ..delivery.enqueue import AcceptedCase, enqueue
from ..delivery.models import DeliveryRow
from ..host.discover import Installed
from ..store.context import Context
from .models import CaseRow


def decides_after_opinion(item: ItemManifest) -> bool:
    """Tell whether the department waits for the hub's opinion before it decides."""
    return any(delivery.operation == "opinion" for step in item.steps for delivery in step.deliveries)


def send(
    ctx: Context,
    installed: Installed,
    case: CaseRow,
    item: ItemManifest,
    deliveries: tuple[StepDelivery, ...],
    extra: Mapping[str, Any] | None = None,
) -> list[DeliveryRow]:
    """Put a case's parcels on their way; a platform that is not installed still gets its row, parked in sight."""
    accepted = AcceptedCase(
        case_id=case.id,
        case_no=case.case_no or "",
        person_id=case.person_id,
        hub_id=case.hub_id,
        division=ctx.hub.division,
        item_code=case.item_code,
        item_version=case.item_version,
        item_title=case.title_zh,
        worker_name=ctx.actor.name,
        basis="；".join(item.legal_basis[:2]) or item.purpose,
    )
    return [
        enqueue(
            ctx,
            case=accepted,
            payload_id=case.payload_id,
            platform_id=delivery.platform,
            operation=delivery.operation,
            order=_order(installed, delivery.platform),
            extra=extra,
        )
        for delivery in deliveries
    ]


def _order(installed: Installed, platform_id: str) -> Any:
    platform = installed.platform(platform_id)
    return platform.manifest.order if platform and platform.manifest else "case"
