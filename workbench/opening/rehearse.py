"""Rehearsals (演练) of a line for a hub: asked for, run by a worker process or a command, or waived with a reason.

A line is opened on a rehearsal of its installed version that passed, or was waived by a person who says why.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from ..catalogue.items import Catalogue
from ..delivery.configure import staging_settings
from ..host.discover import Installed, Line
from ..hubs.open_lines import open_line
from ..hubs.versions import pin
from ..identity.audit import record
from ..store.context import Context
from ..store.engine import Store
from ..store.ids import new_id
from ..store.problems import Problem
from .compose import compose
from .models import RehearsalRow, RehearsalStepRow
from .send import Step, send_all

UNDER_WAY, GOOD = ("asked", "running"), ("passed", "waived")
#: Gives the context of the system at a hub.
At = Callable[[Session, str], Context]


@dataclass(frozen=True)
class Rehearsal:
    """A rehearsal with its steps, for a page."""

    row: RehearsalRow
    steps: list[RehearsalStepRow]
    is_of_this_version: bool

    @property
    def is_good(self) -> bool:
        """Tell whether the line may be opened on it."""
        return self.row.state in GOOD and self.is_of_this_version

    @property
    def is_under_way(self) -> bool:
        return self.row.state in UNDER_WAY


def version_of(line: Line) -> str:
    """Give the installed version of a line."""
    return line.manifest.version if line.manifest else ""


def last_rehearsal(session: Session, hub_id: str, line: Line) -> Rehearsal | None:
    """Give the newest rehearsal of a line for a hub. Two queries."""
    query = select(RehearsalRow).where(RehearsalRow.hub_id == hub_id, RehearsalRow.line_id == line.id)
    row = session.exec(query.order_by(col(RehearsalRow.id).desc()).limit(1)).first()
    if row is None:
        return None
    steps = select(RehearsalStepRow).where(RehearsalStepRow.rehearsal_id == row.id)
    found = list(session.exec(steps.order_by(col(RehearsalStepRow.position))))
    return Rehearsal(row, found, row.line_version == version_of(line))


def ask_rehearsal(ctx: Context, line: Line) -> RehearsalRow:
    """Have a worker process rehearse a line for the context's hub; twice is once while it has not ended."""
    last = last_rehearsal(ctx.session, ctx.hub.id, line)
    if last and last.is_under_way:
        return last.row
    row = _new(ctx, line, "asked")
    record(ctx, "line.rehearse", subject=f"line:{line.id}")
    return row


def waive_rehearsal(ctx: Context, line: Line, reason: str) -> RehearsalRow:
    """Write down that a line is opened without a rehearsal, by whom and why; raises Problem without a reason."""
    if not reason.strip():
        zh, en = "请写明为什么不演练就开通。", "State why it is opened without a rehearsal."
        raise Problem("reason", zh, en, "reason")
    row = _new(ctx, line, "waived", reason.strip()[:500])
    record(ctx, "line.rehearsal_waived", subject=f"line:{line.id}", purpose=row.reason)
    return row


def _new(ctx: Context, line: Line, state: str, reason: str = "") -> RehearsalRow:
    now = ctx.clock.now()
    row = RehearsalRow(
        id=new_id(), hub_id=ctx.hub.id, line_id=line.id, line_version=version_of(line), state=state, reason=reason,
        asked_by=ctx.actor.id, asked_at=now, ended_at=now if state == "waived" else None,
    )  # fmt: skip
    ctx.session.add(row)
    ctx.session.flush()
    return row


def open_rehearsed(ctx: Context, installed: Installed, line_id: str) -> None:
    """Open a line that is admitted and was rehearsed, or whose rehearsal was waived; raises Problem otherwise."""
    line = installed.line(line_id)
    if line is not None and line.state == "ready":
        last = last_rehearsal(ctx.session, ctx.hub.id, line)
        if last is None or not last.is_good:
            zh = "这一版本还没有演练通过。请先演练，或写明理由后不演练。"
            en = "This version has not passed a rehearsal here. Rehearse it, or waive the rehearsal and say why."
            raise Problem("not_rehearsed", zh, en)
    open_line(ctx, installed, line_id)
    if line is not None:
        pin(ctx, line)
    record(ctx, "line.open", subject=f"line:{line_id}")


def next_asked(session: Session) -> str | None:
    """Give the oldest rehearsal that has not ended; one that is said to run was left by a dead process."""
    query = select(RehearsalRow.id).where(col(RehearsalRow.state).in_(UNDER_WAY)).order_by(col(RehearsalRow.id))
    return session.exec(query.limit(1)).first()


def run_rehearsal(store: Store, at: At, known: Catalogue, installed: Installed, rehearsal_id: str) -> str:
    """Run one rehearsal from beginning to end and write down how it went; gives its state. Twice is harmless."""
    with store.write() as session:
        row = session.get_one(RehearsalRow, rehearsal_id, with_for_update=True)
        row.state = "running"
        hub_id, line_id = row.hub_id, row.line_id
    with store.read() as session:
        ctx = at(session, hub_id)
        items = known.at(ctx.hub.division, ctx.clock.today(), [line_id])
        staging = {p.manifest.id: staging_settings(session, p.manifest) for p in installed.platforms if p.manifest}
    steps = send_all(installed, compose(store, ctx, known, installed, items), lambda p: staging.get(p.id, {}))
    state = "failed" if not steps or any(step.verdict == "failed" for step in steps) else "passed"
    with store.write() as session:
        _write(at(session, hub_id), rehearsal_id, state, steps)
    return state


def _write(ctx: Context, rehearsal_id: str, state: str, steps: Sequence[Step]) -> None:
    row = ctx.session.get_one(RehearsalRow, rehearsal_id, with_for_update=True)
    row.state, row.ended_at = state, ctx.clock.now()
    for old in ctx.session.exec(select(RehearsalStepRow).where(RehearsalStepRow.rehearsal_id == rehearsal_id)):
        ctx.session.delete(old)
    ctx.session.flush()
    for position, step in enumerate(steps, start=1):
        manifest = step.composed.item.manifest
        ctx.session.add(
            RehearsalStepRow(
                rehearsal_id=rehearsal_id, position=position, item_code=manifest.code, title_zh=manifest.title_zh,
                title_en=manifest.title_en, platform_id=step.platform_id, verdict=step.verdict,
                reference=step.reference, text_zh=step.text_zh[:500], text_en=step.text_en[:500], ms=step.ms,
            )
        )  # fmt: skip
    detail = {"rehearsal": rehearsal_id, "state": state}
    record(ctx, "line.rehearsed", subject=f"line:{row.line_id}", detail=detail)
