"""The items of the installed lines, read from their files: a broken one is set aside, the others stand.

An item is held per division and per version; `find` gives the one in force at a place on a day.
"""

import hashlib
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path

from pydantic import ValidationError

from ..api.manifest import ItemManifest
from ..host.discover import Line

#: Places and days whose items are remembered.
KEPT = 1000


@dataclass(frozen=True, eq=False)  # the same item is the same object: comparing and hashing whole manifests is dear
class Item:
    """One item as one line ships it; `digest` names exactly this content for ever."""

    line_id: str
    manifest: ItemManifest
    digest: str
    path: Path

    @property
    def code(self) -> str:
        return self.manifest.code

    def is_valid(self, day: date) -> bool:
        """Tell whether it is in force on a day."""
        ends = self.manifest.valid_to
        return self.manifest.valid_from <= day and (ends is None or day <= ends)

    def covers(self, division: str) -> bool:
        """Tell whether it is meant for a division."""
        return self.manifest.division == "*" or division.startswith(self.manifest.division.rstrip("0"))


@dataclass(frozen=True, slots=True)
class ItemFault:
    """One item file that cannot be used, with where and what to do."""

    line_id: str
    file: str
    place: str
    what: str


@dataclass(frozen=True, eq=False)
class Catalogue:
    """All items of all lines, open or not."""

    items: tuple[Item, ...]
    #: Corrections that were taken back: no longer on offer, still known to forms begun under them.
    former: tuple[Item, ...] = ()
    faults: tuple[ItemFault, ...] = ()

    @cached_property
    def by_code(self) -> Mapping[str, tuple[Item, ...]]:
        found: dict[str, list[Item]] = defaultdict(list)
        for item in self.items:
            found[item.code].append(item)
        return {code: tuple(items) for code, items in found.items()}

    @cached_property
    def by_digest(self) -> Mapping[str, Item]:
        return {item.digest: item for item in (*self.former, *self.items)}

    def find(self, code: str, division: str, day: date) -> Item | None:
        """Give the item in force: the nearest division first, then the newest version, then the latest correction."""
        fitting = [i for i in self.by_code.get(code, ()) if i.is_valid(day) and i.covers(division)]
        return max(
            fitting,
            key=lambda i: (i.manifest.division != "*", i.manifest.division, i.manifest.valid_from),
            default=None,
        )

    def at(self, division: str, day: date, line_ids: Iterable[str]) -> list[Item]:
        """List the items of some lines in force at a place on a day, by line and code; found once a day and place."""
        return list(self.offer(division, day, line_ids).items)

    def offer(self, division: str, day: date, line_ids: Iterable[str]) -> "Offer":
        """Give what some lines offer at a place on a day; found once a day and place."""
        place = (division, day, tuple(line_ids))
        known = self._offers.get(place)
        if known is None:
            if len(self._offers) >= KEPT:
                self._offers.clear()
            known = self._offers[place] = Offer(self._find_at(*place))
        return known

    @cached_property
    def _offers(self) -> dict[tuple[str, date, tuple[str, ...]], "Offer"]:
        return {}

    def _find_at(self, division: str, day: date, line_ids: tuple[str, ...]) -> tuple[Item, ...]:
        order = {line_id: number for number, line_id in enumerate(line_ids)}
        found = (self.find(code, division, day) for code in self.by_code)
        return tuple(sorted((i for i in found if i and i.line_id in order), key=lambda i: (order[i.line_id], i.code)))


@dataclass(frozen=True, eq=False)
class Offer:
    """What some lines offer at one place on one day, for pages to take from it what they show."""

    items: tuple[Item, ...]

    @cached_property
    def by_code(self) -> Mapping[str, Item]:
        return {item.code: item for item in self.items}

    @cached_property
    def by_line(self) -> Mapping[str, tuple[Item, ...]]:
        found: dict[str, list[Item]] = defaultdict(list)
        for item in self.items:
            found[item.line_id].append(item)
        return {line_id: tuple(items) for line_id, items in found.items()}


def load_catalogue(lines: Iterable[Line]) -> Catalogue:
    """Read all item files of the lines that are ready."""
    items: list[Item] = []
    faults: list[ItemFault] = []
    for line in lines:
        for path in sorted((line.folder / "items").glob("*.toml")) if line.state == "ready" else ():
            read = read_item(line.id, path)
            if isinstance(read, ItemFault):
                faults.append(read)
            else:
                items.append(read)
    return Catalogue(tuple(items), faults=tuple(faults))


def read_item(line_id: str, path: Path) -> Item | ItemFault:
    """Read one item file, or say what is wrong with it."""
    content = path.read_bytes()
    try:
        manifest = _read_manifest(content)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return ItemFault(line_id, path.name, "", str(error))
    except ValidationError as error:
        first = error.errors()[0]
        return ItemFault(line_id, path.name, ".".join(map(str, first["loc"])), first["msg"])
    return Item(line_id, manifest, hashlib.sha256(content).hexdigest(), path)


@lru_cache(maxsize=2048)
def _read_manifest(content: bytes) -> ItemManifest:
    return ItemManifest.model_validate(tomllib.loads(content.decode("utf-8")))
