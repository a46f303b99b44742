"""What a codec for file drops offers beyond `workbench.api.codec.Codec`."""

from collections.abc import Mapping
from typing import Protocol

from workbench.api import Outcome, Parcel


class FileCodec(Protocol):
    """A module with these names."""

    #: Our field key of each column that carries a field; columns are named by their headings.
    FIELDS: Mapping[str, str]
    #: The column that says what was replaced for want of characters.
    NOTE: str

    def file_name(self, key: str) -> str:
        """Name the upload of a parcel; the same key always gives the same name."""

    def reply_names(self, key: str) -> tuple[str, ...]:
        """Name the replies to a parcel, earliest first."""

    def is_reply(self, name: str) -> bool:
        """Tell whether a file of the reply folder is a reply to us."""

    def encode(self, parcel: Parcel) -> dict[str, str]:
        """Translate a parcel to one row by heading, in the order of the columns."""

    def decode_outcomes(self, reply: tuple[str, bytes]) -> tuple[Outcome, ...]:
        """Read one reply file, given as name and content. Raises BrokenPromise."""
