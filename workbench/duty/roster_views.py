"""Pages of the roster: a month by day, printable; making and publishing it; swaps."""

from datetime import date, timedelta
from typing import Any

from flask import Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..cases.calendar import Calendar, load_calendar
from ..identity.may import may
from ..staff.workers import name_workers
from ..store.context import Context
from ..store.problems import Problem
from ..web.acting import close_reading, reading, writing
from ..web.language import _, bilingual, current_locale, ngettext
from ..web.pages import page
from ..web.permit import permit
from .absence_views import blueprint, workers_named
from .models import RosterRuleRow, ShiftRow, SwapRow
from .months import make_month, month_of, publish_month, roster_workers, rules_of, set_rule
from .roster import Shift, counted, days_of_month, unpopular
from .shifts import hours_of, rule_of, shifts_between
from .swaps import DAY, answer_swap, ask_swap, decide_swap, swaps_open
from .words import shift_words, swap_words


@blueprint.get("/roster")
@permit("board")
def roster(hub: str) -> Response:
    """Show a month of the roster. Nine queries."""
    return _page()


def _month(ctx: Context) -> date:
    text = request.values.get("month", "")
    try:
        return date.fromisoformat(f"{text[:7]}-01") if text else ctx.clock.today().replace(day=1)
    except ValueError:
        return ctx.clock.today().replace(day=1)


def _page(status: int = 200, wrong: Problem | None = None) -> Response:
    ctx = reading()
    month, calendar, rule = _month(ctx), load_calendar(ctx.session), rule_of(ctx.session, ctx.hub.id)
    days, stands, may_make = days_of_month(month), month_of(ctx, month), may(ctx.actor, "staff")
    is_shown = stands is not None and (may_make or stands.published_at is not None)
    shifts = shifts_between(ctx.session, ctx.hub.id, days[0], days[-1]) if is_shown else []
    swaps = swaps_open(ctx)
    names = name_workers(
        ctx.session, {one.worker_id for one in shifts} | {i for s in swaps for i in (s.from_id, s.to_id)}
    )
    kinds = [kind for kind in ("early", "late", "lunch", "extended") if any(one.kind == kind for one in shifts)]
    mine = [one for one in shifts if one.worker_id == ctx.actor.id and one.kind in DAY and one.day >= ctx.clock.today()]
    return page(
        "duty/roster.html",
        status=status,
        month=f"{month:%Y-%m}",
        title=_("Roster {month}", month=f"{month:%Y-%m}"),
        stands=stands,
        is_shown=is_shown,
        weeks=_weeks(days, shifts, kinds, names, calendar, rule, ctx.clock.today()),
        kinds=[(kind, shift_words()[kind], str(hours_of(ctx.session, ctx.hub.id).get(kind, ""))) for kind in kinds],
        counts=_counts(ctx, shifts, names, calendar) if shifts else [],
        swaps=[_draw_swap(ctx, one, names) for one in swaps],
        my_shifts=[
            (f"{one.day.isoformat()} {one.kind}", f"{one.day.isoformat()} {shift_words()[one.kind]}") for one in mine
        ],
        colleagues=[one for one in workers_named(ctx) if one[0] != ctx.actor.id],
        rule=rule,
        may_make=may_make,
        is_ahead=days[-1] >= ctx.clock.today(),
        before_url=url_for("duty.roster", hub=ctx.hub.id, month=f"{days[0] - timedelta(days=1):%Y-%m}"),
        after_url=url_for("duty.roster", hub=ctx.hub.id, month=f"{days[-1] + timedelta(days=1):%Y-%m}"),
        typed=request.form,
        wrong={wrong.field: wrong.text(current_locale())} if wrong else {},
        done=_done_words(request.args.get("done", "")),
    )


def _weeks(
    days: list[date],
    shifts: list[ShiftRow],
    kinds: list[str],
    names: dict[str, str],
    calendar: Calendar,
    rule: RosterRuleRow,
    today: date,
) -> list[dict[str, Any]]:
    """Give one row for each day, with gaps ahead where a shift has fewer people than it takes.

    Days that were over before the roster was made have nothing to show.
    """
    rules, manned = rules_of(rule), {one.day for one in shifts}
    words = [_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")]
    rows = []
    for day in (day for day in days if day >= today or day in manned):
        is_work = calendar.is_workday(day)
        least = (rules.least_work if is_work else rules.least_off) if is_work or rules.seven_days else 0
        cells = {}
        for kind in kinds:
            who = [names.get(one.worker_id, "") for one in shifts if one.day == day and one.kind == kind]
            short = least - len(who) if kind in rules.kinds and day >= today else 0
            cells[kind] = {"who": bilingual("、", ", ").join(who), "short": _short(short) if short > 0 else ""}
        name = calendar.names.get(day, "")
        rows.append(
            {"day": f"{day:%m-%d}", "weekday": words[day.weekday()], "is_off": not is_work, "name": name,
             "is_today": day == today, **cells}
        )  # fmt: skip
    return rows


def _short(count: int) -> str:
    return ngettext("{count} missing", "{count} missing", count)


def _counts(ctx: Context, shifts: list[ShiftRow], names: dict[str, str], calendar: Calendar) -> list[dict[str, Any]]:
    """Count the month by worker, and what was carried over the last year."""
    first = shifts[0].day.replace(day=1)
    past = shifts_between(ctx.session, ctx.hub.id, first - timedelta(days=365), shifts[-1].day)
    own = counted([Shift(one.day, one.kind, one.worker_id) for one in shifts], calendar.is_workday)
    year = counted([Shift(one.day, one.kind, one.worker_id) for one in past], calendar.is_workday)
    days: dict[str, int] = {}
    for one in shifts:
        if one.kind in DAY:
            days[one.worker_id] = days.get(one.worker_id, 0) + 1
    return [
        {
            "name": names.get(worker, ""),
            "days": days.get(worker, 0),
            "off": own["off"][worker],
            "late": own["late"][worker] + own["late_off"][worker],
            "extended": own["extended"][worker],
            "year": unpopular(year, worker),
        }
        for worker in roster_workers(ctx)
        if worker in names
    ]


def _draw_swap(ctx: Context, one: SwapRow, names: dict[str, str]) -> dict[str, Any]:
    words = shift_words()
    back = f" ↔ {one.back_day.isoformat()} {words[one.back_kind]}" if one.back_day else ""
    return {
        "id": one.id,
        "title": f"{names.get(one.from_id, '')} → {names.get(one.to_id, '')}",
        "what": f"{one.day.isoformat()} {words[one.kind]}{back}",
        "reason": one.reason,
        "state": swap_words()[one.state],
        "may_answer": one.state == "asked" and one.to_id == ctx.actor.id,
        "may_decide": one.state == "accepted" and may(ctx.actor, "staff"),
    }


def _done_words(done: str) -> str:
    return {
        "made": _("The roster is made. Look it through and publish it."),
        "published": _("The roster is published."),
        "rule": _("It counts for months made from now on."),
        "asked": _("Your colleague is asked."),
        "answered": _("Your answer is noted."),
        "decided": _("The swap is decided."),
    }.get(done, "")


@blueprint.post("/roster")
@permit("staff")
def make(hub: str) -> AnyResponse | Response:
    """Make a month, publish it, or say how the hub is staffed."""
    action, form = request.form.get("action", ""), request.form
    try:
        with writing() as ctx:
            month = _month(ctx)
            if action == "publish":
                publish_month(ctx, month)
            elif action == "rule":
                set_rule(ctx, _asked_rule(ctx))
            else:
                make_month(ctx, month)
    except Problem as problem:
        close_reading()
        return _page(422, problem)
    done = {"publish": "published", "rule": "rule"}.get(action, "made")
    return redirect(url_for("duty.roster", hub=hub, month=form.get("month", "")[:7], done=done), 303)


def _asked_rule(ctx: Context) -> RosterRuleRow:
    form = request.form

    def people(name: str) -> int:
        text = form.get(name, "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0

    names = ("two_shifts", "seven_days", "has_lunch", "has_extended")
    answers = {name: form.get(name) == "true" for name in names}
    return RosterRuleRow(hub_id=ctx.hub.id, least_work=people("least_work"), least_off=people("least_off"), **answers)


@blueprint.post("/roster/swaps")
@permit("see")
def ask(hub: str) -> AnyResponse | Response:
    """Ask a colleague for a swap."""
    form = request.form
    try:
        with writing() as ctx:
            day, _sep, kind = form.get("shift", "").partition(" ")
            back, _sep, back_kind = form.get("back", "").strip().partition(" ")
            ask_swap(
                ctx,
                _read_day(day, "shift"),
                kind,
                form.get("to", ""),
                back_day=_read_day(back, "back") if back else None,
                back_kind=back_kind or kind,
                reason=form.get("reason", ""),
            )
    except Problem as problem:
        close_reading()
        return _page(422, problem)
    return redirect(url_for("duty.roster", hub=hub, month=form.get("month", "")[:7], done="asked"), 303)


def _read_day(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Problem("day_wrong", "请按 2026-11-22 的格式填写日期。", "Write the day as 2026-11-22.", field) from None


@blueprint.post("/roster/swaps/<swap_id>")
@permit("board")
def settle_swap(hub: str, swap_id: str) -> AnyResponse | Response:
    """Accept, decline, approve or refuse a swap."""
    action = request.form.get("action", "")
    try:
        with writing() as ctx:
            row = ctx.session.get(SwapRow, swap_id[:26], with_for_update=True)
            if row is None or row.hub_id != ctx.hub.id:
                abort(404)
            if action in ("accept", "decline"):
                answer_swap(ctx, row, accept=action == "accept")
            else:
                words = request.form.get(f"words-{swap_id}", "")
                decide_swap(ctx, row, approve=action == "approve", words=words)
    except Problem as problem:
        close_reading()
        return _page(422 if problem.field else 409, problem)
    done = "answered" if action in ("accept", "decline") else "decided"
    return redirect(url_for("duty.roster", hub=hub, month=request.form.get("month", "")[:7], done=done), 303)
