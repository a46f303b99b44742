"""An adapter whose every call misbehaves in one chosen way."""

import sys
import threading
from typing import Any

from ...api.adapter import Capability
from ...api.parcels import Batch, Health, Parcel, Receipt

#: What is never let go of by "leaks".
KEPT: list[bytes] = []


class Rogue:
    """Misbehaves when a parcel is handed over; looks healthy otherwise."""

    capabilities = frozenset({Capability.PUSH, Capability.COLLECT})

    def __init__(self, how: str) -> None:
        self.how = how

    def check(self) -> Health:
        return Health("up")

    def push(self, parcel: Parcel) -> Receipt:
        self._misbehave()
        return Receipt("accepted", "invented")  # without proof: nobody should believe it

    def collect(self, cursor: str) -> Batch:
        self._misbehave()
        return Batch(cursor=cursor)

    def _misbehave(self) -> None:
        if self.how == "raises":
            raise ZeroDivisionError
        if self.how == "exits":
            sys.exit(3)
        if self.how == "blocks":
            threading.Event().wait()
        if self.how == "leaks":
            KEPT.append(bytes(1 << 20))

    def find(self, key: str) -> Receipt | None:
        return None

    def lookup(self, question: Any) -> tuple[()]:
        return ()

    def tasks(self, cursor: str) -> tuple[()]:
        return ()

    def close(self) -> None:
        """Nothing to let go of."""
