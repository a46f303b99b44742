"""Whose case a delivery belongs to; the delivery room below does not know cases."""

from sqlmodel import Session, col, select

from ..delivery.models import DeliveryRow
from .models import CaseRow


def owner_of(session: Session, delivery_id: str) -> str:
    """Give the id of the worker whose case a delivery is, "" when there is none."""
    query = select(CaseRow.owner_id).join(DeliveryRow, col(DeliveryRow.case_id) == CaseRow.id)
    return session.exec(query.where(DeliveryRow.id == delivery_id)).first() or ""
