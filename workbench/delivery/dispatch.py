"""Sends one claimed delivery and says what came of it; touches no database and never raises.

Done, failed or unknown: a receipt is only believed with the department's proof, and after a lost
answer the platform is asked (`find`) before anything is sent again. Where it cannot be asked and sending
twice may do harm, a person decides.
"""

from dataclasses import dataclass, replace
from typing import Literal

from ..api.adapter import Adapter, Capability
from ..api.errors import (
    AdapterError,
    BrokenPromise,
    NeedsCredentials,
    NeedsSettings,
    OutcomeUnknown,
    Refused,
    TryLater,
)
from ..api.manifest import PlatformManifest
from ..api.parcels import Parcel, Receipt
from .lease import Claimed

#: What a call says about its platform: it works; it is sick; it does not let us in; nothing.
Verdict = Literal["well", "sick", "locked", "nothing"]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of sending one delivery, ready to be written."""

    delivery_id: str
    platform_id: str
    fence: int
    state: str
    verdict: Verdict
    reason: str = ""
    text: str = ""
    reference: str = ""
    proof: bytes = b""
    code: str = ""
    field: str = ""
    after: float | None = None
    in_doubt: bool = False


def send(adapter: Adapter, platform: PlatformManifest, claimed: Claimed) -> Result:
    """Hand one parcel over, asking first when an earlier answer was lost."""
    if claimed.parcel is None:
        return failed(claimed, BrokenPromise(claimed.problem), platform, verdict="nothing")
    if claimed.lacks:
        return failed(claimed, NeedsCredentials(claimed.lacks), platform, verdict="nothing")
    try:
        return received(claimed, _ask_or_push(adapter, platform, claimed.parcel, in_doubt=claimed.in_doubt))
    except NeedsCredentials as error:
        # An account that only this hub or worker uses says nothing about the platform.
        mine = claimed.parcel.sign_on is not None
        return failed(claimed, error, platform, verdict="nothing" if mine else None)
    except AdapterError as error:
        return failed(claimed, error, platform)
    except (Exception, SystemExit) as error:  # an adapter must never end the worker process
        # Its text may hold personal data; the name of its class does not.
        return failed(claimed, BrokenPromise(f"unexpected {type(error).__name__}"), platform)


def _ask_or_push(adapter: Adapter, platform: PlatformManifest, parcel: Parcel, *, in_doubt: bool) -> Receipt:
    if not in_doubt or platform.way == "rekey":  # re-keying sends nothing by itself
        return adapter.push(parcel)
    if Capability.FIND in adapter.capabilities:
        return adapter.find(parcel.key) or adapter.push(parcel)
    if platform.repeat in ("person-decides", "find"):
        raise OutcomeUnknown("the answer was lost and the platform cannot be asked")
    return adapter.push(parcel)


def received(claimed: Claimed, receipt: Receipt) -> Result:
    """Judge a receipt; one that says "accepted" without proof is a broken promise."""
    about = (claimed.delivery_id, claimed.platform_id, claimed.fence)
    if receipt.state == "handed-over":
        return Result(*about, "needs-people", "well", "rekey", proof=receipt.proof)
    if receipt.state == "queued":
        return Result(*about, "sent", "well", reference=receipt.reference, proof=receipt.proof)
    if not receipt.proof:
        raise BrokenPromise("a receipt came without the department's answer")
    return Result(*about, "accepted", "well", reference=receipt.reference, proof=receipt.proof)


def failed(
    claimed: Claimed, error: AdapterError, platform: PlatformManifest, *, verdict: Verdict | None = None
) -> Result:
    """Judge an error by how one recovers from it."""
    about = (claimed.delivery_id, claimed.platform_id, claimed.fence)
    match error:
        case TryLater():
            # Where an answer can be lost, the adapter says TryLater too: ask before sending again.
            doubt = claimed.in_doubt or platform.repeat != "person-decides"
            after = max(error.after or 0.0, settles(platform)) or None
            return Result(*about, "waiting", "sick", "try-later", error.text, after=after, in_doubt=doubt)
        case NeedsCredentials():
            locked = verdict or "locked"
            return Result(*about, "needs-people", locked, "credentials", error.text, in_doubt=claimed.in_doubt)
        case NeedsSettings():
            return Result(*about, "needs-people", "locked", "settings", error.text, in_doubt=claimed.in_doubt)
        case Refused():
            return Result(*about, "refused", "well", "refused", error.text, code=error.code, field=error.field or "")
        case OutcomeUnknown():
            return Result(*about, "needs-people", "nothing", "outcome-unknown", error.text, in_doubt=True)
        case _:
            return Result(*about, "needs-people", verdict or "sick", "broken-promise", error.text, in_doubt=True)


def settles(platform: PlatformManifest) -> float:
    """Give the seconds to wait after a lost answer, so that asking tells for good whether the parcel was taken."""
    limits = platform.limits
    return max(limits.settles_seconds, limits.timeout_seconds) if platform.repeat == "find" else 0.0


def adapter_missing(claimed: Claimed, why: str) -> Result:
    """Set a delivery aside until its platform's adapter is back."""
    about = (claimed.delivery_id, claimed.platform_id, claimed.fence)
    return Result(*about, "parked", "nothing", "adapter-missing", why, in_doubt=claimed.in_doubt)


def unwritable(result: Result) -> Result:
    """Replace a result the database cannot hold; the answer itself is kept, a person looks at it."""
    text = "the answer holds what cannot be stored"
    return replace(
        result,
        state="needs-people",
        verdict="sick",
        reason="broken-promise",
        text=text,
        reference="",
        code="",
        field="",
        in_doubt=True,
    )
