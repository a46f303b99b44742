"""Citizen identity numbers (GB 11643): check, read, mask, group.

Also accepted: residence permits of people from Hong Kong, Macao and Taiwan (81, 82, 83), foreign
permanent residents (9), and numbers of divisions that were abolished since: the first six digits
say where a number was given out, so they are never compared with today's list.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ..store.clock import Clock
from ..store.problems import Problem

Kind = Literal["citizen", "residence_permit", "permanent_resident"]
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK = "10X98765432"
OLDEST = 130  # years; nobody older is alive
#: code -> what is wrong and what to do next.
PROBLEMS = {
    "id_empty": ("请输入证件号码;没有证件的,请选“无证件号码”并写明原因。",
                 "Enter the ID number; if there is none, choose “no ID number” and say why."),
    "id_length": ("居民身份证号码应为18位。请对照证件逐位核对后重新输入。",
                  "An identity number has 18 characters. Compare with the card and enter it again."),
    "id_characters": ("前17位只能是数字,末位是数字或X。请对照证件重新输入。",
                      "The first 17 characters are digits, the last a digit or X. Enter it again from the card."),
    "id_old": ("这是15位旧号码,只作历史号码保存。请按身份证或户口簿上的18位号码登记。",
               "This is an old number of 15 digits, kept as history only. "
               "Enter the 18-character number of the card or hukou book."),
    "id_birth_date": ("第7至14位不是有效的出生日期。请对照证件重新输入。",
                      "Characters 7 to 14 are not a date of birth. Enter the number again from the card."),
    "id_future": ("第7至14位的出生日期在今天之后。请对照证件重新输入。",
                  "The date of birth in characters 7 to 14 lies after today. Enter the number again from the card."),
    "id_checksum": ("校验位不对,有一位输错或两位颠倒。请对照证件逐位核对。",
                    "The check character does not fit: a digit is wrong or two are swapped. "
                    "Compare every digit with the card."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class IdNumber:
    """A number that passed every check, and what it says."""

    number: str
    birth_date: date
    sex: str  # GB/T 2261.1
    kind: Kind


def problem(code: str) -> Problem:
    """Make the Problem of one of PROBLEMS."""
    zh, en = PROBLEMS[code]
    return Problem(code, zh, en, field="id_no")


def tidy(text: str) -> str:
    """Give a number without spaces and hyphens, letters upright and upper-case."""
    wide = str.maketrans("０１２３４５６７８９Ｘｘ", "0123456789XX")
    return re.sub(r"[\s\-‐–—]", "", text.translate(wide)).upper()


def check_character(first17: str) -> str:
    """Work out the 18th character (ISO 7064 MOD 11-2)."""
    return CHECK[sum(int(digit) * weight for digit, weight in zip(first17, WEIGHTS, strict=True)) % 11]


def read_id_number(text: str, today: date | None = None) -> IdNumber:
    """Check a number and read birth date and sex from it; raises Problem with a code of PROBLEMS."""
    number = tidy(text)
    _check_shape(number)
    birth_date = _birth_date(number[6:14], today or Clock().today())
    if check_character(number[:17]) != number[17]:
        raise problem("id_checksum")
    return IdNumber(number, birth_date, "1" if int(number[16]) % 2 else "2", _kind(number))


def modern_form(old: str) -> str:
    """Give the 18-character form of a number of 15 digits; raises Problem when it is not one.

    Sequences 996 to 999 were given to people born before 1900 (GB 11643).
    """
    number = tidy(old)
    if not re.fullmatch(r"[1-9]\d{14}", number, re.ASCII):
        raise problem("id_characters")
    century = "18" if number[12:] >= "996" else "19"
    first17 = number[:6] + century + number[6:]
    return read_id_number(first17 + check_character(first17)).number


def mask(number: str) -> str:
    """Hide the middle: the first three and last four stay, so that a card can be compared.

    Birth date and county are hidden; a short number keeps its first and its last character only.
    """
    if len(number) >= 12:
        return number[:3] + "*" * (len(number) - 7) + number[-4:]
    if len(number) >= 4:
        return number[0] + "*" * (len(number) - 2) + number[-1]
    return "*" * len(number)


def group(number: str) -> str:
    """Write 18 characters 6-8-4 as people read them; others stay as they are."""
    return f"{number[:6]} {number[6:14]} {number[14:]}" if len(number) == 18 else number


def _check_shape(number: str) -> None:
    if not number:
        raise problem("id_empty")
    if re.fullmatch(r"[1-9]\d{14}", number, re.ASCII):
        raise problem("id_old")
    if len(number) != 18:
        raise problem("id_length")
    if not re.fullmatch(r"[1-9]\d{16}[\dX]", number, re.ASCII):
        raise problem("id_characters")


def _birth_date(digits: str, today: date) -> date:
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise problem("id_birth_date") from None
    if day > today:
        raise problem("id_future")
    if day.year < today.year - OLDEST:
        raise problem("id_birth_date")
    return day


def _kind(number: str) -> Kind:
    if number[:6] in {"810000", "820000", "830000"}:
        return "residence_permit"
    # 9, province, nationality; the demonstration divisions 99.... belong to no province.
    return "permanent_resident" if number[0] == "9" and number[1] != "9" else "citizen"
