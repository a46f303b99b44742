"""Tells a clock in words: what started it, each span that was passed over, who moved it."""

from typing import Any

from ..web.filters import day
from ..web.language import _, ngettext
from .limits import CaseClock, Record
from .walk import Skip


def draw_clock(clock: CaseClock, record: Record) -> dict[str, Any]:
    """Give one clock for its page."""
    names = {
        "acceptance": (_("Acceptance"), _("The form was begun")),
        "statutory": (_("Statutory limit"), _("Accepted")),
        "promised": (_("Promised limit"), _("Accepted")),
        "correction": (_("Correction"), _("The correction was asked for")),
        "publicity": (_("Publicity"), _("The posting began")),
    }
    title, event = names[clock.kind]
    return {
        "kind": clock.kind,
        "title": title,
        "level": clock.level,
        "due": day(clock.due),
        "state": _state(clock),
        "rows": [
            {"key": _("Start"), "value": f"{event} · {day(clock.walk.start)}"},
            {"key": _("Limit"), "value": _limit(clock)},
            *[{"key": span(skip), "value": why(skip, record)} for skip in clock.walk.skipped],
            *[
                {"key": day(one), "value": _("Counts: a weekend day worked for a holiday")}
                for one in clock.walk.made_up
            ],
            *_moved(clock, record),
            {"key": _("Last day of the limit"), "value": day(clock.due)},
        ],
    }


def _limit(clock: CaseClock) -> str:
    count = clock.walk.days - clock.extended
    if clock.walk.unit == "day":
        return ngettext("{count} calendar day", "{count} calendar days", count)
    return ngettext("{count} working day", "{count} working days", count)


def _state(clock: CaseClock) -> str:
    if clock.ended is not None:
        return _("ended on {day}", day=day(clock.ended))
    if clock.stands_still:
        return _("stands still")
    if clock.level == "overdue":
        return ngettext("{count} working day late", "{count} working days late", -clock.left)
    not_announced = _("holidays not announced yet")
    unsure = "" if clock.is_announced else f" ({not_announced})"
    return ngettext("{count} working day left", "{count} working days left", clock.left) + unsure


def span(skip: Skip) -> str:
    """Name the days of a skip."""
    return day(skip.first) if skip.first == skip.last else f"{day(skip.first)} – {day(skip.last)}"


def why(skip: Skip, record: Record) -> str:
    """Say why days do not count, and for a suspension who stopped the clock."""
    if skip.why == "weekend":
        return _("Weekend")
    if skip.why == "holiday":
        return _("Public holiday: {name}", name=skip.name) if skip.name else _("Public holiday")
    if skip.why == "ends_on_day_off":
        return _("The last day is a day off; the next working day counts")
    pause = next((p for p in record.pauses if p.first < skip.first and (p.last is None or skip.first <= p.last)), None)
    words = {
        "correction": _("Clock stood still: correction"),
        "special_procedure": _("Clock stood still: special procedure"),
        "assessment": _("Clock stood still: assessment"),
        "reopened": _("Not counted: the case was closed"),
    }
    said = words.get(skip.name, skip.name)
    return " · ".join(part for part in (said, pause.reason, pause.who) if part) if pause else said


def _moved(clock: CaseClock, record: Record) -> list[dict[str, str]]:
    if not clock.extended:
        return []
    moved = []
    for row in record.extensions:
        if row.state == "approved":
            asked, approved = _("asked by {name}", name=row.asked_name), _("approved by {name}", name=row.decided_name)
            more = ngettext("{count} day more", "{count} days more", row.days)
            moved.append({"key": more, "value": f"{row.reason} · {asked} · {approved}"})
    return moved
