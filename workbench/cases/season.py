"""Seasons and monthly batches of items: when one may apply, when a month's cases are cut off and reported."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ..api.manifest import ItemManifest, MonthlyBatch, Window
from ..store.problems import Problem


@dataclass(frozen=True, slots=True)
class Batch:
    """One month's batch of an item."""

    apply_by: date
    report_by: date
    decide_by: date


def in_season(windows: Sequence[Window], day: date) -> bool:
    """Tell whether a day lies in one of the seasons; an item without seasons is always open."""
    return not windows or any(_holds(window, f"{day:%m-%d}") for window in windows)


def _holds(window: Window, day: str) -> bool:
    if window.opens <= window.closes:
        return window.opens <= day <= window.closes
    return day >= window.opens or day <= window.closes


def next_opening(windows: Sequence[Window], day: date) -> date:
    """Give the first day on which one may apply again."""
    days = [_on(day.year + later, window.opens) for window in windows for later in (0, 1)]
    return min(one for one in days if one >= day)


def days_to_season(windows: Sequence[Window], day: date) -> int:
    """Give how many days one waits until one may apply; 0 in season and for an item without seasons."""
    return 0 if in_season(windows, day) else (next_opening(windows, day) - day).days


def _on(year: int, month_day: str) -> date:
    month, day = map(int, month_day.split("-"))
    return date(year, month, min(day, 28) if month == 2 else day)


def refuse_out_of_season(item: ItemManifest, day: date) -> None:
    """Raise Problem when an item may not be applied for today; says from when it may."""
    if in_season(item.windows, day):
        return
    opens = next_opening(item.windows, day)
    zh = f"该事项只在规定时间受理，下次从 {opens} 起。已填写内容已保留。"
    en = f"This item is accepted in its season only, next from {opens}. What was typed is kept."
    raise Problem("out_of_season", zh, en)


def batch_of(batch: MonthlyBatch, accepted: date) -> Batch:
    """Give the batch a case of a day belongs to: after the cut-off day it is the next month's."""
    later = accepted.day > batch.apply_by
    apply_by = _month(accepted, later).replace(day=batch.apply_by)
    report_by = _month(apply_by, batch.report_by <= batch.apply_by).replace(day=batch.report_by)
    decide_by = _month(report_by, batch.decide_by <= batch.report_by).replace(day=batch.decide_by)
    return Batch(apply_by, report_by, decide_by)


def _month(day: date, following: bool) -> date:
    """Give the first of a day's month, or of the one after."""
    if not following:
        return day.replace(day=1)
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
