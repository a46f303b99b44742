"""Ids that sort by time and tell nothing: ULIDs, made anywhere without asking the database."""

import secrets
import time
from datetime import timedelta
from threading import Lock

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SIZE = 26
#: Ten bits at a time.
_PAIRS = [first + second for first in ALPHABET for second in ALPHABET]
_SHIFTS = range(120, -1, -10)

_lock = Lock()
_last = 0


def new_id() -> str:
    """Make a ULID: 26 characters, 48 bits of milliseconds and 80 random bits.

    Ids of one process rise in the order they were made, also within one millisecond.
    """
    global _last
    number = (int(time.time() * 1000) << 80) | secrets.randbits(80)
    with _lock:
        _last = number = max(number, _last + 1 + secrets.randbits(40))
    return _write(number)


def first_id(ago: timedelta) -> str:
    """Give the id before all that were made since so long ago: ids are compared with it to find recent rows."""
    return _write(max(int((time.time() - ago.total_seconds()) * 1000), 0) << 80)


def is_id(text: str) -> bool:
    """Tell whether a text is written as an id."""
    return len(text) == SIZE and set(text) <= set(ALPHABET)


def _write(number: int) -> str:
    return "".join([_PAIRS[(number >> shift) & 1023] for shift in _SHIFTS])
