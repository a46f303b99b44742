"""Imports a yearly notice of holidays into the working calendar, and counts open cases anew after it.

The notice is read as people paste it: one day or span a line with its kind and name. Counting anew goes
case by case and remembers how far it came, so a process that dies goes on where it stood.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import col, delete, select

from ..identity.audit import record
from ..store.context import Context
from ..store.problems import Problem
from .models import CalendarDayRow, CalendarNoticeRow, CaseRow
from .moves import OPEN_STATES
from .recount import recount

KINDS = {"放假": "holiday", "休": "holiday", "holiday": "holiday", "上班": "makeup", "班": "makeup", "makeup": "makeup"}
DAY = r"(\d{4}-\d{1,2}-\d{1,2})"
LINE = re.compile(rf"^{DAY}(?:\s*(?:至|到|~|\.\.|–)\s*{DAY})?[\s,，]+(\S+?)[\s,，]+(\S.*)$")
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class NoticeDay:
    """One day of a notice."""

    day: date
    kind: str
    name: str


def read_notice(text: str, year: int) -> list[NoticeDay]:
    """Read a notice; raises Problem that names the line which cannot be read."""
    found: dict[date, NoticeDay] = {}
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip().lstrip("\ufeff")
        if not line or line.startswith("#") or line == "day,kind,name":
            continue
        for one in _read_line(line, number, year):
            if one.day in found and found[one.day].kind != one.kind:
                raise _wrong(number, "同一天既放假又上班。", "the same day is both off and worked.")
            found[one.day] = one
    if not any(one.kind == "holiday" for one in found.values()):
        raise Problem("notice_empty", "请粘贴通知中的放假安排。", "Paste the days of the notice.", field="days")
    return sorted(found.values(), key=lambda one: one.day)


def _read_line(line: str, number: int, year: int) -> list[NoticeDay]:
    match = LINE.match(line)
    kind = KINDS.get(match[3]) if match else None
    if match is None or kind is None:
        example = f"{year}-10-01 至 {year}-10-07 放假 国庆节"
        raise _wrong(number, f"无法识别，请写成“{example}”。", f"it cannot be read; write “{example}”.")
    try:
        first, last = _day(match[1]), _day(match[2] or match[1])
    except ValueError:
        raise _wrong(number, "没有这一天。", "there is no such day.") from None
    if not first <= last <= first + timedelta(days=31):
        raise _wrong(number, "起止日期不对。", "the span is not right.")
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    if any(day.year != year for day in days):
        raise _wrong(number, f"不在 {year} 年。", f"it is not in {year}.")
    if kind == "makeup" and any(day.weekday() < 5 for day in days):
        raise _wrong(number, "调休上班日应为周末。", "a make-up day has to be a weekend day.")
    return [NoticeDay(day, kind, match[4].strip()[:40]) for day in days]


def _day(text: str) -> date:
    year, month, day = text.split("-")
    return date(int(year), int(month), int(day))


def _wrong(number: int, zh: str, en: str) -> Problem:
    return Problem("notice_wrong", f"第 {number} 行：{zh}", f"Line {number}: {en}", field="days")


def import_notice(ctx: Context, year: int, title: str, days: list[NoticeDay]) -> CalendarNoticeRow:
    """Put a notice in the place of what the calendar held for its year. The same notice twice changes nothing."""
    if not title.strip():
        raise Problem("title_missing", "请填写通知名称或文号。", "Give the notice's name or number.", field="title")
    ctx.session.exec(
        delete(CalendarDayRow).where(col(CalendarDayRow.day).between(date(year, 1, 1), date(year, 12, 31)))
    )
    for one in days:
        ctx.session.add(CalendarDayRow(day=one.day, kind=one.kind, name=one.name, notice=title.strip()))
    off = sum(one.kind == "holiday" for one in days)
    row = CalendarNoticeRow(
        year=year,
        title=title.strip()[:200],
        holidays=off,
        makeup_days=len(days) - off,
        by_id=ctx.actor.id,
        by_name=ctx.actor.name,
        at=ctx.clock.now(),
    )
    ctx.session.add(row)
    ctx.session.flush()
    record(ctx, "calendar.import", subject=f"calendar:{year}", detail={"days": len(days)})
    return row


def recount_after(ctx: Context, notice: CalendarNoticeRow, limit: int = AT_ONCE) -> int:
    """Count the next open cases anew after a notice; marks it done at the last. Gives how many due days moved."""
    first = date(notice.year, 1, 1)
    query = select(CaseRow).where(col(CaseRow.id) > notice.done_to, col(CaseRow.state).in_(OPEN_STATES))
    query = query.where(col(CaseRow.due_on) >= first).order_by(col(CaseRow.id)).limit(limit)
    moved = 0
    cases = list(ctx.session.exec(query.with_for_update(key_share=True)))
    for case in cases:
        moved += recount(ctx, case, "calendar", reason=notice.title)
    notice.moved += moved
    if cases:
        notice.done_to = cases[-1].id
    if len(cases) < limit:
        notice.done_at = ctx.clock.now()
    return moved


def next_notice(ctx: Context) -> CalendarNoticeRow | None:
    """Give the oldest notice after which cases are still to be counted."""
    query = select(CalendarNoticeRow).where(col(CalendarNoticeRow.done_at).is_(None))
    return ctx.session.exec(query.order_by(col(CalendarNoticeRow.id)).with_for_update()).first()
