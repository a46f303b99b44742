"""Phone numbers of residents: check and mask."""

import re

from ..store.problems import Problem

MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
LANDLINE = re.compile(r"0\d{9,11}", re.ASCII)


def read_phone(text: str) -> str:
    """Check a mobile number, or a landline with its area code, and give its digits; raises Problem."""
    digits = re.sub(r"[\s\-()()‐–—]", "", text).removeprefix("+86")
    if MOBILE.fullmatch(digits) or LANDLINE.fullmatch(digits):
        return digits
    zh = "电话号码不对:手机号是11位、以13至19开头,座机请带区号。请与本人核对后重新输入。"
    en = (
        "This is no phone number: a mobile has 11 digits and begins with 13 to 19, a landline needs its area code. "
        "Ask the resident and enter it again."
    )
    raise Problem("phone", zh, en, field="phone")


def mask(phone: str) -> str:
    """Hide the middle: the first three and the last four digits stay."""
    return phone[:3] + "*" * (len(phone) - 7) + phone[-4:] if len(phone) >= 10 else "*" * len(phone)
