"""Rows of the demonstration's cases, collected and written in batches with plain inserts."""

from functools import cache
from typing import Any

from pydantic_core import PydanticUndefined
from sqlalchemy import insert
from sqlmodel import Session, SQLModel

from ..cases.models import (
    CaseEventRow,
    CaseMaterialRow,
    CaseNumberRow,
    CaseRow,
    DraftRow,
    StepRow,
    SuspensionRow,
)
from ..catalogue.models import ItemVersionRow
from ..delivery.models import DeliveryEventRow, DeliveryRow, PayloadRow
from ..reception.models import ReceptionRow

Row = dict[str, Any]
#: In the order of their foreign keys.
TABLES: tuple[type[SQLModel], ...] = (
    ItemVersionRow,
    ReceptionRow,
    PayloadRow,
    CaseRow,
    DraftRow,
    StepRow,
    CaseMaterialRow,
    SuspensionRow,
    CaseEventRow,
    DeliveryRow,
    DeliveryEventRow,
    CaseNumberRow,
)
#: The database numbers these itself.
NUMBERED = (CaseEventRow, DeliveryEventRow, SuspensionRow)


class Tray:
    """Rows not yet written; each may still be changed until it is."""

    def __init__(self) -> None:
        self._rows: dict[type[SQLModel], list[Row]] = {table: [] for table in TABLES}

    def add(self, table: type[SQLModel], **values: Any) -> Row:
        """Add a row with the table's own defaults for what is not given."""
        row = {**_defaults(table), **values}
        self._rows[table].append(row)
        return row

    def write(self, session: Session) -> None:
        """Write and forget the rows."""
        connection = session.connection()
        for table, rows in self._rows.items():
            if rows:
                connection.execute(insert(table), rows)
        self._rows = {table: [] for table in TABLES}


@cache
def _defaults(table: type[SQLModel]) -> Row:
    fields = {name: field for name, field in table.model_fields.items() if name != "id" or table not in NUMBERED}
    given = {name: field.get_default(call_default_factory=True, validated_data={}) for name, field in fields.items()}
    return {name: default for name, default in given.items() if default is not PydanticUndefined}
