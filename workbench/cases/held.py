"""Whose work is in whose hands now: read from the covers that run at this moment, in one narrow query.

The owner of a case never changes for a cover; who holds it is worked out from the tables at every look.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, false, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel.sql.sqltypes import UTCDateTime

from ..staff.cover_models import CoverRow, HandoverRow
from ..staff.models import WorkerRow
from ..store.context import Context
from ..store.problems import Problem
from ..store.rows import prepare, run
from .models import CaseRow


@dataclass(frozen=True, slots=True)
class Cover:
    """One running cover: the work of `from_id` on a line is in the hands of `to_id` ("" = nobody's)."""

    id: str
    absence_id: str
    line_id: str
    from_id: str
    from_name: str
    to_id: str
    to_name: str
    ends_at: datetime
    may_settle: bool
    is_taken: bool  # the notes were read and the papers counted, or there were none


_FROM, _TO = aliased(WorkerRow), aliased(WorkerRow)
_NOW = bindparam("now", type_=UTCDateTime())
#: Notes or papers of the cover that are newer than its taking over.
WAITS = (
    select(col(HandoverRow.id))
    .where(col(HandoverRow.absence_id) == col(CoverRow.absence_id), col(HandoverRow.line_id) == col(CoverRow.line_id))
    .where(or_(col(CoverRow.taken_at).is_(None), col(HandoverRow.given_at) > col(CoverRow.taken_at)))
    .exists()
)
_COVERS = (
    select(
        col(CoverRow.id), col(CoverRow.absence_id), col(CoverRow.line_id), col(CoverRow.from_id), col(_FROM.name),
        col(CoverRow.to_id), col(_TO.name), col(CoverRow.ends_at), col(CoverRow.may_settle), ~WAITS,
    )
    .join(_FROM, col(_FROM.id) == col(CoverRow.from_id))
    .outerjoin(_TO, col(_TO.id) == col(CoverRow.to_id))
    .where(col(CoverRow.hub_id) == bindparam("hub"), col(CoverRow.ends_at) > _NOW, col(CoverRow.starts_at) <= _NOW)
    .order_by(col(_FROM.name), col(CoverRow.line_id))
)  # fmt: skip
RUNNING = prepare(_COVERS)
OF_CASE = prepare(
    _COVERS.where(col(CoverRow.from_id) == bindparam("owner"), col(CoverRow.line_id) == bindparam("line"))
)


def running_covers(ctx: Context) -> list[Cover]:
    """List the covers that run at the hub now. One query."""
    return [_read(row) for row in run(ctx.session, RUNNING, hub=ctx.hub.id, now=ctx.clock.now())]


def cover_of(ctx: Context, case: CaseRow | Any) -> Cover | None:
    """Give the cover a case is in now, None while its owner is here. One query."""
    values = {"owner": case.owner_id, "line": case.line_id, "hub": case.hub_id, "now": ctx.clock.now()}
    row = run(ctx.session, OF_CASE, **values).first()
    return _read(row) if row else None


def _read(row: Any) -> Cover:
    return Cover(*row[:6], row[6] or "", row[7], bool(row[8]), bool(row[9]))  # type: ignore[call-arg]  # a named tuple


def held_by(covers: Sequence[Cover]) -> ColumnElement[bool]:
    """Filter by the cases that these covers put into other hands."""
    return or_(
        false(), *(and_(col(CaseRow.owner_id) == one.from_id, col(CaseRow.line_id) == one.line_id) for one in covers)
    )


def refuse_untaken(ctx: Context, case: CaseRow) -> None:
    """Raise Problem when whoever acts covers this case and has not taken it over, or may only write down and call."""
    cover = cover_of(ctx, case)
    if cover is None or cover.to_id != ctx.actor.id:
        return
    if not cover.is_taken:
        zh = "还有未读的交接事项或未清点的材料，请先在“交接”页确认，再办理此件。"
        en = "Hand-over notes are unread or papers uncounted. Confirm them on the hand-over page first, then go on."
        raise Problem("handover_unread", zh, en)
    if not cover.may_settle:
        zh = "此条线的顶岗只登记、不办理：请记录情况并联系承办人。"
        en = "On this line whoever covers writes down and calls, and settles nothing: record it and call the owner."
        raise Problem("record_only", zh, en)
