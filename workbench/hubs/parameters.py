"""Thresholds that differ by place: the value of the nearest division that sets one, on a day."""

from datetime import date
from typing import Any

from sqlalchemy import Date, bindparam, or_, select
from sqlmodel import Session, col

from ..store.rows import prepare, run
from .models import ParameterRow

_DAY = bindparam("day", type_=Date)
IN_FORCE = prepare(
    select(col(ParameterRow.division), col(ParameterRow.valid_from), col(ParameterRow.name), col(ParameterRow.value))
    .where(col(ParameterRow.division).in_(bindparam("places", expanding=True)), col(ParameterRow.valid_from) <= _DAY)
    .where(or_(col(ParameterRow.valid_to).is_(None), col(ParameterRow.valid_to) >= _DAY))
)


def region_facts(session: Session, division: str, day: date) -> dict[str, Any]:
    """Give the parameters in force at a division as rule facts ("region.dibao_standard": fen)."""
    chain = {division[:length] for length in (2, 4, 6, 9, 12)} | {division[:n].ljust(6, "0") for n in (2, 4, 6)}
    found = run(session, IN_FORCE, places=sorted(chain), day=day)
    rows = sorted(found, key=lambda row: (len(row.division.rstrip("0")), row.valid_from))
    return {row.name: row.value.get("value") for row in rows}
