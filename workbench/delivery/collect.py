"""Fetches what a department says and stores it; the cursor moves in the same commit as the messages.

Fetching goes over the wire and holds no transaction; storing the same batch twice changes nothing.
"""

from datetime import datetime

from sqlmodel import Session

from ..api.adapter import Adapter, Capability
from ..api.errors import AdapterError, BrokenPromise
from ..api.parcels import Batch
from .health import ensure_platform
from .outcomes import keep, match_quarantined


def fetch(adapter: Adapter, cursor: str) -> Batch | AdapterError:
    """Ask a platform once; what goes wrong is returned, not raised."""
    if Capability.COLLECT not in adapter.capabilities:
        return Batch(cursor=cursor)
    try:
        return adapter.collect(cursor)
    except AdapterError as error:
        return error
    except (Exception, SystemExit) as error:
        # Its text may hold personal data; the name of its class does not.
        return BrokenPromise(f"unexpected {type(error).__name__}")


def store(session: Session, platform_id: str, cursor: str, batch: Batch, now: datetime) -> int:
    """Keep a batch that was asked for with `cursor`; returns how many messages were new."""
    fresh = keep(session, platform_id, batch.outcomes, now)
    match_quarantined(session, platform_id, now)
    row = ensure_platform(session, platform_id)  # last, as everywhere: deliveries are locked before platforms
    if row.cursor == cursor:  # else another process was faster: its cursor stands
        row.cursor = batch.cursor
    row.collected_at, row.collect_detail = now, ""
    return fresh


def note_failure(session: Session, platform_id: str, error: AdapterError, now: datetime) -> None:
    """Write down why collecting failed; sending is judged by itself and goes on."""
    row = ensure_platform(session, platform_id)
    row.collected_at, row.collect_detail = now, error.text[:500]
