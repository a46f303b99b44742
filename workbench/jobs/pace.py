"""How many parcels may go to a platform now: its limit per minute, and a gentle start after it was down."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..api.manifest import Limits

#: How long a platform that came back is spared, and how many parcels a second it gets per call in flight.
GENTLE_FOR = timedelta(seconds=60)
GENTLE_RATE = 10


@dataclass
class Pace:
    """Counts what one process sends to one platform; several processes share the limit evenly."""

    limits: Limits
    _credit: float = 0.0
    _at: float = 0.0

    def allow(self, wanted: int, *, recovered_at: datetime | None, now: datetime, processes: int) -> int:
        """Say how many of `wanted` parcels may go now; those count as sent."""
        terms = self._terms(recovered_at, now)
        if terms is None:
            return wanted
        rate, most = (value / max(processes, 1) for value in terms)
        moment = time.monotonic()
        most = max(most, 1.0)
        self._credit = min(self._credit + (moment - self._at) * rate, most) if self._at else most
        self._at = moment
        allowed = min(wanted, int(self._credit))
        self._credit -= allowed
        return allowed

    def give_back(self, count: int) -> None:
        """Take back what was allowed and not used."""
        self._credit += count

    def _terms(self, recovered_at: datetime | None, now: datetime) -> tuple[float, float] | None:
        """Give the rate per second and the most at once; together never over the limit in any minute."""
        terms = []
        if limit := self.limits.per_minute:
            terms.append((limit * 0.75 / 60, limit / 4))
        if recovered_at is not None and now - recovered_at < GENTLE_FOR:
            gentle = float(self.limits.in_flight * GENTLE_RATE)
            terms.append((gentle, gentle))
        return min(terms, default=None)
