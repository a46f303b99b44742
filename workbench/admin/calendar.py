"""Page of the working calendar by year: what was announced, and years whose notice is not out yet."""

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from flask import Response, abort, request
from sqlmodel import col, select
from werkzeug.wrappers import Response as AnyResponse

from ..cases.calendar import load_calendar
from ..cases.models import CalendarDayRow, CalendarNoticeRow
from ..cases.notice import import_notice, read_notice, recount_after
from ..store.problems import Problem
from ..web.acting import reading, writing
from ..web.language import _, current_locale, ngettext
from ..web.permit import permit
from .frame import ROOT, admin_page, blueprint, go, refused


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
    """Show the working calendar of a year. Three queries."""
    return _page()


def _page(status: int = 200, wrong: Problem | None = None) -> Response:
    ctx = reading()
    known, today = load_calendar(ctx.session), ctx.clock.today()
    year = _year(today)
    first, last = date(year, 1, 1), date(year, 12, 31)
    query = select(CalendarDayRow).where(col(CalendarDayRow.day).between(first, last))
    rows = list(ctx.session.exec(query.order_by(col(CalendarDayRow.day))))
    return admin_page(
        "calendar.html",
        "calendar",
        status=status,
        year=year,
        years=sorted({*known.years, today.year, today.year + 1, year}),
        announced=known.years,
        next_year=today.year + 1,
        holidays=holidays_of(rows),
        workdays=known.count(date(year - 1, 12, 31), last),
        notices=list(ctx.session.exec(NOTICES.where(CalendarNoticeRow.year == year))),
        typed=request.form,
        notice_example=EXAMPLE.get(current_locale(), EXAMPLE["zh_CN"]),
        wrong=refused(wrong) if wrong else "",
        wrong_field=wrong.field if wrong else "",
    )


@blueprint.post(f"{ROOT}/calendar")
@permit("configure")
def import_calendar(hub: str) -> AnyResponse | Response:
    """Put a yearly notice into the calendar; open cases are counted anew, the first of them at once."""
    text = request.form.get("year", "")
    try:
        if not (text.isascii() and text.isdigit() and 2000 <= int(text) <= 2100):
            raise Problem("year_wrong", "请填写四位年份。", "Enter the year with four digits.", field="year")
        days = read_notice(request.form.get("days", "")[:20000], int(text))
        with writing() as ctx:
            notice = import_notice(ctx, int(text), request.form.get("title", ""), days)
            moved = recount_after(ctx, notice)
            finished = notice.done_at is not None
    except Problem as problem:
        return _page(422, problem)
    told = ngettext("The due day of {count} case moved.", "The due days of {count} cases moved.", moved)
    if not finished:
        told += " " + _("The other open cases are being counted anew.")
    return go("calendar", _("The notice is in the calendar.") + " " + told, year=int(text))


#: As a notice writes it; the kinds are understood in both languages.
EXAMPLE = {
    "zh_CN": "2027-10-01 至 2027-10-07 放假 国庆节 / 2027-10-09 上班 国庆节",
    "en": "2027-10-01 .. 2027-10-07 holiday National Day / 2027-10-09 makeup National Day",
}
NOTICES = select(CalendarNoticeRow).order_by(col(CalendarNoticeRow.id).desc()).limit(5)


def _year(today: date) -> int:
    text = request.values.get("year", str(today.year))
    if request.method == "POST" and not (text.isascii() and text.isdigit() and 2000 <= int(text) <= 2100):
        return today.year
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
