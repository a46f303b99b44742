"""Writes the package of a new line: line.toml, one item, an entry point, a test."""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from string import Template

TEMPLATES = Path(__file__).with_name("templates")
#: Template -> where it goes, both with the names of the new line in them.
FILES = {
    "pyproject.toml.txt": "pyproject.toml",
    "README.md.txt": "README.md",
    "init.py.txt": "$id/__init__.py",
    "line.toml.txt": "$id/line.toml",
    "item.toml.txt": "$id/items/$prefix-001.toml",
    "test_line.py.txt": "tests/test_line.py",
}


class BadName(ValueError):
    """The name or prefix cannot be used; the text says which can."""


@dataclass(frozen=True)
class NewLine:
    """What a new line is called."""

    id: str
    prefix: str
    day: date

    @property
    def words(self) -> dict[str, str]:
        """Everything the templates ask for."""
        title = self.id.replace("_", " ").capitalize()
        return {
            "id": self.id,
            "prefix": self.prefix,
            "title": title,
            "package": f"workbench-line-{self.id.replace('_', '-')}",
            "day": self.day.isoformat(),
            "version": f"{self.day.year}.1",
        }


def name_line(name: str, prefix: str, day: date) -> NewLine:
    """Make a line's id and code prefix out of what was asked for; raises BadName."""
    line_id = re.sub(r"[\s-]+", "_", name.strip().lower())
    if not re.fullmatch(r"[a-z][a-z0-9_]*", line_id):
        raise BadName(
            f"{name!r} cannot be a line's id: use small English letters, digits and _, as in veterans_affairs"
        )
    if not re.fullmatch(r"[A-Z]{2}", prefix):
        raise BadName(f"{prefix!r} cannot be a code prefix: use two capital letters, as in TY")
    return NewLine(line_id, prefix, day)


def suggest_prefix(line_id: str) -> str:
    """Make two capital letters out of an id: the first of its words."""
    words = re.findall(r"[a-z]+", line_id.lower())
    letters = "".join(word[0] for word in words) if len(words) > 1 else "".join(words)
    return (letters + "XX")[:2].upper()


def write_line(line: NewLine, folder: Path) -> list[Path]:
    """Write the package below a folder that must not exist yet; raises FileExistsError."""
    folder.mkdir(parents=True)
    written = []
    for source, target in FILES.items():
        path = folder / Template(target).substitute(line.words)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(Template((TEMPLATES / source).read_text("utf-8")).substitute(line.words), "utf-8")
        written.append(path)
    return written
