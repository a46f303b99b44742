"""Pages of tasks that departments assign: the hub's list, one task with its answer, and what is in quarantine."""

from typing import Any

from flask import Blueprint, Response, abort, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..api.manifest import PlatformManifest
from ..delivery.models import DeliveryRow
from ..identity.audit import record
from ..identity.may import lines_where, may
from ..people.models import PersonRow
from ..store.context import Context
from ..store.problems import Problem
from ..web.acting import close_reading, reading, writing
from ..web.filters import moment
from ..web.language import _, bilingual, current_locale
from ..web.pages import page
from ..web.permit import permit
from ..web.services import services
from .find import MOST, open_tasks, quarantined_tasks, settled_tasks
from .models import AssignedTaskRow
from .settle import get_task, put_away, settle_task, takes_answers

blueprint = Blueprint("assigned", __name__, url_prefix="/h/<hub>/assigned")


@blueprint.get("")
@permit("see")
def tasks(hub: str) -> Response:
    """List the hub's tasks by due day, or those that were settled."""
    ctx, settled = reading(), request.args.get("show") == "settled"
    rows = (settled_tasks if settled else open_tasks)(ctx, lines_of(ctx))
    with writing() as trail:
        record(trail, "assigned.list", subject=f"hub:{hub}")
    tabs = [
        {"title": _("To do"), "url": url_for("assigned.tasks", hub=hub), "active": not settled},
        {"title": _("Settled tasks"), "url": url_for("assigned.tasks", hub=hub, show="settled"), "active": settled},
    ]
    quarantine_url = url_for("assigned.quarantine", hub=hub) if may(g.worker, "system") else ""
    return page(
        "assigned/tasks.html", rows=[draw_task(ctx, row) for row in rows], tabs=tabs, settled=settled,
        quarantine_url=quarantine_url, most=MOST,
    )  # fmt: skip


def lines_of(ctx: Context) -> list[str]:
    """Give the lines that the worker may see, closed ones too: what was assigned before still has to be answered."""
    return [line.id for line in lines_where(ctx.actor, "see", services().installed.lines)]


def draw_task(ctx: Context, row: Any) -> dict[str, Any]:
    """Draw one row of a list of tasks."""
    today = ctx.clock.today()
    return {
        "title": row.title or row.reference,
        "url": url_for("assigned.task", hub=ctx.hub.id, task_id=row.id),
        "kind": kind_words()[row.kind],
        "department": department_of(row.platform_id),
        "person": row.person or "",
        "due": row.due_on.isoformat() if row.due_on else "",
        "late": bool(row.due_on and row.due_on < today),
        "soon": bool(row.due_on and 0 <= (row.due_on - today).days <= 7),
        "state": row.state,
        "reply": row.reply,
        "sent": row.sent or "",
        "by": f"{row.settled_name} {moment(row.settled_at)}" if row.settled_at else "",
    }


@blueprint.get("/<task_id>")
@permit("see")
def task(hub: str, task_id: str) -> Response:
    """Show one task; who looked is written down."""
    return _task_page(task_id)


@blueprint.post("/<task_id>")
@permit("accept")
def settle(hub: str, task_id: str) -> AnyResponse | Response:
    """Settle a task; a second click changes nothing."""
    form = request.form
    result, words = form.get("result", ""), form.get("words", "")
    try:
        with writing() as ctx:
            row = get_task(ctx, task_id, lock=True) or abort(404)
            platform = platform_of(row.platform_id)
            settle_task(ctx, row, platform, result, words, seen_version=form.get("version", type=int) or 0)
    except Problem as problem:
        close_reading()
        return _task_page(task_id, problem)
    return redirect(url_for("assigned.task", hub=hub, task_id=task_id), 303)


def _task_page(task_id: str, wrong: Problem | None = None) -> Response:
    ctx = reading()
    row = get_task(ctx, task_id) or abort(404)
    person = ctx.session.get(PersonRow, row.person_id) if row.person_id else None
    delivery = ctx.session.get(DeliveryRow, row.delivery_id) if row.delivery_id else None
    drawn = page(
        "assigned/task.html",
        status=(422 if wrong.field else 409) if wrong else 200,
        row=row,
        title=row.title or row.reference,
        department=department_of(row.platform_id),
        kind=kind_words()[row.kind],
        detail=list((row.detail or {}).items()),
        person=person.name if person else "",
        person_url=url_for("home.resident", hub=ctx.hub.id, person_id=person.id) if person else "",
        id_end=(row.id_no or "")[-4:],
        late=bool(row.due_on and row.due_on < ctx.clock.today()),
        may_settle=row.state == "open" and may(ctx.actor, "accept", row.line_id),
        answers=takes_answers(platform_of(row.platform_id)),
        sent=delivery.state if delivery else "",
        sent_number=delivery.reference if delivery else "",
        typed=request.form,
        errors={wrong.field: wrong.text(current_locale())} if wrong and wrong.field else {},
        wrong=wrong.text(current_locale()) if wrong and not wrong.field else "",
    )
    with writing() as trail:
        record(
            trail,
            "assigned.look",
            person_id=row.person_id or "",
            subject=f"assigned:{row.id}",
            purpose="assigned",
        )
    return drawn


@blueprint.get("/quarantine")
@permit("system")
def quarantine(hub: str) -> Response:
    """List tasks that are for no hub of ours, or for a line that is closed there."""
    return _quarantine_page()


@blueprint.post("/quarantine/<task_id>")
@permit("system")
def settle_quarantined(hub: str, task_id: str) -> AnyResponse | Response:
    """Put a quarantined task away."""
    try:
        with writing() as ctx:
            row = ctx.session.get(AssignedTaskRow, task_id[:26], with_for_update=True) or abort(404)
            put_away(ctx, row, request.form.get(f"words-{task_id}", ""))
    except Problem as problem:
        close_reading()
        return _quarantine_page(problem)
    return redirect(url_for("assigned.quarantine", hub=hub), 303)


def _quarantine_page(wrong: Problem | None = None) -> Response:
    rows = [
        {
            "id": row.id,
            "department": department_of(row.platform_id),
            "reference": row.reference,
            "their_hub": row.their_hub or "—",
            "why": reason_words()[row.reason],
            "at": moment(row.received_at),
        }
        for row in quarantined_tasks(reading())
    ]
    text = wrong.text(current_locale()) if wrong else ""
    return page(
        "assigned/quarantine.html", status=422 if wrong else 200, rows=rows, field=wrong.field if wrong else "",
        error=text, problem=bool(wrong), typed=request.form,
    )  # fmt: skip


def platform_of(platform_id: str) -> PlatformManifest | None:
    """Give the manifest of a platform that is still installed."""
    platform = services().installed.platform(platform_id)
    return platform.manifest if platform else None


def department_of(platform_id: str) -> str:
    """Name a platform as people read it."""
    manifest = platform_of(platform_id)
    return bilingual(manifest.name_zh, manifest.name_en) if manifest else platform_id


def kind_words() -> dict[str, str]:
    """Name the kinds of tasks."""
    return {
        "review": _("Review"),
        "yearly_check": _("Yearly check"),
        "list": _("List to confirm"),
        "other": _("Other task"),
    }


def reason_words() -> dict[str, str]:
    """Say why a task is in quarantine."""
    return {
        "": "",
        "no-hub": _("No hub of ours is called that"),
        "line-closed": _("The line is not open at that hub"),
    }
