"""The worker's page of the hall: the number in hand, who waits, today's appointments."""

from collections.abc import Callable
from datetime import date

from flask import Blueprint, Response, redirect, request, url_for
from sqlmodel import col, select
from werkzeug.wrappers import Response as AnyResponse

from ..identity.may import may
from ..people.models import PersonRow
from ..people.register import NoSuchPerson
from ..people.visitors import find_resident
from ..staff.models import GrantRow, WorkerRow
from ..store.context import Context
from ..store.ids import new_id
from ..store.problems import Problem
from ..web.acting import close_reading, reading, writing
from ..web.filters import day as show_day
from ..web.htmx import is_htmx
from ..web.language import _, current_locale
from ..web.live import is_seen, mark_of, marked, unchanged
from ..web.pages import page
from ..web.permit import permit
from . import call, slots
from .capacity import short_times
from .draw import LETTERS, draw
from .look import HallNow, look
from .models import TicketRow
from .public import blueprint as public
from .public import hall_key
from .words import channel_words

blueprint = Blueprint("hall", __name__, url_prefix="/h/<hub>/hall")
blueprints = [blueprint, public]
#: button -> verb that takes the number's id.
MOVES: dict[str, Callable[[Context, str], TicketRow]] = {
    "again": call.call_again,
    "begin": call.begin,
    "end": call.end,
    "miss": call.miss,
    "back": call.come_back,
    "leave": call.leave,
}


@blueprint.get("")
@permit("accept")
def hall(hub: str) -> Response:
    """Show the number in hand and who waits."""
    return _page()


def _page(status: int = 200, wrong: Problem | None = None) -> Response:
    ctx = reading()
    now = look(ctx)
    mine = call.current(ctx)
    return page(
        "hall/hall.html",
        status=status,
        now=now,
        mark=_mark(now),
        mine=mine,
        channels=[(name, *channel_words()[name]) for name in LETTERS if name != "appointment"],
        words={name: told[0] for name, told in channel_words().items()},
        colleagues=_colleagues(ctx),
        booked=slots.booked_on(ctx, ctx.clock.today()),
        once=new_id(),
        key=hall_key(ctx.keys, ctx.hub.id),
        typed=request.form,
        wrong=wrong.text(current_locale()) if wrong else "",
        wrong_field=wrong.field if wrong else "",
        told=_told(ctx),
    )


def _mark(now: HallNow) -> str:
    return mark_of((now.waiting, now.missed, now.served, now.average, now.longest))


def _told(ctx: Context) -> str:
    done, number = request.args.get("done", ""), request.args.get("number", "")[:8]
    words = {
        "drawn": _("Number {number} was drawn.", number=number),
        "nobody": _("Nobody waits."),
        "end": _("Number {number} is done.", number=number),
        "miss": _("Number {number} was missed.", number=number),
        "back": _("Number {number} is in line again.", number=number),
        "leave": _("Number {number} left.", number=number),
        "handed": _("Number {number} was handed on.", number=number),
        "cancelled": _("The appointment is cancelled."),
    }
    return words.get(done, "")


def _colleagues(ctx: Context) -> list[tuple[str, str]]:
    query = select(WorkerRow.id, WorkerRow.name).join(GrantRow, col(GrantRow.worker_id) == WorkerRow.id)
    query = query.where(GrantRow.hub_id == ctx.hub.id, GrantRow.role == "worker", col(WorkerRow.is_active).is_(True))
    return [
        (id_, name) for id_, name in ctx.session.exec(query.distinct().order_by(WorkerRow.name)) if id_ != ctx.actor.id
    ]


@blueprint.get("/now")
@permit("accept")
def now(hub: str) -> AnyResponse | Response:
    """Give the part of the page that moves by itself; nothing when it did not move."""
    if not is_htmx():
        return redirect(url_for("hall.hall", hub=hub), 303)
    found = look(reading())
    mark = _mark(found)
    if is_seen(mark):
        return unchanged(mark)
    words = {name: told[0] for name, told in channel_words().items()}
    return marked(page("hall/hall_now.html", now=found, mark=mark, words=words), mark)


@blueprint.post("")
@permit("accept")
def move(hub: str) -> AnyResponse | Response:
    """Do what a button says: draw, call, and whatever becomes of the number in hand."""
    action, ticket_id = request.form.get("action", ""), request.form.get("ticket", "")
    try:
        with writing() as ctx:
            done, number = _act(ctx, action, ticket_id)
    except Problem as problem:
        close_reading()
        return _page(422 if problem.field else 409, problem)
    return redirect(url_for("hall.hall", hub=hub, done=done, number=number or None), 303)


def _act(ctx: Context, action: str, ticket_id: str) -> tuple[str, str]:
    """Do it; gives what was done and to which number."""
    form = request.form
    if action == "draw":
        return "drawn", draw(ctx, form.get("channel", ""), once=form.get("once", "")).number
    if action == "next":
        found = call.call_next(ctx)
        return ("", "") if found else ("nobody", "")
    if action == "hand_on":
        return "handed", call.hand_on(ctx, ticket_id, to=form.get("to", ""), note=form.get("note", "")).number
    if action == "arrive":
        return "drawn", slots.arrive(ctx, form.get("appointment", "")).number
    if action == "cancel":
        slots.cancel(ctx, form.get("appointment", ""))
        return "cancelled", ""
    if action in MOVES:
        return action, MOVES[action](ctx, ticket_id).number
    raise Problem("no_such_action", "没有这个操作，请刷新页面。", "There is no such action; reload the page.")


@blueprint.get("/appointments")
@permit("accept")
def appointments(hub: str) -> Response:
    """Show the times of a day, for a resident whose page led here."""
    return _book_page()


def _book_page(status: int = 200, wrong: Problem | None = None) -> Response:
    ctx = reading()
    chosen = _day(ctx, request.values.get("day", ""))
    person = _resident(ctx, request.values.get("person", ""))
    return page(
        "hall/appointments.html",
        status=status,
        day=chosen,
        slots=slots.slots_of(ctx, chosen),
        booked=slots.booked_on(ctx, chosen),
        person=person,
        typed=request.form,
        wrong=wrong.text(current_locale()) if wrong else "",
        wrong_field=wrong.field if wrong else "",
        told=_("The time is kept: {when}.", when=request.args.get("kept", "")[:20]) if request.args.get("kept") else "",
    )


def _resident(ctx: Context, person_id: str) -> PersonRow | None:
    """Give the resident the page is about; of another hub only one whom this worker may open."""
    try:
        return find_resident(ctx, person_id) if person_id else None
    except NoSuchPerson:
        return None


@blueprint.get("/short")
@permit("board")
def short(hub: str) -> Response:
    """List the times ahead for which more is kept than can be taken; whose they are stands on the day's own page."""
    ctx = reading()
    return page("hall/short.html", rows=short_times(ctx), may_book=may(ctx.actor, "accept"))


def _day(ctx: Context, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return ctx.clock.today()


@blueprint.post("/appointments")
@permit("accept")
def book(hub: str) -> AnyResponse | Response:
    """Keep a time."""
    form, person_id = request.form, request.form.get("person", "")
    try:
        with writing() as ctx:
            person = _resident(ctx, person_id)
            if person is None or person.status != "active":
                raise Problem(
                    "person_missing", "请先查找并选择居民。", "Find and choose the resident first.", field="person"
                )
            chosen = _day(ctx, form.get("day", ""))
            slots.book(ctx, person, chosen, form.get("slot", ""), form.get("matter", ""))
    except Problem as problem:
        close_reading()
        return _book_page(422 if problem.field else 409, problem)
    kept = f"{show_day(chosen)} {form.get('slot', '')}"
    return redirect(url_for("hall.appointments", hub=hub, day=chosen.isoformat(), kept=kept), 303)
