"""Thresholds that differ by place: the value of the nearest division that sets one, on a day."""

from datetime import date
from typing import Any

from sqlmodel import Session, col, or_, select

from .models import ParameterRow


def region_facts(session: Session, division: str, day: date) -> dict[str, Any]:
    """Give the parameters in force at a division as rule facts ("region.dibao_standard": fen)."""
    chain = {division[:length] for length in (2, 4, 6, 9, 12)} | {division[:n].ljust(6, "0") for n in (2, 4, 6)}
    query = (
        select(ParameterRow)
        .where(col(ParameterRow.division).in_(chain), ParameterRow.valid_from <= day)
        .where(or_(col(ParameterRow.valid_to).is_(None), col(ParameterRow.valid_to) >= day))
    )
    rows = sorted(session.exec(query), key=lambda row: (len(row.division.rstrip("0")), row.valid_from))
    return {row.name: row.value.get("value") for row in rows}
