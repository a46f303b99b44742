"""Page of the working calendar by year: what was announced, and years whose notice is not out yet."""

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from flask import Response, abort, request
from sqlmodel import col, select

from ..cases.calendar import load_calendar
from ..cases.models import CalendarDayRow
from ..web.acting import reading
from ..web.permit import permit
from .frame import ROOT, admin_page, blueprint


@dataclass(frozen=True, slots=True)
class Holiday:
    """One holiday of a year, with the days worked for it."""

    name: str
    days: tuple[date, ...]
    makeup_days: tuple[date, ...]
    notice: str


@blueprint.get(f"{ROOT}/calendar")
@permit("configure")
def calendar(hub: str) -> Response:
    """Show the working calendar of a year. Two queries."""
    ctx = reading()
    known, today = load_calendar(ctx.session), ctx.clock.today()
    year = _year(today)
    first, last = date(year, 1, 1), date(year, 12, 31)
    query = select(CalendarDayRow).where(col(CalendarDayRow.day).between(first, last))
    rows = list(ctx.session.exec(query.order_by(col(CalendarDayRow.day))))
    return admin_page(
        "calendar.html",
        "calendar",
        year=year,
        years=sorted({*known.years, today.year, today.year + 1, year}),
        announced=known.years,
        next_year=today.year + 1,
        holidays=holidays_of(rows),
        workdays=known.count(date(year - 1, 12, 31), last),
    )


def _year(today: date) -> int:
    text = request.args.get("year", str(today.year))
    if not (text.isascii() and text.isdigit() and 2000 <= int(text) <= 2100):
        abort(404)
    return int(text)


def holidays_of(rows: list[CalendarDayRow]) -> list[Holiday]:
    """Put the days of one year together by holiday, in the order of their first day off."""
    named = groupby(sorted(rows, key=lambda row: (row.name, row.day)), key=lambda row: row.name)
    found = [_holiday(name, list(days)) for name, days in named]
    return sorted(found, key=lambda one: (one.days or one.makeup_days)[0])


def _holiday(name: str, rows: list[CalendarDayRow]) -> Holiday:
    off = tuple(row.day for row in rows if row.kind == "holiday")
    worked = tuple(row.day for row in rows if row.kind == "makeup")
    return Holiday(name, off, worked, rows[0].notice)
