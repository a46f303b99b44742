"""The one thread of a worker process that moves deliveries: writes results and claims more, in one commit.

Each platform is served in a transaction of its own, so a sick one cannot hold up the others. What
could not be written stays in memory and is written at the next turn; if the process dies first, the
delivery is in doubt and the platform is asked.
"""

import threading
import time
from collections import defaultdict
from datetime import datetime, timedelta
from queue import Empty, Queue

from sqlalchemy import bindparam
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, exists, select

from ..delivery.acknowledge import write_results
from ..delivery.clock_back import forget_the_future
from ..delivery.dispatch import Result, settles, unwritable
from ..delivery.health import ensure_platforms, is_half_open, note_results
from ..delivery.lease import Claimed, claim, claimable, count_sending, give_back, owners, rescue
from ..delivery.models import PlatformRow
from ..delivery.park import park, resume, wanted_platforms
from ..delivery.presence import announce, count_running
from ..delivery.sign_on import give_account, note_account
from ..hubs.versions import find_installed
from .desk import GRACE, Desk, Returned
from .pace import Pace
from .workshop import Workshop, find_usable, log

#: Seconds between looks for new deliveries, for dead workers, at our own lock, at what is installed.
LOOK, RESCUE, BEAT, INVENTORY = 0.25, 1.0, 3.0, 30.0
#: A worker process that did not beat for so long does not count when a platform's limit is shared.
RECENT = timedelta(seconds=15)

#: A clock that differs by so much from a moment ago was set back.
BACK = timedelta(seconds=10)

_DUE = select(PlatformRow.platform_id).where(
    col(PlatformRow.platform_id).in_(bindparam("with_room", expanding=True)),
    col(PlatformRow.closed_until).is_(None),
    col(PlatformRow.is_paused).is_(False),
    exists().where(claimable(PlatformRow.platform_id, bindparam("now"))),
)


class Dispatcher:
    """Moves deliveries between the database and the desks of the platforms."""

    def __init__(self, workshop: Workshop) -> None:
        self.workshop = workshop
        self.desks: dict[str, Desk] = {}
        self._paces: dict[str, Pace] = {}
        # Not a SimpleQueue: a signal near the end of its time-out can make it wait for ever (CPython 3.11).
        self._back: Queue[Returned] = Queue()
        self._unwritten: defaultdict[str, list[Returned]] = defaultdict(list)
        self._due: dict[str, float] = {}
        self._processes = 1
        self._latest: datetime | None = None

    def run(self, stop: threading.Event) -> None:
        """Work until stopped."""
        while not stop.is_set():
            try:
                self.turn(LOOK)
            except Exception as error:  # say, the database is away: everything waits, nothing is lost
                log.error("dispatching: %s", type(error).__name__)
                stop.wait(1.0)

    def turn(self, patience: float) -> None:
        """Do what is due once; waits at most `patience` seconds for results."""
        self._gather(patience)
        self._chores()
        busy = [platform_id for platform_id, returned in self._unwritten.items() if returned]
        due = self._find_due() if self._is_time("look", LOOK) or not busy else ()
        for platform_id in {*busy, *due}:
            self._serve(platform_id)

    def finish(self, since: float) -> None:
        """End what is in flight and write down what came back; `since` is when the process was asked to stop."""
        for desk in self.desks.values():
            desk.dismiss()
        for desk in self.desks.values():
            desk.close(since)
        self._gather(0.0)
        for platform_id in [key for key, returned in self._unwritten.items() if returned]:
            self._serve(platform_id, may_claim=False)

    def _gather(self, patience: float) -> None:
        try:
            first = self._back.get(timeout=patience) if patience else self._back.get_nowait()
            self._unwritten[first.platform_id].append(first)
            while True:
                more = self._back.get_nowait()
                self._unwritten[more.platform_id].append(more)
        except Empty:
            return

    def _find_due(self) -> list[str]:
        """Name the platforms to which something can be sent now."""
        with_room = [platform_id for platform_id, desk in self.desks.items() if desk.room]
        with self.workshop.store.read() as session:
            terms = {"with_room": with_room, "now": self.workshop.now()}
            return list(session.connection().scalars(_DUE, terms))

    def _serve(self, platform_id: str, *, may_claim: bool = True) -> None:
        desk, returned = self.desks[platform_id], self._unwritten[platform_id]
        results = [one for one in returned if isinstance(one, Result)]
        unsent = [one for one in returned if isinstance(one, Claimed)]
        try:
            with self.workshop.store.write() as session:
                self._write(session, platform_id, results, unsent)
                claims = self._claim(session, desk, spare=len(returned)) if may_claim else []
        except OperationalError:  # the database is away or busy: the next turn writes it
            raise
        except Exception as error:
            log.error("%s: results cannot be written: %s", platform_id, type(error).__name__)
            self._write_one_by_one(platform_id, results, unsent)
            claims = []
        for one in returned:
            desk.under_way.pop(one.delivery_id, None)
        returned.clear()
        desk.go_on()
        desk.put(claims)

    def _write(self, session: Session, platform_id: str, results: list[Result], unsent: list[Claimed]) -> None:
        now = self.workshop.now()
        if results:
            write_results(session, results, now)
            note_results(session, platform_id, results, now)
            session.flush()
            self._note_accounts(session, platform_id, results)
        give_back(session, unsent, now)

    def _note_accounts(self, session: Session, platform_id: str, results: list[Result]) -> None:
        recipe, workshop = self.desks[platform_id].recipe, self.workshop
        for result in results:
            note_account(session, result, recipe.settings if recipe else {}, workshop.context, workshop.owner_of)

    def _write_one_by_one(self, platform_id: str, results: list[Result], unsent: list[Claimed]) -> None:
        """Keep one answer the database cannot hold from taking others with it."""
        for result in results:
            try:
                with self.workshop.store.write() as session:
                    self._write(session, platform_id, [result], [])
            except OperationalError:
                raise
            except Exception:
                with self.workshop.store.write() as session:
                    self._write(session, platform_id, [unwritable(result)], [])
        with self.workshop.store.write() as session:
            self._write(session, platform_id, [], unsent)

    def _claim(self, session: Session, desk: Desk, spare: int) -> list[Claimed]:
        now = self.workshop.now()
        row = session.get_one(PlatformRow, desk.manifest.id)
        limit = desk.room + spare
        if row.closed_until is not None or row.is_paused or limit <= 0:
            return []
        if is_half_open(row):  # what a frozen process holds since long ago is nobody's call any more
            answers_within = timedelta(seconds=desk.manifest.limits.timeout_seconds + GRACE)
            limit = 0 if count_sending(session, row.platform_id, now - answers_within) else 1
        pace = self._paces[row.platform_id]
        allowed = pace.allow(limit, recovered_at=row.recovered_at, now=now, processes=self._processes)
        if not allowed:
            return []
        if desk.recipe is None or desk.recipe.mark != self.workshop.mark(row):
            desk.recipe = self.workshop.recipe(session, row)
        worker_id = self.workshop.presence.id
        claims = claim(
            session, self.workshop.files, worker_id=worker_id, platform_id=row.platform_id, limit=allowed, now=now
        )
        pace.give_back(allowed - len(claims))
        settings, at = desk.recipe.settings, self.workshop.context
        return [give_account(session, one, settings, at, self.workshop.owner_of) for one in claims]

    def _chores(self) -> None:
        self._watch_clock()
        if self._is_time("inventory", INVENTORY):
            self.take_inventory()
        if self._is_time("beat", BEAT):
            self._beat()
        if self._is_time("rescue", RESCUE):
            self._rescue()

    def _watch_clock(self) -> None:
        """After a start, when the clock was set back, and now and then: nothing waits for a future nobody planned."""
        now = self.workshop.now()
        if self._latest is None or now < self._latest - BACK or self._is_time("future", INVENTORY):
            with self.workshop.store.write() as session:
                forget_the_future(session, now)
        self._latest = now

    def _is_time(self, chore: str, every: float) -> bool:
        moment = time.monotonic()
        if moment < self._due.get(chore, 0.0):
            return False
        self._due[chore] = moment + every
        return True

    def _beat(self) -> None:
        workshop = self.workshop
        if not workshop.presence.is_held():
            log.error("the lock of this worker process was lost; going on under a new id")
            workshop.presence.release()
            workshop.presence = announce(workshop.store, workshop.locks, workshop.now())
        with workshop.store.write() as session:
            workshop.presence.beat(session, workshop.now())
            self._processes = count_running(session, workshop.now() - RECENT)

    def _rescue(self) -> None:
        """Take over from dead workers, and what was claimed by us in a commit we heard no answer to."""
        workshop = self.workshop
        with workshop.store.read() as session:
            holders = owners(session)
        if not holders:
            return
        under_way = {pair for desk in self.desks.values() for pair in desk.under_way.items()}
        settle = {platform_id: settles(desk.manifest) for platform_id, desk in self.desks.items()}
        for holder in holders:
            with workshop.store.write() as session:
                if holder == workshop.presence.id or workshop.is_dead(session, holder):
                    rescue(session, holder, workshop.now(), settle=settle, keep=under_way)

    def take_inventory(self) -> None:
        """See which platforms can be used; set aside what waits for others, let go what waited for these."""
        workshop = self.workshop
        with workshop.store.read() as session:
            wanted = wanted_platforms(session)
        if self.desks and wanted <= set(self.desks):
            return
        if self.desks:
            workshop.installed = find_installed(workshop.settings, workshop.store)
            workshop.usable = find_usable(workshop.installed)
        now, back = workshop.now(), set(workshop.usable) - set(self.desks)
        with workshop.store.write() as session:
            ensure_platforms(session, {*workshop.usable, *wanted})
            park(session, wanted - set(workshop.usable), now)
            resume(session, back, now)
        for platform_id in back:
            self._open_desk(platform_id)

    def _open_desk(self, platform_id: str) -> None:
        manifest = self.workshop.manifest(platform_id)
        self._paces[platform_id] = Pace(manifest.limits)
        self.desks[platform_id] = Desk(manifest, lambda recipe: self.workshop.build(platform_id, recipe), self._back)
