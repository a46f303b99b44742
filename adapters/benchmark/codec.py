"""Translation for the pretend departments of the benchmark: the smallest message that still carries the whole form."""

from datetime import UTC, datetime
from typing import Literal

from adapters.transports.rest import Call, Reply, json_call
from workbench.api import Outcome, Parcel, Receipt, TryLater


def encode(parcel: Parcel) -> Call:
    """Put a parcel into one JSON object."""
    content = {"key": parcel.key, "case_no": parcel.case_no, "operation": parcel.operation, "form": parcel.values}
    return json_call("/parcels", content, accepts=frozenset({200, 503}))


def decode_receipt(reply: Reply) -> Receipt:
    """Read the department's number."""
    if reply.status == 503:
        raise TryLater("busy")
    content = reply.json()
    state: Literal["duplicate", "accepted"] = "duplicate" if content["duplicate"] else "accepted"
    return Receipt(state, content["reference"], datetime.now(UTC), reply.body)


def ask_health() -> Call:
    """Ask for a sign of life."""
    return Call("GET", "/health", accepts=frozenset({200, 503}))


def decode_health(reply: Reply) -> str:
    """Read it."""
    if reply.status == 503:
        raise TryLater("down")
    return ""


def decode_outcomes(reply: Reply) -> tuple[Outcome, ...]:
    """These departments decide nothing."""
    return ()
