"""Parcels to the national platform's form, its pages to receipts and outcomes. Pure.

The form has one block of fields for all sixteen matters (CL-001 to CL-016); what it has
no field for goes into the remarks. Our key travels in their field 来源编号, which their
query page finds; that makes a lost answer a question instead of a second entry.
"""

import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from adapters.code_map import CodeMap, of_ours, read_code_map
from adapters.transports.web_form.filling import Filling, fill_in
from adapters.transports.web_form.layout import read_layout
from adapters.transports.web_form.page import Page
from workbench.api.errors import BrokenPromise
from workbench.api.parcels import Outcome, Parcel, Receipt

HERE = Path(__file__).parent
CODES = HERE / "codes"
LAYOUT = read_layout(HERE / "layout.toml")
NUMBER = re.compile(r"CL\d{14}")
SHANGHAI = ZoneInfo("Asia/Shanghai")


def encode(parcel: Parcel) -> Filling:
    """Fill the form of the business that handles this item. Raises Refused for what the form cannot say."""
    action = read_code_map(CODES, "action").theirs(parcel.item_code, "item_code")
    return fill_in(parcel, LAYOUT, action, CODES)


def decode_receipt(reply: Page) -> Receipt:
    """Read the page that follows the confirmation."""
    return Receipt("accepted", _number(reply.text("lblSlbh")), _time(reply.text("lblSlsj")), reply.raw)


def decode_found(reply: Page, key: str) -> Receipt | None:
    """Read the answer of the query page; None only when it says that there is nothing."""
    rows = reply.rows()
    for row in rows:
        number, at = _number(row["受理编号"]), _time(row["受理时间"])
        if row["来源编号"] == key:
            return Receipt("accepted", number, at, reply.raw)
    if rows or reply.notice[0] != "I001":
        raise BrokenPromise("the query page neither shows the key nor says that there is no record")
    return None


def decode_outcomes(reply: Page) -> tuple[Outcome, ...]:
    """Read the list of changes; the serial number of a row is its message id."""
    return tuple(_outcome(row, reply.raw) for row in reply.rows())


def _outcome(row: dict[str, str], raw: bytes) -> Outcome:
    state = next((code for code, name in _states().names.items() if name == row["状态"]), "")
    if not state or not row["流水号"].isdigit():
        raise BrokenPromise("the list shows a state or a serial number that was never agreed")
    return Outcome(
        key=row["来源编号"],
        reference=_number(row["受理编号"]),
        status=of_ours(_states().by_theirs[state]),
        at=_time(row["变更时间"]),
        text=row["意见"],
        step=_steps().by_theirs.get(state, ""),
        raw_status=row["状态"],
        proof=raw,
        message_id=row["流水号"],
    )


def _states() -> CodeMap:
    return read_code_map(CODES, "state")


def _steps() -> CodeMap:
    """What a state of theirs says about the step that is open now; most say nothing."""
    return read_code_map(CODES, "step")


def _number(text: str) -> str:
    if not NUMBER.fullmatch(text):
        raise BrokenPromise("where their number belongs stands something else")
    return text


def _time(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI).astimezone(UTC)
    except ValueError as error:
        raise BrokenPromise("where a time belongs stands something else") from error
