"""Blind indexes of ID numbers and phones: how equal ones are found without being read."""

import re

from ..store.crypto import KeyRing
from .id_number import tidy

#: Documents whose numbers are unique only among their own kind (GA/T 2000.156).
OTHER_TYPES = ("114", "115", "414", "511", "516", "554", "990")
ID_NO, PHONE = "person.id_no", "person.phone"
_PERSONAL = re.compile(r"[1-9]\d{16}[\dX]", re.ASCII)


def id_key(keys: KeyRing, id_type: str, number: str) -> bytes:
    """Index an ID number: one of 18 characters means one person on whatever paper it stands."""
    return keys.blind(ID_NO, _meant(id_type, number))


def id_keys(keys: KeyRing, id_type: str, number: str) -> list[bytes]:
    """Give the indexes an ID number may stand under while keys are changed."""
    return keys.blinds(ID_NO, _meant(id_type, number))


def possible_id_keys(keys: KeyRing, text: str) -> list[bytes]:
    """Give the indexes a typed number can have when its type is not known."""
    return [
        key for meant in dict.fromkeys(_meant(one, text) for one in OTHER_TYPES) for key in keys.blinds(ID_NO, meant)
    ]


def phone_key(keys: KeyRing, phone: str) -> bytes:
    """Index a phone number as `read_phone` gives it."""
    return keys.blind(PHONE, phone)


def phone_keys(keys: KeyRing, phone: str) -> list[bytes]:
    """Give the indexes a phone number may stand under while keys are changed."""
    return keys.blinds(PHONE, phone)


def is_personal(number: str) -> bool:
    """Tell whether a number is written as a citizen's, whatever the type it came under."""
    return _PERSONAL.fullmatch(tidy(number)) is not None


def _meant(id_type: str, number: str) -> str:
    number = tidy(number)
    return number if _PERSONAL.fullmatch(number) else f"{id_type}:{number}"
