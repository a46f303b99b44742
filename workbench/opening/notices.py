"""What a hub admin has to know about admissions: which end soon, and which lines are closed because theirs ended."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Date, bindparam, or_, select
from sqlmodel import col

from ..hubs.models import AdmissionRow, OpenLineRow
from ..store.context import Context
from ..store.rows import prepare, run
from .admission import lasts_until

#: How many days ahead an end is told.
AHEAD = 30
_A, _O = AdmissionRow, OpenLineRow
STANDING = prepare(
    select(
        *(col(getattr(_O, name)) for name in ("line_id", "closed_at", "closed_why")),
        *(col(getattr(_A, name)) for name in ("valid_from", "valid_to", "ended_at")),
    )
    .outerjoin(
        _A,
        (col(_A.hub_id) == col(_O.hub_id))
        & (col(_A.line_id) == col(_O.line_id))
        & col(_A.ended_at).is_(None)
        & or_(col(_A.valid_to).is_(None), col(_A.valid_to) >= bindparam("day", type_=Date)),
    )
    .where(col(_O.hub_id) == bindparam("hub"))
    .order_by(col(_O.position), col(_O.line_id))
)


@dataclass(frozen=True, slots=True)
class Notice:
    """One line whose admission ends or has ended."""

    line_id: str
    ends_on: date | None  # None = it has ended and the line is closed
    days: int  # left, counting today


def admission_notices(ctx: Context) -> list[Notice]:
    """List what a hub admin has to renew, the most urgent first. One query."""
    today = ctx.clock.today()
    found = []
    for line_id, (is_open, why, admissions) in _standing(ctx, today).items():
        until = lasts_until(admissions, today)
        if is_open and until is not None and until <= today + timedelta(days=AHEAD):
            found.append(Notice(line_id, until, (until - today).days + 1))
        elif (is_open and until is None) or (not is_open and why in ("expired", "withdrawn")):
            found.append(Notice(line_id, None, 0))
    return sorted(found, key=lambda notice: notice.days)


def admitted_until(ctx: Context) -> Mapping[str, date | None]:
    """Tell for every line of the hub until when it is admitted; date.max for no end. One query."""
    today = ctx.clock.today()
    return {line_id: lasts_until(rows, today) for line_id, (_, _, rows) in _standing(ctx, today).items()}


def _standing(ctx: Context, today: date) -> dict[str, tuple[bool, str, list[AdmissionRow]]]:
    admissions: defaultdict[str, list[AdmissionRow]] = defaultdict(list)
    lines: dict[str, tuple[bool, str]] = {}
    for row in run(ctx.session, STANDING, hub=ctx.hub.id, day=today):
        lines[row.line_id] = (row.closed_at is None, row.closed_why)
        if row.valid_from is not None:
            admissions[row.line_id].append(row)
    return {line_id: (*known, admissions[line_id]) for line_id, known in lines.items()}
