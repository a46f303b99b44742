"""Looks at platforms and collects from them, each in a thread of its own so that none waits for another.

The clock wakes `watch` every second; what is due by the database's own record is begun unless this
process is already at it. Between processes a look is reserved in the platform's row, a collect by a lease.
"""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import TypedDict, TypeVar

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session, select

from ..api.adapter import Adapter, Capability
from ..api.errors import AdapterError, BrokenPromise, NeedsSettings
from ..api.parcels import Health
from ..assigned.collect import asked_at, cursor_of, fetch_tasks, store_tasks
from ..assigned.collect import note_failure as tasks_failed
from ..assigned.place import Places
from ..delivery.collect import fetch, note_failure, store
from ..delivery.configure import announced_at, check_platform
from ..delivery.dispatch import settles
from ..delivery.health import is_check_due, record_check, take_check
from ..delivery.models import PlatformRow
from ..store.collisions import has_collided
from . import leases
from .workshop import Recipe, Workshop, close_quietly, log

#: Batches of one collect; what is left is fetched at the next one.
MOST_BATCHES = 50
#: How often departments are asked for tasks; none is due within the hour.
TASKS_EVERY = timedelta(seconds=30)
#: How often a write is tried that another transaction was in the way of.
TRIES = 3
#: Seconds a stopping process waits for looks and collects that were begun.
ENDS_WITHIN = 10.0
T = TypeVar("T")


class Terms(TypedDict):
    """When a look at a platform is due, beside what its row says."""

    every: float
    announced: datetime | None


class Errands:
    """Checks and collects of one worker process."""

    def __init__(self, workshop: Workshop) -> None:
        self.workshop = workshop
        self._begun: set[tuple[str, str]] = set()
        self._guard = threading.Lock()
        self._adapters: dict[tuple[str, str], tuple[Recipe, Adapter]] = {}
        self._with_tasks = {
            name for name in workshop.usable if Capability.TASKS in workshop.manifest(name).capabilities
        }
        self._pool = ThreadPoolExecutor(max_workers=3 * len(workshop.installed.platforms) + 2)

    def watch(self) -> None:
        """Begin what is due."""
        now = self.workshop.now()
        with self.workshop.store.read() as session:
            rows = session.exec(
                select(
                    PlatformRow.platform_id,
                    PlatformRow.closed_until,
                    PlatformRow.checked_at,
                    PlatformRow.collected_at,
                )
            ).all()
            asked = asked_at(session) if self._with_tasks else {}
        for platform_id, closed_until, checked_at, collected_at in rows:
            if platform_id not in self.workshop.usable:
                continue
            if is_check_due(closed_until, checked_at, now, **self._check_terms(platform_id)):
                self._begin("check", platform_id, self.check)
            if closed_until is None and self._is_collect_due(platform_id, collected_at, now):
                self._begin("collect", platform_id, self.collect)
            if closed_until is None and self._are_tasks_due(platform_id, asked, now):
                self._begin("tasks", platform_id, self.collect_tasks)

    def _is_collect_due(self, platform_id: str, collected_at: datetime | None, now: datetime) -> bool:
        manifest = self.workshop.manifest(platform_id)
        every = timedelta(seconds=manifest.schedule.collect_seconds)
        return "collect" in manifest.capabilities and (collected_at is None or collected_at <= now - every)

    def _are_tasks_due(self, platform_id: str, asked: Mapping[str, datetime | None], now: datetime) -> bool:
        at = asked.get(platform_id)
        return platform_id in self._with_tasks and (at is None or at > now or at <= now - TASKS_EVERY)

    def close(self, since: float) -> None:
        """Let what was begun end, but wait for nothing that does not; then let go of all adapters.

        `since` is when the process was asked to stop: all its rooms wait side by side, not one after another.
        """
        self._pool.shutdown(wait=False, cancel_futures=True)
        while self._begun and time.monotonic() < since + ENDS_WITHIN:
            time.sleep(0.05)
        for _, adapter in self._adapters.values():
            close_quietly(adapter)
        self._adapters.clear()

    def check(self, platform_id: str) -> None:
        """Look at one platform, unless another process does."""
        terms = self._check_terms(platform_id)
        reserve = self._write(lambda session, now: take_check(session, platform_id, now, **terms))
        if reserve:
            found, settled = self._look(platform_id), settles(self.workshop.manifest(platform_id))
            self._write(lambda session, now: record_check(session, platform_id, found, now, settles=settled))

    def _check_terms(self, platform_id: str) -> Terms:
        workshop = self.workshop
        every = workshop.manifest(platform_id).schedule.check_seconds
        return {"every": every, "announced": announced_at(platform_id, workshop.settings, workshop.clock)}

    def _look(self, platform_id: str) -> Health:
        try:
            adapter = self._adapter("check", platform_id)
        except NeedsSettings as error:
            return Health("unconfigured", error.text)
        except (Exception, SystemExit) as error:
            return Health("down", f"its adapter cannot be started: {type(error).__name__}")
        return check_platform(adapter, self.workshop.clock)

    def collect(self, platform_id: str) -> None:
        """Fetch and store what one platform says, unless another process does."""
        name, fence = f"collect:{platform_id}", self._take(f"collect:{platform_id}", seconds=600)
        if not fence:
            return
        try:
            for _ in range(MOST_BATCHES):
                if not self._collect_once(platform_id):
                    break
        finally:
            self._write(lambda session, now: leases.finish(session, name, fence, now))

    def _collect_once(self, platform_id: str) -> bool:
        """Fetch one batch; tells whether there is more."""
        with self.workshop.store.read() as session:
            cursor = session.get_one(PlatformRow, platform_id).cursor
        try:
            batch = fetch(self._adapter("collect", platform_id), cursor)
        except AdapterError as error:
            batch = error
        except (Exception, SystemExit) as error:
            batch = BrokenPromise(f"its adapter cannot be started: {type(error).__name__}")
        if isinstance(batch, AdapterError):
            failure = batch
            self._write(lambda session, now: note_failure(session, platform_id, failure, now))
            return False
        brought = batch
        self._write(lambda session, now: store(session, platform_id, cursor, brought, now))
        return brought.more and brought.cursor != cursor

    def collect_tasks(self, platform_id: str) -> None:
        """Fetch and keep what one department assigned, unless another process does."""
        name = f"tasks:{platform_id}"
        fence = self._take(name, seconds=600)
        if not fence:
            return
        try:
            for _ in range(MOST_BATCHES):
                if not self._tasks_once(platform_id):
                    break
        finally:
            self._write(lambda session, now: leases.finish(session, name, fence, now))

    def _tasks_once(self, platform_id: str) -> bool:
        """Fetch some tasks; tells whether there may be more."""
        with self.workshop.store.read() as session:
            cursor = cursor_of(session, platform_id)
        try:
            tasks = fetch_tasks(self._adapter("tasks", platform_id), cursor)
        except AdapterError as error:
            tasks = error
        except (Exception, SystemExit) as error:
            tasks = BrokenPromise(f"its adapter cannot be started: {type(error).__name__}")
        if isinstance(tasks, AdapterError):
            failure = tasks
            self._write(lambda session, now: tasks_failed(session, platform_id, failure, now))
            return False
        brought, workshop = tasks, self.workshop

        def keep(session: Session, now: datetime) -> str:
            places = Places(session, workshop.installed, workshop.keys, workshop.manifest(platform_id))
            store_tasks(session, places, cursor, brought, now)
            return cursor_of(session, platform_id)

        following = self._write(keep)
        return bool(brought) and following != cursor

    def _take(self, name: str, *, seconds: float) -> int:
        """Take a lease; gives its fence, 0 when another has it."""
        workshop = self.workshop

        def take(session: Session, now: datetime) -> int:
            owner = workshop.presence.id
            row = leases.take(
                session, name, owner, now, seconds=seconds, is_dead=lambda other: workshop.is_dead(session, other)
            )
            return row.fence if row else 0

        return self._write(take)

    def _adapter(self, errand: str, platform_id: str) -> Adapter:
        """Give the adapter of one errand, built anew when the settings changed."""
        key, workshop = (errand, platform_id), self.workshop
        known = self._adapters.get(key)
        with workshop.store.read() as session:
            row = session.get_one(PlatformRow, platform_id)
            if known and known[0].mark == workshop.mark(row):
                return known[1]
            recipe = workshop.recipe(session, row)
        if known:
            del self._adapters[key]
            close_quietly(known[1])
        adapter = workshop.build(platform_id, recipe)
        self._adapters[key] = recipe, adapter
        return adapter

    def _begin(self, errand: str, platform_id: str, run: Callable[[str], None]) -> None:
        with self._guard:
            if (errand, platform_id) in self._begun:
                return
            self._begun.add((errand, platform_id))
        try:
            self._pool.submit(self._run, errand, platform_id, run)
        except RuntimeError:  # the process is ending
            return

    def _run(self, errand: str, platform_id: str, run: Callable[[str], None]) -> None:
        try:
            run(platform_id)
        except (Exception, SystemExit) as error:
            log.error("%s of %s: %s", errand, platform_id, type(error).__name__)
        finally:
            with self._guard:
                self._begun.discard((errand, platform_id))

    def _write(self, change: Callable[[Session, datetime], T]) -> T:
        for _ in range(TRIES - 1):
            try:
                with self.workshop.store.write() as session:
                    return change(session, self.workshop.now())
            except DBAPIError as error:  # two transactions in each other's way: one of them starts over
                if not isinstance(error, OperationalError) and not has_collided(error):
                    raise
        with self.workshop.store.write() as session:
            return change(session, self.workshop.now())
