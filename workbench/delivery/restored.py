"""After a backup was put back nothing is sent until a person has looked, because departments know more than we do.

What was on its way may have arrived since the backup was made: every parcel is asked for before it is sent
again. What was accepted since is gone here; departments that have it show it as messages of nobody's.
"""

from datetime import datetime

from sqlmodel import Session, col, or_, select, update

from ..api.manifest import PlatformManifest
from .models import DeliveryRow, PlatformRow, ReconciliationRow

WHY = "restored"


class NotCompared(ValueError):
    """The books have not been compared with this platform since the backup was put back; wait or look why."""


def hold_everything(session: Session, now: datetime) -> int:
    """Send nothing anywhere and put all that is under way in doubt; gives how many parcels that are."""
    session.exec(update(PlatformRow).values(is_paused=True, paused_why=WHY, paused_at=now))
    under_way = or_(
        col(DeliveryRow.state).in_(("waiting", "sending", "sent", "parked")),
        (col(DeliveryRow.state) == "needs-people") & (col(DeliveryRow.reason) != "rekey"),
    )
    ids = list(session.exec(select(DeliveryRow.id).where(under_way)))
    session.exec(update(DeliveryRow).where(under_way).values(in_doubt=True, fence=col(DeliveryRow.fence) + 1))
    sending = update(DeliveryRow).where(col(DeliveryRow.state) == "sending")
    session.exec(sending.values(state="waiting", lease_owner="", updated_at=now))
    return len(ids)


def refuse_uncompared(session: Session, row: PlatformRow, platform: PlatformManifest | None) -> None:
    """Raise NotCompared while nobody can have looked at a comparison made since the backup was put back."""
    if row.paused_why != WHY or platform is None or "find" not in platform.capabilities:
        return
    made = select(ReconciliationRow.id).where(ReconciliationRow.platform_id == row.platform_id)
    made = made.where(col(ReconciliationRow.began_at) >= row.paused_at, ReconciliationRow.trouble == "")
    if session.exec(made.limit(1)).first() is None:
        raise NotCompared(row.platform_id)
