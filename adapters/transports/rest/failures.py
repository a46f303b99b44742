"""From a status nobody expected to an error by recovery.

The one question that matters: can the platform have taken the message? Before
anything was sent it cannot; after that only the platform knows (`lost`).
"""

from collections.abc import Callable

from workbench.api import AdapterError, BrokenPromise, NeedsCredentials, TryLater

from .calls import Reply

#: Makes the error for an answer that was lost after the message went out.
Lost = Callable[[str], AdapterError]

#: The server says itself that it did not take the message.
NOT_TAKEN = frozenset({408, 425, 429, 503})


def refuse_status(reply: Reply, lost: Lost) -> AdapterError:
    """Translate a status the codec does not read itself."""
    status = reply.status
    if status in (401, 403, 407):
        return NeedsCredentials(f"sign-on not accepted (HTTP {status})")
    if status in NOT_TAKEN:
        return TryLater(f"busy or closed (HTTP {status})", after=wait_of(reply))
    if status >= 500:
        return lost(f"failed inside (HTTP {status})")
    return BrokenPromise(f"answered HTTP {status}, which its protocol does not know")


def wait_of(reply: Reply) -> float | None:
    """Read `Retry-After` in seconds; a date or nonsense counts as not said."""
    text = reply.headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdigit() else None
