"""Which cases there are: whose hub and worker, which item, when, and how far each has come. In order of time.

Days are planned one after the other, so that any number of cases takes the same memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ..catalogue.items import Item
from .exhibits import EXHIBITS, Exhibit, Hold
from .scene import Scene, closing, moment
from .workers import POSTS

OPENS = 9 * 3600
#: hub -> its share of all cases.
SHARES = (("wutong", 0.35), ("yinxing", 0.4), ("xiangzhang", 0.25))
#: Working days a matter takes where nobody promised any.
USUAL = 20
#: What becomes of a case whose time is over, and of one that is under way: share of each state.
OVER = (
    ("archived", 0.36), ("delivered", 0.25), ("concluded", 0.28), ("withdrawn", 0.025), ("returned", 0.025),
    ("refused", 0.015), ("voided", 0.015), ("reviewing", 0.02), ("correction", 0.005), ("suspended", 0.005),
)  # fmt: skip
UNDER_WAY = (
    ("reviewing", 0.74), ("correction", 0.08), ("suspended", 0.03), ("decided", 0.05), ("withdrawn", 0.03),
    ("returned", 0.02), ("refused", 0.025), ("voided", 0.025),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """One case before it is told. `index` is that of its day among the scene's."""

    hub_id: str
    worker: str
    item: Item
    state: str
    hold: Hold
    index: int
    at: datetime


class Agenda:
    """Plans so many cases."""

    def __init__(self, scene: Scene, count: int) -> None:
        self._scene, self._chance = scene, scene.chance
        self._shown = [e for e in EXHIBITS if e.code in scene.items[e.hub_id]][:count]
        self._others = count - len(self._shown)
        self._rounds = {hub_id: self._round(hub_id) for hub_id, _ in SHARES}

    def _round(self, hub_id: str) -> Iterator[Item]:
        """Give a hub's items again and again, each round in another order, so that every item has its cases."""
        items = list(self._scene.items[hub_id].values())
        while items:
            yield from sorted(items, key=lambda _: self._chance.share())

    def days(self) -> Iterator[list[Plan]]:
        """Give the cases of each day in the order of the clock."""
        days = len(self._scene.days)
        for index in range(days):
            count = (index + 1) * self._others // days - index * self._others // days
            plans = [self._show(e, index) for e in self._shown if max(days - e.days, 0) == index]
            plans += [plan for _ in range(count) if (plan := self._draw(index))]
            yield sorted(plans, key=lambda plan: plan.at)

    def _show(self, exhibit: Exhibit, index: int) -> Plan:
        item = self._scene.items[exhibit.hub_id][exhibit.code]
        at = self._time(exhibit.hub_id, index)
        return Plan(exhibit.hub_id, exhibit.worker, item, exhibit.state, exhibit.hold, index, at)

    def _draw(self, index: int) -> Plan | None:
        hub_id = self._pick(SHARES)
        item = next(self._rounds[hub_id], None)
        if item is None:
            return None
        state = self._state(item, len(self._scene.days) - index)
        worker = POSTS[hub_id][self._chance.happens(0.45)]
        return Plan(hub_id, worker, item, state, self._hold(item, state), index, self._time(hub_id, index))

    def _time(self, hub_id: str, index: int) -> datetime:
        return moment(self._scene.days[index], self._chance.number(OPENS, closing(hub_id) - 600))

    def _state(self, item: Item, days: int) -> str:
        whole = item.manifest.promised_days or (1 if item.manifest.promised_days == 0 else USUAL)
        is_over = days > whole or self._chance.happens(0.7 * (days - 1) / whole)
        return self._pick(OVER if is_over else UNDER_WAY)

    def _hold(self, item: Item, state: str) -> Hold:
        steps = {step.by for step in item.manifest.steps}
        if state == "correction" and self._chance.happens(0.3):
            return "rejected"
        if state != "reviewing" or "reviewer" not in steps or self._chance.happens(0.3):
            return ""
        return "reviewer" if self._chance.happens(0.6) or "approver" not in steps else "approver"

    def _pick(self, shares: tuple[tuple[str, float], ...]) -> str:
        draw = self._chance.share()
        for word, share in shares:
            if draw < share:
                return word
            draw -= share
        return shares[0][0]
