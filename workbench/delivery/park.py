"""Sets deliveries aside whose platform has no working adapter here, and lets them go when it is back."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, and_, col, or_, select, update

from .models import DeliveryRow


def wanted_platforms(session: Session) -> set[str]:
    """Name the platforms for which something waits, or would if their adapters were here."""
    waits = col(DeliveryRow.state) == "waiting"
    is_set_aside = and_(col(DeliveryRow.state) == "parked", col(DeliveryRow.reason) == "adapter-missing")
    return set(session.exec(select(DeliveryRow.platform_id).where(or_(waits, is_set_aside)).distinct()).all())


def park(session: Session, platform_ids: Collection[str], now: datetime) -> None:
    """Set aside what waits for these platforms."""
    session.exec(
        update(DeliveryRow)
        .where(col(DeliveryRow.state) == "waiting", col(DeliveryRow.platform_id).in_(platform_ids))
        .values(state="parked", reason="adapter-missing", updated_at=now)
        .execution_options(synchronize_session=False)
    )


def resume(session: Session, platform_ids: Collection[str], now: datetime) -> None:
    """Let go what was set aside for these platforms."""
    session.exec(
        update(DeliveryRow)
        .where(col(DeliveryRow.state) == "parked", col(DeliveryRow.reason) == "adapter-missing")
        .where(col(DeliveryRow.platform_id).in_(platform_ids))
        .values(state="waiting", reason="", reason_text="", due_at=col(DeliveryRow.created_at), updated_at=now)
        .execution_options(synchronize_session=False)
    )
