"""Tells the cases what departments said, each message once: what they make of it and the mark that
they know it are one commit. A message they cannot take is tried again later, later ones about the same
parcel wait for it, and nothing else does.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection, Sequence

from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from ..delivery.models import DeliveryRow, OutcomeRow
from ..delivery.outcomes import unapplied_outcomes
from ..store.collisions import has_collided
from ..store.context import Context
from .workshop import Workshop, log

#: One message with the parcel it is about.
Told = tuple[OutcomeRow, DeliveryRow]
#: What is to be written once something was told.
Writes = Callable[[Context], None]
#: Reads and tells, holding nothing; what it gives is written in a transaction of its own.
Afterwards = Callable[[Context], Writes | None]
#: Given by composition: writes into the cases what departments said about parcels of one hub, all of it or
#: none, and may give for each what is to be done once that is committed.
ApplyOutcomes = Callable[[Context, Sequence[Told]], Sequence[Afterwards | None]]

LOOK, BATCH, TRY_AGAIN = 0.25, 50, 60.0


class Applier:
    """Hands outcomes to the cases."""

    def __init__(self, workshop: Workshop, apply_outcomes: ApplyOutcomes) -> None:
        self.workshop = workshop
        self._apply_outcomes = apply_outcomes
        #: Parcels whose next message could not be taken, and when to try it again.
        self._stuck: dict[str, float] = {}
        self._afterwards: list[tuple[str, Afterwards]] = []

    def run(self, stop: threading.Event) -> None:
        """Work until stopped."""
        while not stop.is_set():
            try:
                done = self.turn()
            except Exception as error:  # somebody at one of these cases: taken on the next turn
                level = logging.INFO if has_collided(error) else logging.ERROR
                log.log(level, "applying outcomes: %s", type(error).__name__)
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
            self._do(hub_id, afterwards)
        return done

    def _do(self, hub_id: str, afterwards: Afterwards) -> None:
        """Do what follows one message; when that fails, the others are done all the same."""
        workshop = self.workshop
        try:
            with workshop.store.read() as session:
                writes = afterwards(workshop.context(session, hub_id))
            if writes is not None:
                with workshop.store.write() as session:
                    writes(workshop.context(session, hub_id))
        except Exception as error:
            log.error("after an outcome at %s: %s", hub_id, type(error).__name__)

    def _still_stuck(self) -> list[str]:
        moment = time.monotonic()
        self._stuck = {key: until for key, until in self._stuck.items() if until > moment}
        return list(self._stuck)

    def _apply_together(self, stuck: Collection[str]) -> int:
        """Apply a batch, all or none."""
        self._afterwards = []
        with self.workshop.store.write() as session:
            pairs = unapplied_outcomes(session, BATCH, without=stuck)
            by_hub: dict[str, list[Told]] = {}
            for pair in pairs:
                by_hub.setdefault(pair[1].hub_id, []).append(pair)
            for told in by_hub.values():
                self._apply(session, told)
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
                        self._apply(session, [(outcome, delivery)])
                    done += 1
                except Exception as error:
                    self._stuck[delivery_id] = time.monotonic() + TRY_AGAIN
                    log.error("an outcome of delivery %s cannot be applied: %s", delivery_id, type(error).__name__)
        return done

    def _apply(self, session: Session, told: Sequence[Told]) -> None:
        hub_id, now = told[0][1].hub_id, self.workshop.now()
        found = self._apply_outcomes(self.workshop.context(session, hub_id), told)
        for outcome, _ in told:
            outcome.applied_at = now
        self._afterwards += [(hub_id, afterwards) for afterwards in found if afterwards]
