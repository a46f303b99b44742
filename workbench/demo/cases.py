"""The demonstration's cases: over the last ninety days, at every hub, of every item, in every state.

Written in batches in the order of time, in the caller's transaction: all of them are there or none.
"""

import sys
from datetime import date

from rich.console import Console
from rich.progress import Progress
from sqlmodel import Session

from ..cases.models import CaseNumberRow
from ..host.discover import Installed
from ..store.crypto import KeyRing
from ..store.files import FileStore
from . import words
from .agenda import Agenda, Plan
from .chance import Chance
from .course import Course
from .drafts import open_form
from .matter import Matter
from .papers import freeze_form, freeze_item
from .parcels import Parcels
from .pool import Pool
from .scene import Scene, set_scene
from .tray import Tray

BATCH = 500
#: Cases after which other residents come to the tables.
CROWD = 5000


def fill_cases(
    session: Session, keys: KeyRing, files: FileStore, chance: Chance, installed: Installed, *, today: date, cases: int
) -> int:
    """Write so many cases with all that belongs to them; gives how many. The same for the same chance and day."""
    if not cases:
        return 0
    telling = Telling(session, keys, files, set_scene(session, chance, installed, today))
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("cases", total=cases)
        for plans in Agenda(telling.scene, cases).days():
            for plan in plans:
                telling.tell(plan)
                progress.update(task, completed=telling.count)
            telling.end_day()
    telling.write()
    return telling.count


class Telling:
    """Tells planned cases one after the other."""

    def __init__(self, session: Session, keys: KeyRing, files: FileStore, scene: Scene) -> None:
        self.scene, self.count = scene, 0
        self._session, self._keys, self._files = session, keys, files
        self._tray = Tray()
        self._parcels = Parcels(scene, self._tray, files)
        self._pool = Pool(session, scene.chance, scene.today)
        self._frozen: set[str] = set()
        #: Last number of the day by (division, day).
        self._numbers: dict[tuple[str, date], int] = {}

    def tell(self, plan: Plan) -> None:
        """Tell one case up to the state it is planned for."""
        if self.count % CROWD == 0:
            self._pool.refill()
        matter = Matter(self.scene, self._tray, plan, self._pool.draw(plan.hub_id, plan.item.code))
        if plan.state == "draft":
            open_form(self._session, self._keys, self._files, matter)
        elif plan.state == "refused":
            reason = self.scene.chance.one_of(words.REFUSED)
            matter.move(plan.at, "refuse_acceptance", matter.owner, reason=reason)
        elif plan.state == "voided":
            matter.case["state"] = "voided"
        else:
            self._accept(matter)
        self.count += 1
        if self.count % BATCH == 0:
            self.write()

    def _accept(self, matter: Matter) -> None:
        plan = matter.plan
        if plan.item.digest not in self._frozen:
            freeze_item(matter, plan.item, plan.at)
            self._frozen.add(plan.item.digest)
        payload, materials = freeze_form(matter)
        matter.accept(self._next_number(plan), payload["id"], materials)
        Course(matter, self._parcels).tell(payload)

    def _next_number(self, plan: Plan) -> str:
        place = self.scene.hubs[plan.hub_id].division.ljust(12, "0")
        day = self.scene.days[plan.index]
        number = self._numbers[place, day] = self._numbers.get((place, day), 0) + 1
        return f"{place}-{day:%Y%m%d}-{number:05d}"

    def end_day(self) -> None:
        """Note the last numbers given on a day that is over."""
        for (place, day), last in self._numbers.items():
            self._tray.add(CaseNumberRow, division=place, day=day, last=last)
        self._numbers.clear()

    def write(self) -> None:
        """Write what was told."""
        self._tray.write(self._session)
