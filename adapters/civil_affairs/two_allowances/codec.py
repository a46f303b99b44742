"""What the two-allowances system cannot do without; its sheet is laid out by platform.toml.

There is no message: a person types. So this codec only says what must be on the sheet.
"""

from collections.abc import Mapping

COMMON = frozenset(
    {"name", "id_no", "sex", "hukou_address", "phone", "disability_card_no", "payee", "bank_code", "account_no"}
)

#: Item code -> our keys without which the screen cannot be completed.
REQUIRED: Mapping[str, frozenset[str]] = {
    "MZ-010": COMMON | {"item_code", "dibao_no"},
    "MZ-011": COMMON | {"item_code"},
}
