"""Rules about the shared dictionary as a whole, and about the maps between its codes and those of departments."""

import csv
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path

from ..api.manifest import PlatformManifest
from ..catalogue import dictionary
from ..catalogue.dictionary import Entry, Group
from .finding import Fault
from .item_fields import plain_label
from .world import World

#: An entry with its group, its file and its place there.
Found = tuple[Entry, Group, Path, int]
#: Maps of what a platform says only: nothing is ever sent through them.
ONE_WAY = frozenset({"errors", "facts", "fields", "status"})
LOSSES = "losses.toml"


def tell_fields_apart(folder: Path = dictionary.FOLDER) -> Iterator[tuple[Path, Fault]]:
    """No two shared fields about the same person look like one thing: by name, by synonym, by form key, by code table.

    A group about somebody else than the applicant says so in `about`; what is two things is exempted with a reason.
    """
    entries = list(_entries(folder))
    for one, other in combinations(entries, 2):
        entry, group, path, number = other
        if group.about != one[1].about:
            continue
        if same := _looks_like(one[0], entry):
            text = f"{entry.key} and {one[0].key} look like the same thing ({same})"
            yield path, Fault(("field", number), text, "make them one, or exempt this one with the reason")


def _entries(folder: Path) -> Iterator[Found]:
    for path in sorted(folder.glob("*.toml")):
        group = Group.model_validate(tomllib.loads(path.read_text("utf-8")))
        yield from ((entry, group, path, number) for number, entry in enumerate(group.field))


def _looks_like(one: Entry, other: Entry) -> str:
    if one.form == other.form:
        return f"both are {one.form!r} in forms"
    if words := _words(one) & _words(other):
        return f"both are called {min(words)!r}"
    if one.codes and one.codes == other.codes and one.type == other.type:
        return f"both choose from {one.codes}"
    return ""


def _words(entry: Entry) -> set[str]:
    return {plain_label(word) for word in (entry.label_zh, entry.label_en, *entry.synonyms)} - {""}


def come_back_or_say_what_is_lost(platform: PlatformManifest, folder: Path, world: World) -> Iterator[Fault]:
    """Every code map gives the same code back, or `codes/losses.toml` says what is lost and why that does no harm."""
    losses = _losses(folder)
    maps = {path.stem: path for path in sorted((folder / "codes").glob("*.csv")) if path.stem not in ONE_WAY}
    for name, path in maps.items():
        lost = _lost(path)
        if lost and not losses.get(name, "").strip():
            hint = f'say in codes/{LOSSES}: {name} = "what is lost, and why that does no harm"'
            yield Fault(("id",), f"codes/{name}.csv does not give back what it was given: {lost}", hint)
        elif not lost and name in losses:
            yield Fault(("id",), f"codes/{LOSSES} names {name}, which loses nothing", "leave it out")
    for name in losses.keys() - maps.keys():
        yield Fault(("id",), f"codes/{LOSSES} names {name}, which is no map", "leave it out")


def _losses(folder: Path) -> Mapping[str, str]:
    path = folder / "codes" / LOSSES
    return {str(k): str(v) for k, v in tomllib.loads(path.read_text("utf-8")).items()} if path.is_file() else {}


def _lost(path: Path) -> str:
    """Say which codes do not come back from a map; "" when all do, or when it is no map."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if "ours" in row and "theirs" in row]
    there, back = defaultdict(set), defaultdict(set)
    for row in rows:
        there[row["ours"]].add(row["theirs"])
        back[row["theirs"]].add(row["ours"])
    lost = [f"{', '.join(sorted(ours))} -> {theirs}" for theirs, ours in back.items() if len(ours) > 1]
    lost += [f"{ours} -> {', '.join(sorted(theirs))}" for ours, theirs in there.items() if len(theirs) > 1]
    return re.sub(r"\s+", " ", "; ".join(lost[:3]))
