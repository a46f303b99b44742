"""What the fuel-subsidy system cannot do without; its sheet is laid out by platform.toml.

There is no message: a person types. So this codec only says what must be on the sheet.
"""

from collections.abc import Mapping

#: Item code -> our keys without which the screen cannot be completed.
REQUIRED: Mapping[str, frozenset[str]] = {
    "CL-009": frozenset(
        {
            "disability_card_no",
            "name",
            "id_type",
            "id_no",
            "category",
            "level",
            "phone",
            "vehicle_model",
            "bank_code",
            "account_no",
            "payee",
        }
    )
}
