"""The tasks of a hub: what is open by due day, what was settled, what is in quarantine. One narrow query each."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Integer, bindparam, select
from sqlmodel import col
from sqlmodel import select as select_rows

from ..delivery.models import DeliveryRow
from ..identity.seen import lists as names
from ..people.models import PersonRow
from ..store.context import Context
from ..store.rows import even, prepare, run
from .models import AssignedTaskRow

MOST = 200
_NAMES = ("id", "platform_id", "line_id", "reference", "kind", "title", "due_on", "person_id", "state", "reply",
          "settled_name", "settled_at")  # fmt: skip
#: Those without a due day come last.
TASKS = prepare(
    select(
        *(col(getattr(AssignedTaskRow, name)) for name in _NAMES),
        col(PersonRow.name).label("person"),
        col(DeliveryRow.state).label("sent"),
    )
    .outerjoin(PersonRow, col(PersonRow.id) == col(AssignedTaskRow.person_id))
    .outerjoin(DeliveryRow, col(DeliveryRow.id) == col(AssignedTaskRow.delivery_id))
    .where(
        col(AssignedTaskRow.hub_id) == bindparam("hub"),
        col(AssignedTaskRow.state).in_(bindparam("states", expanding=True)),
        col(AssignedTaskRow.line_id).in_(bindparam("lines", expanding=True)),
    )
    .order_by(col(AssignedTaskRow.due_on).is_(None), col(AssignedTaskRow.due_on), col(AssignedTaskRow.id))
    .limit(bindparam("most", type_=Integer))
)


def open_tasks(ctx: Context, lines: Sequence[str], most: int = MOST) -> list[Any]:
    """List open tasks of some lines, by due day. One query."""
    return _tasks(ctx, ["open"], lines, most)


def settled_tasks(ctx: Context, lines: Sequence[str], most: int = MOST) -> list[Any]:
    """List tasks that were done or returned. One query."""
    return _tasks(ctx, ["done", "returned"], lines, most)


def _tasks(ctx: Context, states: list[str], lines: Sequence[str], most: int) -> list[Any]:
    if not lines:
        return []
    rows = list(run(ctx.session, TASKS, hub=ctx.hub.id, states=states, lines=even(lines), most=most))
    names(row.person_id for row in rows if row.person_id)
    return rows


def quarantined_tasks(ctx: Context) -> list[AssignedTaskRow]:
    """List the tasks of all platforms that are for no hub of ours, or for a closed line."""
    query = select_rows(AssignedTaskRow).where(AssignedTaskRow.state == "quarantined")
    return list(ctx.session.exec(query.order_by(col(AssignedTaskRow.id)).limit(MOST)))
