"""What a check found, and where it stands in a file."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

#: Inside the documentation, with a heading for every rule.
PAGE = "authors/checks.md"
#: Where something stands in a TOML file: ("fields", 3, "fact").
Place = tuple[str | int, ...]

TABLES = re.compile(r"\s*\[\[([\w.]+)\]\]")
TABLE = re.compile(r"\s*\[([\w.]+)\]")
KEY = re.compile(r"\s*([\w-]+)\s*=")


@dataclass(frozen=True, slots=True)
class Fault:
    """What a rule says about one place of a file."""

    place: Place
    text: str
    hint: str = ""
    line: int = 0  # where it is known without looking for the place


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing to correct; `line` counts from 1, 0 = the file as a whole."""

    file: str
    line: int
    rule: str
    text: str
    hint: str = ""

    @property
    def doc(self) -> str:
        """The page about the rule: why, an example, when to exempt."""
        return f"{PAGE}#{self.rule}"


def line_of(text: str, place: Place) -> int:
    """Find the line on which a place stands, or the nearest thing around it; 0 when there is none."""
    lines = _lines_of(text)
    while place:
        if place in lines:
            return lines[place]
        place = place[:-1]
    return 0


def _lines_of(text: str) -> dict[Place, int]:
    found: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    table: Place = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := TABLES.match(line):
            table = tuple(_enter(header[1].split("."), counts))
            found[table] = number
        elif header := TABLE.match(line):
            table = tuple(header[1].split("."))
            found[table] = number
        elif key := KEY.match(line):
            found.setdefault((*table, key[1]), number)
    return found


def _enter(names: list[str], counts: dict[Place, int]) -> Iterator[str | int]:
    """Count the tables of an array; those around it stand at their last one."""
    path: Place = ()
    for position, name in enumerate(names):
        path = (*path, name)
        yield name
        if position == len(names) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            yield counts[path]
            path = (*path, counts[path])


def show_path(path: Path) -> str:
    """Name a file as a person at the command line would: relative to where they are, if it is below."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
