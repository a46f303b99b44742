"""Tasks nobody admitted (未准入事项): a hub reports what a department puts on it, the system admin answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import col, func, select

from ..identity.audit import record
from ..store.context import Context
from ..store.ids import new_id
from ..store.problems import Problem, Problems
from .models import UnadmittedTaskRow

LONGEST = 2000
ANSWERS = ("admitted", "refused", "advised")


@dataclass(frozen=True, slots=True)
class Reported:
    """What a hub says about such a task."""

    title: str
    department: str
    detail: str
    due_on: date | None = None


def report_task(ctx: Context, given: Reported) -> UnadmittedTaskRow:
    """Report a task; the same title of the same department twice is once while it is open. Raises Problems."""
    if problems := _problems(given):
        raise Problems(problems)
    t = UnadmittedTaskRow
    known = select(t).where(t.hub_id == ctx.hub.id, t.state == "open", t.title == given.title)
    if found := ctx.session.exec(known.where(t.department == given.department)).first():
        return found
    row = UnadmittedTaskRow(
        id=new_id(), hub_id=ctx.hub.id, title=given.title, department=given.department, due_on=given.due_on,
        detail=given.detail[:LONGEST], reported_by=ctx.actor.id, reported_at=ctx.clock.now(),
    )  # fmt: skip
    ctx.session.add(row)
    record(ctx, "task.report", subject=f"task:{row.id}")
    return row


def _problems(given: Reported) -> list[Problem]:
    found = []
    if not given.title:
        found.append(Problem("title", "请填写事项名称。", "Name the task.", "title"))
    if not given.department:
        found.append(
            Problem("department", "请填写是哪个部门要求的。", "Say which department asks for it.", "department")
        )
    if not given.detail:
        zh = "请写明要求填什么表、建什么台账、多久一次。"
        found.append(Problem("detail", zh, "Say which forms and ledgers it wants, and how often.", "detail"))
    return found


def answer_task(ctx: Context, task_id: str, state: str, answer: str) -> UnadmittedTaskRow:
    """Answer a report of any hub, once; raises LookupError, Problem without words or when it was answered."""
    row = ctx.session.get(UnadmittedTaskRow, task_id, with_for_update=True)
    if row is None or state not in ANSWERS:
        raise LookupError(task_id)
    if row.state != "open":
        raise Problem("answered", "这件上报已经答复。", "This report has been answered already.")
    if not answer.strip():
        raise Problem("answer", "请写明答复。", "Write the answer.", "answer")
    row.state, row.answer = state, answer.strip()[:LONGEST]
    row.answered_by, row.answered_at = ctx.actor.id, ctx.clock.now()
    record(ctx, "task.answer", subject=f"task:{row.id}", detail={"hub": row.hub_id, "state": state})
    return row


def list_tasks(ctx: Context, *, everywhere: bool = False, limit: int = 100) -> Sequence[UnadmittedTaskRow]:
    """List the reports of this hub, or of all hubs, those that wait for an answer first."""
    query = select(UnadmittedTaskRow)
    if not everywhere:
        query = query.where(UnadmittedTaskRow.hub_id == ctx.hub.id)
    waits = col(UnadmittedTaskRow.state) != "open"
    return ctx.session.exec(query.order_by(waits, col(UnadmittedTaskRow.id).desc()).limit(limit)).all()


def count_waiting(ctx: Context) -> int:
    """Count the reports of all hubs that wait for an answer."""
    query = select(func.count()).select_from(UnadmittedTaskRow).where(UnadmittedTaskRow.state == "open")
    return ctx.session.exec(query).one()
