"""Fetches tasks from platforms and keeps each once; the cursor moves in the same commit.

A task for no hub of ours, or for one where the line is closed, is quarantined and looked at again with every fetch.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from ..api.adapter import Adapter
from ..api.errors import AdapterError, BrokenPromise
from ..api.parcels import Task
from ..delivery.texts import clean
from ..store.first import ensure_row
from ..store.ids import new_id
from .models import KINDS, AssignedTaskRow, TaskCursorRow
from .place import Places

#: Quarantined tasks of a platform that are looked at again with each fetch.
AGAIN = 500


def fetch_tasks(adapter: Adapter, cursor: str) -> tuple[Task, ...] | AdapterError:
    """Ask a platform once; what goes wrong is returned, not raised."""
    try:
        return adapter.tasks(cursor)
    except AdapterError as error:
        return error
    except (Exception, SystemExit) as error:
        # Its text may hold personal data; the name of its class does not.
        return BrokenPromise(f"unexpected {type(error).__name__}")


def cursor_of(session: Session, platform_id: str) -> str:
    """Give where to go on asking a platform."""
    row = session.get(TaskCursorRow, platform_id)
    return row.cursor if row else ""


def asked_at(session: Session) -> dict[str, datetime | None]:
    """Give when each platform was last asked."""
    return dict(session.exec(select(TaskCursorRow.platform_id, TaskCursorRow.asked_at)).all())


def store_tasks(session: Session, places: Places, cursor: str, tasks: Sequence[Task], now: datetime) -> int:
    """Keep what was asked for with `cursor`; gives how many tasks were new. Twice changes nothing."""
    platform_id = places.platform_id
    row = _cursor_row(session, platform_id)
    references = [clean(task.reference) for task in tasks]
    known = select(AssignedTaskRow.reference).where(AssignedTaskRow.platform_id == platform_id)
    seen = set(session.exec(known.where(col(AssignedTaskRow.reference).in_(references))))
    fresh = 0
    for reference, task in zip(references, tasks, strict=True):
        if reference and reference not in seen:
            session.add(_row(places, reference, task, now))
            seen.add(reference)
            fresh += 1
    place_again(session, places)
    if row.cursor == cursor and tasks:  # else another process was faster: its cursor stands
        row.cursor = tasks[-1].cursor or tasks[-1].reference
    row.asked_at, row.detail = now, ""
    return fresh


def note_failure(session: Session, platform_id: str, error: AdapterError, now: datetime) -> None:
    """Write down why asking failed; it is asked again when it is due."""
    row = _cursor_row(session, platform_id)
    row.asked_at, row.detail = now, error.text[:500]


def _cursor_row(session: Session, platform_id: str) -> TaskCursorRow:
    return ensure_row(session, TaskCursorRow(platform_id=platform_id))


def _row(places: Places, reference: str, task: Task, now: datetime) -> AssignedTaskRow:
    row = AssignedTaskRow(
        id=new_id(), platform_id=places.platform_id, line_id=places.line_id, reference=reference, hub_id="",
        their_hub=clean(task.hub)[:100], kind=task.kind if task.kind in KINDS else "other",
        title=clean(task.title)[:500], detail=_detail(task), id_no=clean(task.person_id_no)[:40] or None,
        due_on=task.due, state="quarantined", received_at=now,
    )  # fmt: skip
    _place(places, row)
    return row


def _detail(task: Task) -> dict[str, Any]:
    return {clean(str(name))[:100]: clean(str(value))[:2000] for name, value in list(task.detail.items())[:40]}


def _place(places: Places, row: AssignedTaskRow) -> None:
    """Give a task to its hub, where the hub is ours and the line open there."""
    hub_id, row.reason = places.find(row.their_hub)
    if row.reason:
        return
    row.hub_id, row.state = hub_id, "open"
    if row.id_no:
        row.person_id = places.find_person(row.id_no, hub_id)


def place_again(session: Session, places: Places) -> int:
    """Look again for the hubs of quarantined tasks: one may have been set up, or its line opened. Gives how many."""
    waiting = select(AssignedTaskRow).where(AssignedTaskRow.platform_id == places.platform_id)
    waiting = waiting.where(AssignedTaskRow.state == "quarantined").order_by(col(AssignedTaskRow.id)).limit(AGAIN)
    rows = list(session.exec(waiting))
    for row in rows:
        _place(places, row)
    return sum(row.state == "open" for row in rows)


def quarantine_line(session: Session, line_id: str) -> None:
    """Put what nobody settled of a removed line where a system admin sees it."""
    task = AssignedTaskRow
    unsettled = update(task).where(col(task.line_id) == line_id, col(task.state) == "open")
    session.execute(unsettled.values(state="quarantined", reason="line-closed", hub_id="", person_id=None))
