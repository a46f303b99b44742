"""The keys an address is found by: its parts, and every run of parts that follow each other; only marks are kept.

What a province, city, district or street adds says nothing inside a hub and is left out. "12号3幢502室", "12-3-502"
and "12号 3栋 502" are the same run of numbers.
"""

import re
import unicodedata
from collections.abc import Iterable

from sqlmodel import col, delete, insert

from ..store.context import Context
from ..store.crypto import KeyRing
from .household_models import AddressKeyRow
from .models import HouseholdRow

#: Everything up to here is the same for a whole hub.
AREA = re.compile(r"^.*?(?:街道|(?<!小)镇|(?<=.)乡)(?=.{2})")
PART = re.compile(r"[0-9]+[a-z]?|[^\W\d_]+")
#: Where one name of an address ends and the next begins.
NAME = re.compile(r".+?(?:居委会|村委会|社区|小区|花园|公寓|家园|新村|大道|胡同|大街|[路街巷里苑村镇坊](?=.{2})|$)")
#: Words that only say what a number counts.
UNITS = frozenset({"号", "室", "幢", "栋", "座", "单元", "楼", "层", "弄", "支弄", "户", "号楼", "号院", "组", "队"})
_UNITS = sorted(UNITS, key=len, reverse=True)
LONGEST_NAME, MOST_PARTS = 12, 8
_SPOKEN = re.compile(r"([一二三四五六七八九]?)(十?)([一二三四五六七八九]?)(?=号|室|幢|栋|座|单元|楼|层|弄|组)")
_DIGITS = "零一二三四五六七八九"


def address_parts(address: str) -> list[str]:
    """Cut an address into names and numbers, without the area around the hub and the words for numbers."""
    plain = "".join(unicodedata.normalize("NFKC", address).split(" ")).casefold()
    plain = _SPOKEN.sub(_spoken, AREA.sub("", plain))
    parts: list[str] = []
    for part in PART.findall(plain):
        after_number = bool(parts) and parts[-1][0].isdigit()
        parts += [part] if part[0].isdigit() else _names(_without_unit(part) if after_number else part)
    return [part[:LONGEST_NAME] for part in parts if part not in UNITS][:MOST_PARTS]


def _names(part: str) -> list[str]:
    return [name for name in NAME.findall(part) if name]


def _without_unit(part: str) -> str:
    """号院南区 after a number is 南区."""
    return next((part.removeprefix(unit) for unit in _UNITS if part.startswith(unit)), part)


def _spoken(found: re.Match[str]) -> str:
    """十二号 is 12号; where nothing is said, nothing changes."""
    tens, ten, ones = found.groups()
    if not ten:
        return f"{tens and _DIGITS.index(tens)}{ones and _DIGITS.index(ones)}"
    return str((_DIGITS.index(tens) if tens else 1) * 10 + (_DIGITS.index(ones) if ones else 0))


def address_keys(address: str) -> frozenset[str]:
    """Give everything an address is found by, before it is marked."""
    parts = address_parts(address)
    keys = {
        "|".join(parts[start:end])
        for start in range(len(parts))
        for end in range(start + 1, len(parts) + 1)
        if end - start > 1 or not parts[start][0].isdigit()
    }
    for name in parts:
        keys.update(name[start:] for start in range(len(name) - 1) if not name[0].isdigit())
        keys.update(name[:end] for end in range(2, len(name)) if not name[0].isdigit())
    return frozenset(keys)


def query_keys(text: str) -> list[str]:
    """Give the keys of what somebody typed: one for each word, a word being a run of parts; the surest first."""
    runs = ["|".join(address_parts(word)) for word in text.split()]
    joined = [runs[0]] if runs else []
    for run in runs[1:]:
        # "梧桐路 12 号" is one run; "梧桐路 3幢502" is two.
        if joined and run.isdigit():
            joined[-1] = f"{joined[-1]}|{run}"
        else:
            joined.append(run)
    usable = [run for run in joined if run and not run.isdigit() and len(run) > 1]
    return sorted(dict.fromkeys(usable), key=len, reverse=True)


def mark_address_key(keys: KeyRing, hub_id: str, key: str) -> bytes:
    """Mark a key, for one hub: who does not hold the marking key reads nothing from it, and it never changes."""
    return keys.mark("household.address", f"{hub_id}\x1f{key}")


def key_rows(keys: KeyRing, household_id: str, hub_id: str, address: str) -> Iterable[dict[str, object]]:
    """Give the rows under which a household is found."""
    for key in sorted(address_keys(address)):
        yield {"key": mark_address_key(keys, hub_id, key), "household_id": household_id}


def write_address_keys(ctx: Context, home: HouseholdRow) -> None:
    """Write the keys of a household's address anew."""
    ctx.session.flush()
    ctx.session.exec(delete(AddressKeyRow).where(col(AddressKeyRow.household_id) == home.id))
    rows = list(key_rows(ctx.keys, home.id, home.hub_id, home.address or ""))
    if rows:
        ctx.session.exec(insert(AddressKeyRow), params=rows)
