"""The sending threads of one platform: as many calls in flight as it bears, one adapter per thread.

What is claimed waits here; results go to the dispatcher, which alone writes to the database. After as
many calls in a row that found the platform sick as close its breaker, or one that was not let in, the
threads send nothing more until the dispatcher has judged it.
"""

import threading
import time
from collections.abc import Callable, Iterable
from queue import Empty, Queue, SimpleQueue

from ..api.adapter import Adapter
from ..api.errors import AdapterError
from ..api.manifest import PlatformManifest
from ..delivery.dispatch import Result, adapter_missing, failed, send
from ..delivery.health import FAILURES
from ..delivery.lease import Claimed
from .workshop import Recipe, close_quietly, log

#: Most claims that wait per sending thread, so that a fast platform is never idle while we commit.
MOST_AHEAD = 32
#: Seconds a call may take beyond its platform's own limit before a stopping process goes without it.
GRACE = 5.0
#: What comes back from a desk: a result, or a claim that was not sent.
Returned = Result | Claimed


class Desk:
    """Sends to one platform."""

    def __init__(self, manifest: PlatformManifest, build: Callable[[Recipe], Adapter], back: "Queue[Returned]") -> None:
        self.manifest = manifest
        self.recipe: Recipe | None = None
        #: Claims (id, fence) that were handed out and did not come back yet; the dispatcher's own.
        self.under_way: dict[str, int] = {}
        self._is_resting = threading.Event()
        self._sick_in_a_row = 0
        self._ahead = 2
        self._was_full = False
        self._build = build
        self._back = back
        self._queue: SimpleQueue[Claimed | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []

    @property
    def room(self) -> int:
        """How many more claims the desk takes."""
        ahead = 1 if self.manifest.repeat == "person-decides" else self._ahead
        return max(self.manifest.limits.in_flight * ahead - len(self.under_way), 0)

    def adapt(self) -> None:
        """Take more ahead when the platform ran dry while we were busy, less when it is slow."""
        left = self._queue.qsize()
        if left == 0 and self._was_full:
            self._ahead = min(self._ahead * 2, MOST_AHEAD)
        elif left > len(self.under_way) // 2:
            self._ahead = max(self._ahead // 2, 2)

    def put(self, claims: Iterable[Claimed]) -> None:
        """Hand out claims to be sent."""
        self.adapt()
        for claimed in claims:
            self.under_way[claimed.delivery_id] = claimed.fence
            self._queue.put(claimed)
            if len(self._threads) < min(self.manifest.limits.in_flight, len(self.under_way)):
                name = f"{self.manifest.id}-{len(self._threads)}"
                # One that never comes back must not keep the process from ending.
                self._threads.append(threading.Thread(target=self._work, name=name, daemon=True))
                self._threads[-1].start()
        self._was_full = self.room == 0

    def rest(self) -> None:
        """Send nothing more until `go_on`; what is put meanwhile comes back as it was."""
        self._is_resting.set()

    def go_on(self) -> None:
        """Send again: the platform was judged."""
        self._sick_in_a_row = 0
        self._is_resting.clear()

    def dismiss(self) -> None:
        """Take nothing more up; what was not sent comes back as it was."""
        self.rest()
        try:
            while claimed := self._queue.get_nowait():
                self._back.put(claimed)
        except Empty:
            pass
        for _ in self._threads:
            self._queue.put(None)

    def close(self, since: float) -> None:
        """Let the calls in flight end, for as long after `since`, when all were dismissed, as a call may take.

        One that does not end in time is left alone: its parcel stays in doubt, the next process asks for it.
        """
        until = since + self.manifest.limits.timeout_seconds + GRACE
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        if blocked := [thread.name for thread in self._threads if thread.is_alive()]:
            log.error("calls that do not end: %s", ", ".join(blocked))
        self._threads.clear()

    def _work(self) -> None:
        adapter: Adapter | None = None
        recipe: Recipe | None = None
        while claimed := self._queue.get():
            if self._is_resting.is_set():
                self._back.put(claimed)
                continue
            if recipe is not self.recipe:
                close_quietly(adapter)
                adapter, recipe = None, self.recipe
            adapter = adapter or self._open(claimed, recipe)
            if adapter is not None:
                self._return(send(adapter, self.manifest, claimed))
        close_quietly(adapter)

    def _open(self, claimed: Claimed, recipe: Recipe | None) -> Adapter | None:
        """Build an adapter; when that fails, the claim comes back with the reason."""
        if recipe is None:
            self._back.put(claimed)
            return None
        try:
            return self._build(recipe)
        except AdapterError as error:
            self._return(failed(claimed, error, self.manifest))
        except (Exception, SystemExit) as error:
            self._return(adapter_missing(claimed, f"cannot be started: {type(error).__name__}"))
        return None

    def _return(self, result: Result) -> None:
        if result.verdict == "well":
            self._sick_in_a_row = 0
        elif result.verdict == "sick":
            self._sick_in_a_row += 1
        if result.verdict == "locked" or self._sick_in_a_row >= FAILURES:
            self.rest()
        self._back.put(result)
