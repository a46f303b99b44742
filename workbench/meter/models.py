"""Table of the meter: sums per hub, item and month; nothing about persons."""

from datetime import date

from sqlmodel import Field, SQLModel


class EntryMeterRow(SQLModel, table=True):
    """What one item's cases of one month took at one hub."""

    __tablename__ = "entry_meter"

    hub_id: str = Field(primary_key=True)
    month: str = Field(primary_key=True)  # 2026-11
    item_code: str = Field(primary_key=True)
    line_id: str
    cases: int = 0
    fields: int = 0  # that had to be filled
    by_hand: int = 0  # the same, once for every department's own screen
    filled: int = 0  # by what was on file, or answered once for several matters of one sitting
    typed: int = 0
    sheets: int = 0  # re-keying sheets that were worked off
    retyped: int = 0  # fields on them
    retyping_seconds: int = 0  # from opening the sheet to the number it gave


class CountedRow(SQLModel, table=True):
    """Up to which day a hub is counted."""

    __tablename__ = "entry_meter_counted"

    hub_id: str = Field(primary_key=True)
    until: date
