"""What a codec for exchange tables offers beyond `workbench.api.codec.Codec`."""

from collections.abc import Mapping
from typing import Any, Protocol

from workbench.api import Outcome, Parcel


class RowCodec(Protocol):
    """A module with these names."""

    #: Every column that `encode` fills, with our key of the field it carries or "".
    FIELDS: Mapping[str, str]

    def encode(self, parcel: Parcel) -> dict[str, str]:
        """Translate a parcel to the columns of a report that say what is wanted, by column name."""

    def answered_version(self, row: Mapping[str, Any]) -> int | None:
        """Tell which version of our report a row of theirs answers; None where it does not say."""

    def decode_outcomes(self, row: Mapping[str, Any]) -> tuple[Outcome, ...]:
        """Read one row of theirs. Raises BrokenPromise for one that is incomplete or not understood."""
