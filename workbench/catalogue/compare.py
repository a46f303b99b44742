"""Two contents of one item side by side: which parts are the same, changed, or stand on one side only.

Lists of materials, fields and steps are matched by their keys, so that one that was put in moves no other.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from ..api.manifest import ItemManifest
from ..web.language import _, bilingual, current_locale
from .item_words import coded, item_words, row_words

Standing = Literal["same", "changed", "left", "right"]
#: Parts made of rows with a key, or something that tells one row from another.
ROWS = {"materials": "key", "fields": "key", "steps": "key", "consequences": "item", "sources": "url"}
#: Longer texts are shown whole, without marks inside.
LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text; `is_other` where the other side reads differently."""

    text: str
    is_other: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """One part of an item on both sides."""

    name: str
    standing: Standing
    left: tuple[Piece, ...]
    right: tuple[Piece, ...]


def compare(left: ItemManifest, right: ItemManifest) -> list[Compared]:
    """Compare every part, in reading order; what neither side has is left out."""
    was, now = left.model_dump(mode="json"), right.model_dump(mode="json")
    found = []
    for part in item_words():
        pairs = _rows(part, was[part], now[part]) if part in ROWS else [("", was[part], now[part])]
        for name, before, after in pairs:
            one = _compare(_name(part, name), _text(part, before), _text(part, after))
            if one is not None:
                found.append(one)
    return found


def _name(part: str, name: str) -> str:
    words = bilingual(*item_words()[part])
    return f"{words}: {name}" if name else words


def _rows(part: str, was: Sequence[Any], now: Sequence[Any]) -> Iterator[tuple[str, Any, Any]]:
    """Match rows by their key, in the order of the newer side, rows that fell away last."""
    key = ROWS[part]
    before, after = _by_key(was, key), _by_key(now, key)
    for one in [*after, *(name for name in before if name not in after)]:
        row = after.get(one) or before[one]
        yield _title(row) or str(one[0]), before.get(one), after.get(one)
    order = [[row[key] for row in rows if row[key] in {other[key] for other in others}]
             for rows, others in ((was, now), (now, was))]  # fmt: skip
    if order[0] != order[1]:
        yield _("Sequence"), ", ".join(order[0]), ", ".join(order[1])


def _by_key(rows: Sequence[Any], key: str) -> Mapping[tuple[str, int], Any]:
    """Give rows by their key; several of one key are told apart by their number."""
    found: dict[tuple[str, int], Any] = {}
    for row in rows:
        number = sum(name == row[key] for name, _number in found)
        found[row[key], number] = row
    return found


def _title(row: Mapping[str, Any]) -> str:
    if "url" in row:
        return str(row["place"] or row["kind"] or row["date"] or "—")
    zh, en = row.get("name") or row.get("label") or "", row.get("name_en") or row.get("label_en") or ""
    return bilingual(str(zh), str(en or zh))


def _text(part: str, value: Any) -> str:
    """Write a value as people read it; nothing at all is no text."""
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, bool):
        return bilingual("是", "Yes") if value else bilingual("否", "No")
    if isinstance(value, dict):
        said = [(name, _text("", one)) for name, one in value.items() if one not in (None, "", [], False)]
        return "\n".join(f"{bilingual(*row_words()[name])}: {text}" for name, text in said)
    if isinstance(value, list):
        return "\n".join(_text(part, one).replace("\n", " · ") for one in value)
    return coded(part, str(value), current_locale())


def _compare(name: str, left: str, right: str) -> Compared | None:
    if not left and not right:
        return None
    if left == right:
        return Compared(name, "same", (Piece(left, False),), (Piece(right, False),))
    if not left or not right:
        standing: Standing = "right" if right else "left"
        return Compared(name, standing, _whole(left), _whole(right))
    if max(len(left), len(right)) > LONGEST:
        return Compared(name, "changed", _whole(left), _whole(right))
    return Compared(name, "changed", *_pieces(left, right))


def _whole(text: str) -> tuple[Piece, ...]:
    return (Piece(text, True),) if text else ()


def _pieces(left: str, right: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Cut both texts where they begin and end to differ."""
    match = SequenceMatcher(None, left, right, autojunk=False)
    if match.ratio() < 0.3:
        return _whole(left), _whole(right)
    was, now = [], []
    for what, a, b, c, d in match.get_opcodes():
        was.append(Piece(left[a:b], what != "equal"))
        now.append(Piece(right[c:d], what != "equal"))
    return tuple(piece for piece in was if piece.text), tuple(piece for piece in now if piece.text)
