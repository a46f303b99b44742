"""Pages of tasks nobody admitted: a hub reports them, the system admin answers those of all hubs."""

from datetime import date

from flask import Response, abort, g, request
from sqlmodel import col, select
from werkzeug.wrappers import Response as AnyResponse

from ..hubs.models import HubRow
from ..opening.tasks import Reported, answer_task, list_tasks, report_task
from ..staff.workers import name_workers
from ..store.problems import Problem, Problems
from ..web.acting import reading, writing
from ..web.language import _, bilingual, current_locale
from ..web.permit import permit
from .frame import ROOT, admin_page, blueprint, go, note_refusal, refused

FIELDS = ("title", "department", "due_on", "detail")


@blueprint.get(f"{ROOT}/tasks")
@permit("configure")
def tasks(hub: str) -> Response:
    """List what was reported, with the form for a new report; a system admin sees all hubs."""
    return _page({}, {})


@blueprint.post(f"{ROOT}/tasks")
@permit("configure")
def report(hub: str) -> AnyResponse | Response:
    """Report a task, or say beside each field what is missing."""
    typed = {key: request.form.get(key, "").strip()[:2000] for key in FIELDS}
    try:
        with writing() as ctx:
            report_task(ctx, Reported(typed["title"][:200], typed["department"][:200], typed["detail"], _day(typed)))
    except Problems as several:
        return _page(typed, {one.field: one.text(current_locale()) for one in several.problems})
    return go("tasks", _("The report is with the system admin."))


def _day(typed: dict[str, str]) -> date | None:
    try:
        return date.fromisoformat(typed["due_on"])
    except ValueError:
        return None


@blueprint.post(f"{ROOT}/tasks/<task_id>/answer")
@permit("system")
def answer(hub: str, task_id: str) -> AnyResponse:
    """Answer a report of any hub."""
    try:
        with writing() as ctx:
            answer_task(ctx, task_id[:26], request.form.get("state", ""), request.form.get(f"answer-{task_id}", ""))
    except LookupError:
        abort(404)
    except Problem as problem:
        note_refusal("task.answer_refused", f"task:{task_id[:26]}", problem)
        return go("tasks", refused(problem), "error")
    return go("tasks", _("The hub reads your answer on its page."))


def _page(typed: dict[str, str], errors: dict[str, str]) -> Response:
    ctx = reading()
    rows = list_tasks(ctx, everywhere=g.worker.is_system_admin)
    hubs = select(HubRow.id, HubRow.name_zh, HubRow.name_en).where(col(HubRow.id).in_({row.hub_id for row in rows}))
    people = {who for row in rows for who in (row.reported_by, row.answered_by) if who}
    return admin_page(
        "tasks.html",
        "tasks",
        status=422 if errors else 200,
        rows=rows,
        typed=dict.fromkeys(FIELDS, "") | typed,
        errors=dict.fromkeys(FIELDS, "") | errors,
        problem=bool(errors),
        hubs={hub_id: bilingual(zh, en) for hub_id, zh, en in ctx.session.exec(hubs)},
        names=name_workers(ctx.session, people),
        state_words=state_words(),
    )


def state_words() -> dict[str, str]:
    """Name how a report was answered."""
    return {
        "open": _("Waits for an answer"),
        "admitted": _("Admitted"),
        "refused": _("Need not be done"),
        "advised": _("Advice given"),
    }
