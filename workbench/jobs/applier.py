"""Tells the cases what departments said, each message once: what they make of it and the mark that
they know it are one commit. A message they cannot take is tried again later, later ones about the same
parcel wait for it, and nothing else does.
"""

import threading
import time
from collections.abc import Callable, Collection

from sqlalchemy.exc import OperationalError

from ..delivery.models import DeliveryRow, OutcomeRow
from ..delivery.outcomes import unapplied_outcomes
from ..store.context import Context
from .workshop import Workshop, log

#: Given by composition: writes into the cases what a department said about one parcel, and may give
#: what is to be done once that is committed.
Afterwards = Callable[[Context], None]
ApplyOutcome = Callable[[Context, OutcomeRow, DeliveryRow], Afterwards | None]

LOOK, BATCH, TRY_AGAIN = 0.25, 50, 60.0


class Applier:
    """Hands outcomes to the cases."""

    def __init__(self, workshop: Workshop, apply_outcome: ApplyOutcome) -> None:
        self.workshop = workshop
        self._apply_outcome = apply_outcome
        #: Parcels whose next message could not be taken, and when to try it again.
        self._stuck: dict[str, float] = {}
        self._afterwards: list[tuple[str, Afterwards]] = []

    def run(self, stop: threading.Event) -> None:
        """Work until stopped."""
        while not stop.is_set():
            try:
                done = self.turn()
            except Exception as error:
                log.error("applying outcomes: %s", type(error).__name__)
                done = 0
            if not done:
                stop.wait(LOOK)

    def turn(self) -> int:
        """Apply what is there; returns how many messages the cases took."""
        stuck = self._still_stuck()
        with self.workshop.store.read() as session:
            if not unapplied_outcomes(session, 1, without=stuck, lock=False):
                return 0
        try:
            done = self._apply_together(stuck)
        except OperationalError:  # the database is away or busy
            raise
        except Exception:  # one of them cannot be taken; find out which
            done = self._apply_apart(stuck)
        for hub_id, afterwards in self._afterwards:
            with self.workshop.store.read() as session:
                afterwards(self.workshop.context(session, hub_id))
        return done

    def _still_stuck(self) -> list[str]:
        moment = time.monotonic()
        self._stuck = {key: until for key, until in self._stuck.items() if until > moment}
        return list(self._stuck)

    def _apply_together(self, stuck: Collection[str]) -> int:
        """Apply a batch, all or none."""
        self._afterwards = []
        with self.workshop.store.write() as session:
            pairs = unapplied_outcomes(session, BATCH, without=stuck)
            hubs = {hub_id: self.workshop.context(session, hub_id) for hub_id in {d.hub_id for _, d in pairs}}
            for outcome, delivery in pairs:
                self._apply(hubs[delivery.hub_id], outcome, delivery)
        return len(pairs)

    def _apply_apart(self, stuck: Collection[str]) -> int:
        """Apply a batch, each message alone; what cannot be taken is put off, with what follows it."""
        self._afterwards, done = [], 0
        with self.workshop.store.write() as session:
            for outcome, delivery in unapplied_outcomes(session, BATCH, without=stuck):
                delivery_id = delivery.id
                if delivery_id in self._stuck:
                    continue
                try:
                    with session.begin_nested():
                        self._apply(self.workshop.context(session, delivery.hub_id), outcome, delivery)
                    done += 1
                except Exception as error:
                    self._stuck[delivery_id] = time.monotonic() + TRY_AGAIN
                    log.error("an outcome of delivery %s cannot be applied: %s", delivery_id, type(error).__name__)
        return done

    def _apply(self, context: Context, outcome: OutcomeRow, delivery: DeliveryRow) -> None:
        afterwards = self._apply_outcome(context, outcome, delivery)
        outcome.applied_at = self.workshop.now()
        if afterwards:
            self._afterwards.append((delivery.hub_id, afterwards))
