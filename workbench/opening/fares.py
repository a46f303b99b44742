"""How lines and platforms fare at a hub: last call, share of calls that failed, queue, oldest, what is about to end.

The share is told of the parcels that were accepted in the last day: their ids say when, so that only those are read.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from sqlalchemy import bindparam, case, func, select
from sqlmodel import col

from ..catalogue.items import Item
from ..delivery.health import OPEN
from ..delivery.models import DeliveryRow
from ..host.call import deprecated_hooks
from ..host.discover import Line
from ..store.context import Context
from ..store.ids import first_id
from ..store.rows import prepare, run

DAY = timedelta(days=1)
#: How many days ahead the end of an item is told.
AHEAD = timedelta(days=60)
_D = DeliveryRow
QUEUES = prepare(
    select(
        col(_D.platform_id),
        func.count().label("depth"),
        func.sum(case((col(_D.state) == "needs-people", 1), else_=0)).label("needs_people"),
        func.min(col(_D.created_at)).label("oldest"),
    )
    .where(col(_D.hub_id) == bindparam("hub"), col(_D.state).in_(OPEN))
    .group_by(col(_D.platform_id))
)
CALLS = prepare(
    select(
        col(_D.platform_id),
        func.sum(col(_D.attempts)).label("calls"),
        func.sum(case((col(_D.sent_at).is_not(None) | col(_D.accepted_at).is_not(None), 1), else_=0)).label("arrived"),
    )
    .where(col(_D.id) >= bindparam("since"), col(_D.attempts) > 0)
    .group_by(col(_D.platform_id))
)


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls about the parcels of one day."""

    made: int = 0
    failed: int = 0

    @property
    def percent(self) -> int:
        """Give the share that failed, rounded up: one failure never reads as none."""
        return -(-100 * self.failed // self.made) if self.made else 0


def calls_of_a_day(ctx: Context) -> Mapping[str, Calls]:
    """Count calls by platform, of all hubs. One query over the last day's parcels."""
    rows = run(ctx.session, CALLS, since=first_id(DAY))
    return {row.platform_id: Calls(int(row.calls), max(int(row.calls) - int(row.arrived), 0)) for row in rows}


def queues_here(ctx: Context) -> Mapping[str, tuple[int, int, object]]:
    """Give depth, how many need a person, and the oldest, by platform, at this hub. One query."""
    rows = run(ctx.session, QUEUES, hub=ctx.hub.id)
    return {row.platform_id: (row.depth, int(row.needs_people), row.oldest) for row in rows}


@dataclass(frozen=True, slots=True)
class Ending:
    """Something that will not go on as it is: an item whose last day is near, a hook that is going to go."""

    kind: Literal["item", "hook"]
    name: str
    words: str = ""
    on: date | None = None


def endings(line: Line, items: Iterable[Item], today: date) -> list[Ending]:
    """List what is about to end in a line."""
    found = [Ending("hook", name, words) for name, words in deprecated_hooks(line).items()]
    for item in items:
        last = item.manifest.valid_to
        if item.line_id == line.id and last is not None and today <= last <= today + AHEAD:
            found.append(Ending("item", item.code, on=last))
    return found
