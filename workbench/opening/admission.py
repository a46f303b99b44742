"""Admission (准入) of lines at hubs: recorded, withdrawn, run out, renewed; an open line follows its admissions.

A line is closed at its hub when its last admission ends, and opened again once it is admitted anew, unless an
admin closed it. Cases stay readable either way, and deliveries go on.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session, col, or_, select

from ..host.discover import Installed
from ..hubs.models import AdmissionRow, OpenLineRow
from ..hubs.open_lines import admissions_in_force, close_line, find_hub, open_line
from ..identity.audit import record
from ..store.context import Context
from ..store.ids import new_id
from ..store.problems import Problem, Problems

LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Admitting:
    """What an admission says."""

    approved_by: str
    directory: str
    valid_from: date | None
    valid_to: date | None
    forms: str = ""
    ledgers: str = ""


@dataclass(frozen=True, slots=True)
class Followed:
    """A line that was opened or closed because of its admissions."""

    hub_id: str
    line_id: str
    is_open: bool


def admit(
    ctx: Context, installed: Installed, line_id: str, given: Admitting, *, origin: str = "recorded"
) -> AdmissionRow:
    """Record an admission of a line at the context's hub; what its end had closed is opened again.

    Raises Problems for what is missing or cannot be.
    """
    if problems := _problems(given, ctx.clock.today()):
        raise Problems(problems)
    row = AdmissionRow(
        id=new_id(),
        hub_id=ctx.hub.id,
        line_id=line_id,
        approved_by=given.approved_by,
        directory=given.directory,
        valid_from=given.valid_from or ctx.clock.today(),
        valid_to=given.valid_to,
        forms=given.forms[:LONGEST],
        ledgers=given.ledgers[:LONGEST],
        origin=origin,
        made_by=ctx.actor.id,
        made_at=ctx.clock.now(),
    )
    ctx.session.add(row)
    ctx.session.flush()
    record(ctx, "line.admit", subject=f"line:{line_id}", detail={"admission": row.id, "origin": origin})
    follow(ctx, installed, line_id)
    return row


def _problems(given: Admitting, today: date) -> list[Problem]:
    found = []
    if not given.approved_by:
        found.append(Problem("approved_by", "请填写批准单位。", "Say who approved it.", "approved_by"))
    if not given.directory:
        zh, en = "请填写所依据的目录或文件。", "Name the directory or document it stands in."
        found.append(Problem("directory", zh, en, "directory"))
    if given.valid_from is None:
        found.append(Problem("valid_from", "请填写开始日期。", "Enter its first day.", "valid_from"))
    if given.valid_to is None:
        found.append(Problem("valid_to", "请填写截止日期。", "Enter its last day.", "valid_to"))
    elif given.valid_to < today:
        found.append(Problem("valid_to", "截止日期已过，请填写将来的日期。", "Its last day is over.", "valid_to"))
    elif given.valid_from and given.valid_to < given.valid_from:
        zh, en = "截止日期早于开始日期。", "Its last day lies before its first."
        found.append(Problem("valid_to", zh, en, "valid_to"))
    return found


def withdraw(ctx: Context, installed: Installed, admission_id: str, why: str) -> AdmissionRow:
    """End an admission of the context's hub before its time; without another one its line is closed at once."""
    row = ctx.session.get(AdmissionRow, admission_id, with_for_update=True)
    if row is None or row.hub_id != ctx.hub.id:
        raise LookupError(admission_id)
    if not why:
        raise Problem("why", "请写明撤回原因。", "State why it is withdrawn.", "why")
    if row.ended_at is None:
        row.ended_at, row.ended_by, row.ended_why = ctx.clock.now(), ctx.actor.id, why[:500]
        ctx.session.add(row)
        ctx.session.flush()
        record(ctx, "line.admission_withdrawn", subject=f"line:{row.line_id}", detail={"admission": row.id})
        follow(ctx, installed, row.line_id, why="withdrawn")
    return row


def follow(ctx: Context, installed: Installed, line_id: str, *, why: str = "expired") -> Followed | None:
    """Close a line whose admissions have ended, or open one again that was closed for that; tells what was done."""
    is_admitted = bool(admissions_in_force(ctx.session, ctx.hub.id, line_id, ctx.clock.today()))
    row = ctx.session.get(OpenLineRow, (ctx.hub.id, line_id), with_for_update=True)
    if row is None:
        return None
    if row.closed_at is None and not is_admitted:
        close_line(ctx, line_id, why)
        record(ctx, "line.close", subject=f"line:{line_id}", detail={"why": why})
        return Followed(ctx.hub.id, line_id, False)
    line = installed.line(line_id)
    is_usable = line is not None and line.state == "ready"
    if row.closed_at is not None and is_admitted and row.closed_why in ("expired", "withdrawn") and is_usable:
        open_line(ctx, installed, line_id)
        record(ctx, "line.open", subject=f"line:{line_id}", detail={"why": "renewed"})
        return Followed(ctx.hub.id, line_id, True)
    return None


def follow_everywhere(ctx: Context, installed: Installed) -> list[Followed]:
    """Let the lines of all hubs follow their admissions today; usually one statement that finds nothing."""
    today, o, a = ctx.clock.today(), OpenLineRow, AdmissionRow
    in_force = (
        select(a.id)
        .where(a.hub_id == o.hub_id, a.line_id == o.line_id, col(a.ended_at).is_(None), a.valid_from <= today)
        .where(or_(col(a.valid_to).is_(None), col(a.valid_to) >= today))
        .exists()
    )
    ended = col(o.closed_at).is_(None) & ~in_force
    renewed = col(o.closed_why).in_(("expired", "withdrawn")) & in_force
    found = ctx.session.exec(select(o.hub_id, o.line_id).where(ended | renewed).order_by(o.hub_id, o.line_id)).all()
    done = []
    for hub_id, line_id in found:
        hub = find_hub(ctx.session, hub_id)
        if hub is not None and (followed := follow(ctx.at(hub), installed, line_id)):
            done.append(followed)
    return done


def list_admissions(session: Session, hub_id: str, line_id: str = "") -> list[AdmissionRow]:
    """List the admissions of a hub, of one line or of all, the newest first."""
    query = select(AdmissionRow).where(AdmissionRow.hub_id == hub_id).order_by(col(AdmissionRow.id).desc())
    return list(session.exec(query.where(AdmissionRow.line_id == line_id) if line_id else query))


def lasts_until(admissions: Iterable[AdmissionRow], today: date) -> date | None:
    """Give the last day on which a line stays admitted without a gap, date.max for no end, None when it is not."""
    day = today - timedelta(days=1)
    for one in sorted(admissions, key=lambda row: row.valid_from):
        if one.ended_at is None and one.valid_from <= day + timedelta(days=1):
            if one.valid_to is None:
                return date.max
            day = max(day, one.valid_to)
    return day if day >= today else None
