"""The short answer to a home page that asks again: nothing has happened anywhere, so its lists are as they were.

Polls are half of what a city asks. What can change a list leaves a row in the audit, in a timeline or in the
events of a delivery, so the newest ids of these tell whether anything happened: one cheap statement instead of
all those of the lists.
"""

import time
from threading import Lock
from typing import Any

from flask import current_app, request
from sqlalchemy import func, select
from sqlmodel import Session, col

from ..cases.models import CaseEventRow
from ..delivery.models import DeliveryEventRow
from ..identity.models import AuditRow
from ..store.rows import run

#: A commit that took its id early and came late (PostgreSQL) is shown after so many seconds at the latest.
TRUSTED_SECONDS = 60.0
MOST = 20_000
PLACE = "workbench.polls"
#: Ids only grow; the index of the primary key answers at once.
_WITNESSES = (AuditRow, CaseEventRow, DeliveryEventRow)
NEWEST = select(*(select(func.max(col(row.id))).scalar_subquery() for row in _WITNESSES))
Version = tuple[Any, ...]
_lock = Lock()


def version_now(session: Session) -> Version:
    """Give what changes with every change of a list."""
    return tuple(run(session, NEWEST).one())


def seen_still(asked: str, version: Version) -> str:
    """Give the mark of the lists whoever asks shows already, if nothing happened since; "" when they must be read."""
    known = current_app.extensions.get(PLACE, {}).get(asked)
    if known is None or known[1] != version or time.monotonic() - known[2] > TRUSTED_SECONDS:
        return ""
    mark: str = known[0]
    shown = request.args.get("seen") == mark
    return mark if shown or (request.headers.get("HX-Request") and request.if_none_match.contains_weak(mark)) else ""


def remember(asked: str, mark: str, version: Version) -> None:
    """Keep the mark of lists that were read no earlier than this version."""
    kept = current_app.extensions.setdefault(PLACE, {})
    with _lock:
        while len(kept) >= MOST:
            del kept[next(iter(kept))]
        kept[asked] = (mark, version, time.monotonic())
