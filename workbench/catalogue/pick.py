"""Finds an item as a worker types: pinyin initials, alias, plain words, code. All in memory, no query.

`dbsq` finds 低保申请, `4050` the subsidy, `补贴` every item with the word; the best comes first.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from .items import Item

#: Marks what has no pinyin (digits, letters), which stays whole in the initials.
KEPT = "="


@dataclass(frozen=True, slots=True)
class Hit:
    """One item that fits, and by which of its names."""

    item: Item
    matched: str
    score: int


def pick_items(text: str, items: Iterable[Item], limit: int = 12) -> list[Hit]:
    """Give the items that fit what was typed, best first; for nothing typed, none."""
    wanted = "".join(text.split()).lower()
    if not wanted:
        return []
    hits = (_judge(wanted, item) for item in items)
    found = [hit for hit in hits if hit is not None]
    return sorted(found, key=lambda hit: (-hit.score, len(hit.matched), hit.item.code))[:limit]


def _judge(wanted: str, item: Item) -> Hit | None:
    best = max(((_score(wanted, key), name) for key, name in _keys(item)), default=(0, ""))
    return Hit(item, best[1], best[0]) if best[0] else None


def _score(wanted: str, key: str) -> int:
    if key == wanted:
        return 100
    if key.startswith(wanted):
        return 80
    if wanted in key:
        return 60
    return 40 if len(wanted) > 1 and _is_within(wanted, key) else 0


def _is_within(wanted: str, key: str) -> bool:
    """Tell whether the characters stand in the key in this order, with gaps."""
    rest = iter(key)
    return all(character in rest for character in wanted)


def _keys(item: Item) -> tuple[tuple[str, str], ...]:
    manifest = item.manifest
    return _keys_of(manifest.code, manifest.title_zh, manifest.title_en, manifest.aliases)


@lru_cache(maxsize=4096)
def _keys_of(code: str, title_zh: str, title_en: str, aliases: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
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

    parts = lazy_pinyin(text, errors=lambda other: KEPT + other)
    return "".join(part[1:] if part.startswith(KEPT) else part[:1] for part in parts).lower()
