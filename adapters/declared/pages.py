"""A declared site of web pages: `layout.toml` says what its pages look like, `codes/action.csv` which matter is which.

Our key travels in a field of theirs that their query page finds; that makes a lost answer a question instead of a
second entry.
"""

import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from adapters.code_map import of_ours, read_code_map
from adapters.transports.web_form.filling import Filling, fill_in
from adapters.transports.web_form.layout import Answers, read_layout
from adapters.transports.web_form.page import Page
from workbench.api.errors import BrokenPromise
from workbench.api.manifest import PlatformManifest
from workbench.api.parcels import Outcome, Parcel, Receipt

SHANGHAI = ZoneInfo("Asia/Shanghai")


class PagesCodec:
    """The codec of one declared site."""

    def __init__(self, platform: PlatformManifest, folder: Path) -> None:
        self.LAYOUT, self.codes = read_layout(folder / "layout.toml"), folder / "codes"
        if self.LAYOUT.answers is None:
            raise ValueError(f"{platform.id}: layout.toml lacks [answers], which says where number and time stand")
        self.answers: Answers = self.LAYOUT.answers

    def encode(self, parcel: Parcel) -> Filling:
        """Fill the form of the business that handles this item. Raises Refused for what the form cannot say."""
        action = read_code_map(self.codes, "action").theirs(parcel.item_code, "item_code")
        return fill_in(parcel, self.LAYOUT, action, self.codes)

    def decode_receipt(self, reply: Page) -> Receipt:
        """Read the page that follows the confirmation."""
        number, at = reply.text(self.answers.number), reply.text(self.answers.time)
        return Receipt("accepted", self._number(number), self._time(at), reply.raw)

    def decode_found(self, reply: Page, key: str) -> Receipt | None:
        """Read the answer of the query page; None only when it says that there is nothing."""
        rows, said = reply.rows(), self.answers
        for row in rows:
            number, at = self._number(row[said.reference]), self._time(row[said.at])
            if row[said.key] == key:
                return Receipt("accepted", number, at, reply.raw)
        if rows or reply.notice[0] != said.nothing:
            raise BrokenPromise("the query page neither shows the key nor says that there is no record")
        return None

    def decode_outcomes(self, reply: Page) -> tuple[Outcome, ...]:
        """Read the list of changes; the serial number of a row is its message id."""
        return tuple(self._outcome(row, reply.raw) for row in reply.rows())

    def _outcome(self, row: dict[str, str], raw: bytes) -> Outcome:
        states, said = read_code_map(self.codes, "status"), self.answers
        state = next((code for code, name in states.names.items() if name == row[said.state]), "")
        if not state or not row[said.serial].isdigit():
            raise BrokenPromise("the list shows a state or a serial number that was never agreed")
        return Outcome(
            key=row[said.key],
            reference=self._number(row[said.reference]),
            status=of_ours(states.by_theirs[state]),
            at=self._time(row[said.changed]),
            text=row[said.text],
            raw_status=row[said.state],
            proof=raw,
            message_id=row[said.serial],
        )

    def _number(self, text: str) -> str:
        if not re.fullmatch(self.answers.number_shape, text):
            raise BrokenPromise("where their number belongs stands something else")
        return text

    def _time(self, text: str) -> datetime:
        try:
            return datetime.strptime(text, self.answers.times).replace(tzinfo=SHANGHAI).astimezone(UTC)
        except ValueError as error:
            raise BrokenPromise("where a time belongs stands something else") from error
