"""The names of some items laid out as one text, so that a typed word is looked for at the speed of the machine.

One line per way of writing a name: as it stands, in full pinyin, by its initials.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from threading import Lock
from typing import NamedTuple

from .items import Item

#: Marks what has no pinyin (digits, letters), which stays whole in the initials.
MARK = "="
WHOLE, START, INSIDE, SCATTERED = 100, 80, 60, 40
KEPT = 200


class Found(NamedTuple):
    """One way of writing an item's name that holds what was typed, and how well."""

    score: int
    name: str
    number: int  # of the item among those indexed


class NameIndex:
    """Every name of some items; made once for a set of items and never changed."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = tuple(items)
        lines = [(key, name, number) for number, item in enumerate(items) for key, name in keys_of(item)]
        self._names = [(name, number) for _key, name, number in lines]
        self._starts: list[int] = []
        place = 0
        for key, _name, _number in lines:
            self._starts.append(place)
            place += len(key) + 1
        self._text = "".join(f"{key}\n" for key, _name, _number in lines)

    def holding(self, wanted: str) -> Iterator[Found]:
        """Give the names that hold the text as one piece."""
        for match in re.finditer(re.escape(wanted), self._text):
            line = bisect_right(self._starts, match.start()) - 1
            if match.start() != self._starts[line]:
                yield Found(INSIDE, *self._names[line])
            else:
                yield Found(WHOLE if self._text[match.end()] == "\n" else START, *self._names[line])

    def scattered(self, wanted: str) -> Iterator[Found]:
        """Give the names that hold the characters in this order, with gaps."""
        gaps = "".join(f"[^{re.escape(one)}\n]*{re.escape(one)}" for one in wanted)
        for match in re.finditer(gaps, self._text):
            yield Found(SCATTERED, *self._names[bisect_right(self._starts, match.start()) - 1])


_lock = Lock()
#: Indexes by the identity of their items, which they hold: items never change.
_made: dict[tuple[int, ...], NameIndex] = {}


def index_of(items: Sequence[Item]) -> NameIndex:
    """Give the index of these items; hubs with the same lines share one."""
    place = tuple(map(id, items))
    known = _made.get(place)
    if known is None:
        known = NameIndex(items)
        with _lock:
            for oldest in list(_made)[: len(_made) - KEPT + 1]:
                del _made[oldest]
            _made[place] = known
    return known


def keys_of(item: Item) -> tuple[tuple[str, str], ...]:
    """Give every way of writing the item's names, each with the name as people read it."""
    manifest = item.manifest
    return _keys(manifest.code, manifest.title_zh, manifest.title_en, manifest.aliases)


@lru_cache(maxsize=4096)
def _keys(code: str, title_zh: str, title_en: str, aliases: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    keys: list[tuple[str, str]] = [(code.lower(), code), (code.replace("-", "").lower(), code)]
    for name in (title_zh, *aliases):
        plain = "".join(character for character in name.lower() if character.isalnum())
        keys += [(plain, name), (initials(plain), name), (full_pinyin(plain), name)]
    keys.append((title_en.lower().replace(" ", ""), title_en))
    return tuple(dict.fromkeys(key for key in keys if key[0]))


@lru_cache(maxsize=8192)
def full_pinyin(text: str) -> str:
    """Spell a text in pinyin without tones; other characters stay."""
    from pypinyin import lazy_pinyin  # 3 MB of tables: read when the first item is looked for

    return "".join(lazy_pinyin(text)).lower()


@lru_cache(maxsize=8192)
def initials(text: str) -> str:
    """Give the first letters of a text's pinyin; digits and letters stay."""
    from pypinyin import lazy_pinyin  # see full_pinyin

    parts = lazy_pinyin(text, errors=lambda other: MARK + other)
    return "".join(part[1:] if part.startswith(MARK) else part[:1] for part in parts).lower()
