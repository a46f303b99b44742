"""Blind indexes of ID numbers and phones: how equal ones are found without being read."""

import re

from ..store.crypto import KeyRing
from .id_number import tidy

#: Documents whose numbers are unique only among their own kind (GA/T 2000.156).
OTHER_TYPES = ("114", "115", "414", "511", "516", "554", "990")
_PERSONAL = re.compile(r"[1-9]\d{16}[\dX]", re.ASCII)


def id_key(keys: KeyRing, id_type: str, number: str) -> bytes:
    """Index an ID number: one of 18 characters means one person on whatever paper it stands."""
    number = tidy(number)
    return keys.blind("person.id_no", number if _PERSONAL.fullmatch(number) else f"{id_type}:{number}")


def possible_id_keys(keys: KeyRing, text: str) -> list[bytes]:
    """Give the indexes a typed number can have when its type is not known."""
    return list(dict.fromkeys(id_key(keys, id_type, text) for id_type in OTHER_TYPES))


def phone_key(keys: KeyRing, phone: str) -> bytes:
    """Index a phone number as `read_phone` gives it."""
    return keys.blind("person.phone", phone)
