"""How values are written on screen: days, times, amounts, ID numbers."""

from datetime import date, datetime
from typing import Any

from ..store.clock import local


def day(value: date | None) -> str:
    """Write a day as 2026-11-22; nothing for none."""
    return value.isoformat() if value else ""


def moment(value: datetime | None) -> str:
    """Write a time as the wall clock at the hub, to the minute."""
    return f"{local(value):%Y-%m-%d %H:%M}" if value else ""


def clock_time(value: datetime | None) -> str:
    """Write only the time of day."""
    return f"{local(value):%H:%M}" if value else ""


def yuan(fen: int | None) -> str:
    """Write an amount of fen in yuan."""
    return "" if fen is None else f"{fen // 100:,}.{fen % 100:02d}"


def grouped(id_no: str | None) -> str:
    """Group an ID number 6-8-4 for reading aloud."""
    text = id_no or ""
    return f"{text[:6]} {text[6:14]} {text[14:]}" if len(text) == 18 else text


ALL: dict[str, Any] = {"day": day, "moment": moment, "clock_time": clock_time, "yuan": yuan, "grouped": grouped}
