"""The page of a case's clocks: why each day is what it is, extensions, urgings; and the hub's list of urgings."""

from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..identity.audit import record
from ..identity.may import may
from ..people.view import identity_bar
from ..store.context import Context
from ..store.problems import Problem
from ..web.acting import close_reading, reading, writing
from ..web.filters import day, moment
from ..web.language import _, bilingual, current_locale, ngettext
from ..web.pages import page
from ..web.permit import permit
from ..web.services import services
from .clock_words import draw_clock
from .extend import ask_extension, decide_extension
from .find_case import find_case
from .held import refuse_untaken
from .left_over import left_over
from .limits import clocks_of, read_record
from .look import item_of
from .models import CaseRow, ExtensionRow, UrgingRow
from .moves import OPEN_STATES, refuse_stale
from .screen import draw_person, person_url
from .urge import RIGHTS, answer_urging, urge, urgings_of, waiting_urgings

blueprint = Blueprint("clocks", __name__, url_prefix="/h/<hub>")


@blueprint.get("/cases/<case_id>/clocks")
@permit("see")
def clocks(hub: str, case_id: str) -> Response:
    """Show how each day of a case came to be."""
    return _page(case_id)


def _page(case_id: str, status: int = 200, wrong: Problem | None = None) -> Response:
    ctx = reading()
    case = find_case(ctx, case_id)
    item = item_of(ctx, services().installed, case)
    with writing() as trail:
        record(trail, "case.clocks", person_id=case.person_id, subject=f"case:{case.id}", purpose="see")
    kept = read_record(ctx, case, item) if item else None
    rights = _rights(ctx, case, kept.extensions if kept else ())
    urgings = [_draw_urging(ctx, row) for row in urgings_of(ctx, case.id)]
    return page(
        "cases/clocks.html",
        status=status,
        case=case,
        title=bilingual(case.title_zh, case.title_en),
        person=draw_person(identity_bar(ctx, case.person_id, citywide=True)),
        person_url=person_url(ctx.hub.id, case.person_id),
        clocks=[draw_clock(clock, kept) for clock in clocks_of(ctx, kept)] if kept else [],
        rounds=1 + sum(row.kind == "correction" for row in kept.suspensions) if kept else 1,
        extensions=[_draw_extension(row) for row in kept.extensions] if kept else [],
        urgings=urgings,
        **rights,
        left=_left(rights, urgings),
        wrong=wrong.text(current_locale()) if wrong else "",
        wrong_field=wrong.field if wrong else "",
        typed=request.form,
        done=_done_words(request.args.get("done", "")),
    )


def _left(rights: dict[str, Any], urgings: list[dict[str, Any]]) -> list[dict[str, str]]:
    """List what was typed into a form of this page that went away meanwhile."""
    labels = {"days": _("How many days more"), "extension_reason": _("Why"), "decision": _("Words of the decision")}
    labels |= {"urging": _("What is to be done"), **{f"answer-{one['id']}": _("What was done") for one in urgings}}
    shown = {f"answer-{one['id']}" for one in urgings if one["may_answer"]}
    shown |= {"decision"} if rights["may_decide"] else set()
    shown |= {"days", "extension_reason"} if rights["may_ask"] else set()
    return left_over(labels, shown | ({"urging"} if rights["urge_kinds"] else set()))


def _rights(ctx: Context, case: CaseRow, extensions: Any) -> dict[str, Any]:
    is_open = case.state in OPEN_STATES
    waits = next((row for row in extensions if row.state == "asked"), None)
    asks = may(ctx.actor, "review", case.line_id) or may(ctx.actor, "correct", case.line_id)
    return {
        "may_ask": is_open and waits is None and case.due_on is not None and asks,
        "waits": waits if is_open else None,
        "may_decide": is_open
        and waits is not None
        and may(ctx.actor, "approve", case.line_id)
        and waits.asked_by != ctx.actor.id,
        "urge_kinds": [kind for kind in RIGHTS if is_open and _may_urge(ctx, case, kind)],
    }


def _may_urge(ctx: Context, case: CaseRow, kind: str) -> bool:
    return any(may(ctx.actor, verb, case.line_id) for verb in RIGHTS[kind])


def _draw_extension(row: ExtensionRow) -> dict[str, Any]:
    looks = {
        "asked": (_("Waits for a decision"), "orange", "clock"),
        "approved": (_("Approved"), "blue-full", "check"),
        "refused": (_("Not approved"), "grey", "x"),
    }
    word, tone, icon = looks[row.state]
    hint = f"{row.reason} · {row.asked_name} {moment(row.asked_at)}"
    if row.decided_at:
        hint += f" · {row.decision} · {row.decided_name} {moment(row.decided_at)}"
    title = ngettext("{count} day more", "{count} days more", row.days)
    return {"title": title, "hint": hint, "word": word, "tone": tone, "icon": icon}


def _draw_urging(ctx: Context, row: UrgingRow) -> dict[str, Any]:
    words = {"urge": _("Urged"), "supervise": _("Supervised")}
    return {
        "id": row.id,
        "kind": words[row.kind],
        "text": row.text,
        "by": row.by_name,
        "at": moment(row.at),
        "answer_by": day(row.answer_by),
        "answer": row.answer,
        "answered_by": row.answered_by,
        "may_answer": row.answered_at is None and row.by_id != ctx.actor.id,
    }


def _done_words(action: str) -> str:
    words = {
        "ask_extension": _("The request waits for an approver."),
        "approve_extension": _("The days are added."),
        "refuse_extension": _("The days are not added."),
        "urge": _("The owner of the case sees it on their list."),
        "supervise": _("The owner of the case sees it on their list."),
        "answer": _("The answer is noted."),
    }
    return words.get(action, "")


@blueprint.post("/cases/<case_id>/clocks")
@permit("see")
def change(hub: str, case_id: str) -> AnyResponse | Response:
    """Ask for days, decide about them, urge, or answer."""
    action, version = request.form.get("action", ""), request.form.get("version", "")
    try:
        with writing() as ctx:
            case = find_case(ctx, case_id, lock=True)
            refuse_stale(case, int(version) if version.isdecimal() else -1)
            _act(ctx, case, action)
    except Problem as problem:
        close_reading()
        return _page(case_id, 422 if problem.field else 409, problem)
    return redirect(url_for("clocks.clocks", hub=hub, case_id=case_id, done=action), 303)


def _act(ctx: Context, case: CaseRow, action: str) -> None:
    form = request.form
    refuse_untaken(ctx, case)
    if action == "ask_extension":
        days = form.get("days", "")
        reason = form.get("extension_reason", "")[:1000]
        ask_extension(ctx, case, days=int(days) if days.isascii() and days.isdigit() else 0, reason=reason)
    elif action in ("approve_extension", "refuse_extension"):
        decide_extension(ctx, case, approve=action == "approve_extension", words=form.get("decision", "")[:1000])
    elif action in RIGHTS:
        urge(ctx, case, action, form.get("urging", "")[:1000])
    elif action == "answer":
        urging = form.get("urging_id", "")
        answer_urging(ctx, case, int(urging) if urging.isdecimal() else 0, form.get(f"answer-{urging}", "")[:1000])
    else:
        raise Problem("no_such_action", "没有这个操作，请刷新页面。", "There is no such action; reload the page.")


@blueprint.get("/urgings")
@permit("board")
def urgings(hub: str) -> Response:
    """List the urgings of the hub that wait for an answer."""
    ctx = reading()
    words = {"urge": _("Urged"), "supervise": _("Supervised")}
    rows = [
        {"line": line, "kind": words[line.kind], "late": line.answer_by < ctx.clock.today()}
        for line in waiting_urgings(ctx)
    ]
    return page("cases/urgings.html", rows=rows, may_see=may(ctx.actor, "see"))
