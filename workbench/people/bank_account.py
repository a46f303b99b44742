"""Bank accounts that money is paid to: check and mask."""

import re

from ..store.problems import Problem


def read_bank_account(text: str) -> str:
    """Check an account number and give its digits; raises Problem.

    Card numbers (16 to 19 digits beginning with 62) must pass the Luhn check (GB/T 15694);
    passbooks carry no common check digit and are only checked for length.
    """
    digits = re.sub(r"[\s\-]", "", text)
    if not re.fullmatch(r"\d{8,30}", digits, re.ASCII):
        zh = "账号只能是8至30位数字。请对照银行卡或存折重新输入。"
        raise Problem("bank_digits", zh, "An account has 8 to 30 digits. Enter it again from the card or passbook.",
                      field="account_no")  # fmt: skip
    if is_card_number(digits) and not passes_luhn(digits):
        zh = "卡号校验不通过,有一位输错或两位颠倒。请对照卡面逐位核对。"
        en = "The card number does not pass its check: a digit is wrong or two are swapped. Compare it with the card."
        raise Problem("bank_checksum", zh, en, field="account_no")
    return digits


def is_card_number(digits: str) -> bool:
    """Tell a card from a passbook by its shape."""
    return 16 <= len(digits) <= 19 and digits.startswith("62")


def passes_luhn(digits: str) -> bool:
    """Apply the Luhn check."""
    odd, even = digits[-1::-2], digits[-2::-2]
    return (sum(map(int, odd)) + sum(sum(divmod(2 * int(digit), 10)) for digit in even)) % 10 == 0


def mask(account: str) -> str:
    """Hide all but the last four digits."""
    return "*" * max(len(account) - 4, 0) + account[-4:] if len(account) > 4 else "*" * len(account)
