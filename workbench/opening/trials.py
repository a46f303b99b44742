"""Trials of other versions of lines: what they found, kept for the admin; a version that passed is switched to.

The trial itself runs in a process of its own (`commands/try_line.py`), since a program imports a line once.
"""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from ..host.discover import Line
from ..hubs.versions import keep_version, use_version, version_in_use
from ..identity.audit import record
from ..store.context import Context
from ..store.ids import new_id
from .models import LineTrialRow
from .old_cases import Finding

#: How many trials of a line its page shows.
SHOWN = 5


def note_trial(ctx: Context, tried: Line, findings: Sequence[Finding], cases: int) -> LineTrialRow:
    """Write down how a trial of a line's other version went; it passed unless something stops it."""
    used = version_in_use(ctx.session, tried.id)
    row = LineTrialRow(
        id=new_id(), line_id=tried.id, from_version=used.version if used else "", to_version=tried.version,
        digest=tried.digest, passed=all(one.level != "stop" for one in findings), cases=cases,
        findings=[one.said() for one in findings], tried_by=ctx.actor.id, tried_at=ctx.clock.now(),
    )  # fmt: skip
    ctx.session.add(row)
    ctx.session.flush()
    detail = {"from": row.from_version, "to": row.to_version, "trial": row.id}
    record(ctx, "line.tried" if row.passed else "line.upgrade_refused", subject=f"line:{tried.id}", detail=detail)
    return row


def switch(ctx: Context, tried: Line, trial_id: str) -> None:
    """Put the version that passed this trial to use, from its copy; processes that start from now on run it.

    Raises ValueError for a trial that did not pass, or was of other files.
    """
    trial = ctx.session.get_one(LineTrialRow, trial_id)
    if not trial.passed or trial.digest != tried.digest:
        raise ValueError("this version has not passed a trial")
    use_version(ctx, keep_version(ctx, tried.id, tried.package, tried.version, tried.folder, tried.digest))
    trial.switched = True
    ctx.session.add(trial)
    detail = {"from": trial.from_version, "to": trial.to_version, "trial": trial.id}
    record(ctx, "line.switch", subject=f"line:{tried.id}", detail=detail)


def list_trials(session: Session, line_id: str) -> list[LineTrialRow]:
    """List the last trials of a line, the newest first."""
    query = select(LineTrialRow).where(LineTrialRow.line_id == line_id)
    return list(session.exec(query.order_by(col(LineTrialRow.id).desc()).limit(SHOWN)))
