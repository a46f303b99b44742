"""The short answer to a home page that asks again: nothing has happened to this worker's cases, so its lists stand.

Polls are half of what a city asks. One statement over an index tells whether any of the worker's cases, or a
delivery of them that waits for a person, has changed; only then are the lists read and compared.
"""

import hashlib
import marshal
import time
from threading import Lock
from typing import Any

from flask import current_app, request
from sqlalchemy import bindparam, func, select, true
from sqlmodel import col

from ..api.nouns import Hub, Worker
from ..cases.models import CaseRow
from ..cases.moves import OPEN_STATES
from ..delivery.models import DeliveryRow
from ..store.rows import ask, prepare
from ..web.language import current_locale
from ..web.services import services
from .platforms import health_mark

#: Names of residents and the like may change without their cases; so long at most they are shown as they were.
TRUSTED_SECONDS = 60.0
MOST = 20_000
PLACE = "workbench.polls"
SHOWN_STATES = ("draft", *OPEN_STATES, "returned", "concluded")
_OWN = (col(CaseRow.owner_id) == bindparam("owner"), col(CaseRow.hub_id) == bindparam("hub"))
#: Every move of a case raises its version, so that two sums are equal only when nothing moved.
_CASES = (
    select(func.count(), func.sum(col(CaseRow.version)), func.max(col(CaseRow.updated_at)))
    .where(*_OWN, col(CaseRow.state).in_(SHOWN_STATES))
    .subquery()
)
_STOPPED = (
    select(func.count(), func.sum(col(DeliveryRow.fence)), func.max(col(DeliveryRow.updated_at)))
    .join(CaseRow, col(CaseRow.id) == col(DeliveryRow.case_id))
    .where(*_OWN, col(DeliveryRow.state) == "needs-people")
    .subquery()
)
VERSION = prepare(select(_CASES, _STOPPED).select_from(_CASES.join(_STOPPED, true())))
_lock = Lock()


def mark_of(lists: list[Any]) -> str:
    """Give a short mark of what a page shows; equal lists have equal marks, in every process."""
    try:
        written = marshal.dumps(lists, 2)  # the version that writes no mark of where a text lies in memory
    except ValueError:  # something that is no plain value; its own words take four times as long
        written = repr(lists).encode()
    return hashlib.sha256(written).hexdigest()[:24]


class Poll:
    """One home page that asks again: everything its lists depend on, the versions of what they show included."""

    def __init__(self, worker: Worker, hub: Hub) -> None:
        """Read the versions: one narrow statement, outside any transaction."""
        shop, after = services(), request.args.get("after", "")
        #: What the lists depend on beside the cases; which lines are open goes by the hub's version.
        self._asked = (worker.id, hub.id, hub.version, current_locale(), after, shop.clock.today(), health_mark())
        self._version: Any = ask(shop.store.engine, VERSION, owner=worker.id, hub=hub.id).one()

    def seen_still(self) -> str:
        """Give the mark of the lists whoever asks still shows; "" when they must be read."""
        known = current_app.extensions.get(PLACE, {}).get(self._asked)
        if known is None or known[1] != self._version or time.monotonic() - known[2] > TRUSTED_SECONDS:
            return ""
        mark: str = known[0]
        shown = request.args.get("seen") == mark
        return mark if shown or request.if_none_match.contains_weak(mark) else ""

    def remember(self, mark: str) -> None:
        """Keep the mark of lists that were read no earlier than the versions."""
        kept = current_app.extensions.setdefault(PLACE, {})
        with _lock:
            while len(kept) >= MOST:
                del kept[next(iter(kept))]
            kept[self._asked] = (mark, self._version, time.monotonic())
