"""Finds an item as a worker types: pinyin initials, alias, plain words, code. All in memory, no query.

`dbsq` finds 低保申请, `4050` the subsidy, `补贴` every item with the word; the best comes first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .items import Item
from .name_index import SCATTERED, START, Found, NameIndex, index_of, initials

__all__ = ["SURE", "Hit", "initials", "pick_items"]

#: Among people and cases only items whose names hold what was typed; looser fits are for the item picker.
SURE = 60


@dataclass(frozen=True, slots=True)
class Hit:
    """One item that fits, and by which of its names."""

    item: Item
    matched: str
    score: int


def pick_items(text: str, items: Sequence[Item], limit: int = 12, *, least: int = SCATTERED) -> list[Hit]:
    """Give the items that fit what was typed at least so well, best first; for nothing typed, none."""
    wanted = "".join(text.split()).lower()
    if not wanted:
        return []
    index = index_of(items)
    best = _best(index.holding(wanted))
    if least <= SCATTERED and len(wanted) > 1 and not any(one.score >= START for one in best.values()):
        best = _best(index.scattered(wanted)) | best
    kept = [one for one in _in_order(index, best) if one.score >= least]
    return [Hit(index.items[one.number], one.name, one.score) for one in kept[:limit]]


def _best(found: Iterable[Found]) -> dict[int, Found]:
    """Keep of each item the name that fits best, the shorter one of two."""
    best: dict[int, Found] = {}
    for one in found:
        known = best.get(one.number)
        if known is None or (one.score, -len(one.name)) > (known.score, -len(known.name)):
            best[one.number] = one
    return best


def _in_order(index: NameIndex, best: dict[int, Found]) -> list[Found]:
    """Put the best first; of two that fit alike the shorter name, then what is described rather than only named."""
    items = index.items
    return sorted(
        best.values(),
        key=lambda one: (
            -one.score,
            len(one.name),
            items[one.number].manifest.depth != "deep",
            items[one.number].manifest.status != "in_force",
            items[one.number].code,
        ),
    )
