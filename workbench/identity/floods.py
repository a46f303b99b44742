"""One count of what must not be done too often: by name, by number, by address, in windows of fifteen minutes.

Counts lie in the database, so that several processes count together; whom they are about is marked, not written.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from ..store.crypto import KeyRing
from ..store.first import ensure_row
from ..store.problems import Problem
from ..store.rows import prepare, run
from .models import AttemptRow

WINDOW = timedelta(minutes=15)
COUNTED = prepare(
    select(col(AttemptRow.bucket), col(AttemptRow.failures), col(AttemptRow.window_from)).where(
        col(AttemptRow.bucket).in_(bindparam("buckets", expanding=True))
    )
)


@dataclass(frozen=True)
class Limit:
    """How often something may be done in one window: kind of what is counted by -> times."""

    name: str
    most: Mapping[str, int]


#: Failures to sign on; one address may be a whole hub.
SIGN_IN = Limit("sign_in", {"name": 8, "address": 60})
#: Challenges given to passkeys: each writes a row, whoever asks.
PASSKEY = Limit("passkey", {"address": 120})
#: Wrong tries on the page that shows residents where a matter stands.
PROGRESS = Limit("progress", {"number": 5, "address": 30})
#: Numbers of a hall that one kiosk draws, and ratings sent from one address, which may be a whole hub.
HALL, RATING = Limit("hall", {"address": 120}), Limit("rating", {"address": 60})


def minutes_to_wait(session: Session, keys: KeyRing, limit: Limit, now: datetime, **texts: str) -> int:
    """Tell for how many minutes this must not be done again; 0 when it may be done now."""
    longest = 0
    kinds = {_bucket(keys, limit, kind, text): kind for kind, text in texts.items()}
    for row in run(session, COUNTED, buckets=list(kinds)):
        if row.failures >= limit.most[kinds[row.bucket]] and now - row.window_from < WINDOW:
            longest = max(longest, int((WINDOW - (now - row.window_from)).total_seconds() // 60) + 1)
    return longest


def refuse(session: Session, keys: KeyRing, limit: Limit, now: datetime, **texts: str) -> None:
    """Raise Problem when this must not be done again now; else count that it is."""
    if wait := minutes_to_wait(session, keys, limit, now, **texts):
        zh = f"操作次数过多，请 {wait} 分钟后再试，或者到站点询问。"
        raise Problem("too_many_attempts", zh, f"Too many tries. Try again in {wait} minutes, or ask at the hub.")
    count(session, keys, limit, now, **texts)


def count(session: Session, keys: KeyRing, limit: Limit, now: datetime, **texts: str) -> None:
    """Count that it was done once more."""
    for kind, text in texts.items():
        row = ensure_row(session, AttemptRow(bucket=_bucket(keys, limit, kind, text), failures=0, window_from=now))
        is_over = now - row.window_from >= WINDOW
        row.failures, row.window_from = (1, now) if is_over else (row.failures + 1, row.window_from)


def _bucket(keys: KeyRing, limit: Limit, kind: str, text: str) -> bytes:
    return keys.mark(f"{limit.name}.{kind}", text)
