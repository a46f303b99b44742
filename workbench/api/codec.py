"""The protocol of a codec: pure translation both ways, no input or output, tested on recorded samples."""

from typing import Any, Protocol

from .parcels import Outcome, Parcel, Receipt


class Codec(Protocol):
    """A module with these functions; what a message is depends on the transport (dict, bytes, row)."""

    def encode(self, parcel: Parcel) -> Any:
        """Translate a parcel to the department's message. Raises Refused for what it cannot say."""

    def decode_receipt(self, reply: Any) -> Receipt:
        """Read the answer to a push; raises the error by recovery that the answer means."""

    def decode_outcomes(self, reply: Any) -> tuple[Outcome, ...]:
        """Read what collect brought."""
