"""The names a rule may use: what each means, its type and who holds it.

Read once from the TOML files in the folder `vocabulary` next to this module.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

Kind = Literal["bool", "number", "text", "date"]

KIND_OF_TYPE: Mapping[str, Kind] = {
    "bool": "bool",
    "int": "number",
    "number": "number",
    "money": "number",
    "code": "text",
    "enum": "text",
    "date": "date",
}


@dataclass(frozen=True, slots=True)
class Option:
    """One value a fact may take, with its wording."""

    value: str
    label: str
    label_en: str


@dataclass(frozen=True, slots=True)
class FactName:
    """One name of the vocabulary. `label` is the few words shown; `meaning` defines it in full."""

    name: str
    #: First word: bool, int, number, money (fen), code, enum or date; a range or the values may follow.
    type: str
    owner: str
    label: str
    label_en: str
    meaning: str
    meaning_en: str
    confidence: Literal["sourced", "typical"] = "typical"
    options: tuple[Option, ...] = ()

    @property
    def kind(self) -> Kind:
        """How the value compares, whatever its type is called."""
        return KIND_OF_TYPE[self.type.split()[0]]

    @property
    def is_money(self) -> bool:
        return self.type == "money"

    @property
    def closed_values(self) -> tuple[str, ...]:
        """The only values the type allows, or () where the list is open."""
        _, _, listed = self.type.partition(" ")
        return tuple(option.value for option in self.options) if listed else ()


def read_vocabulary(folder: Path) -> Mapping[str, FactName]:
    """Read every *.toml of a folder; a name given twice raises ValueError."""
    found: dict[str, FactName] = {}
    for path in sorted(folder.glob("*.toml")):
        for row in tomllib.loads(path.read_text(encoding="utf-8"))["fact"]:
            fact = _fact_name(row)
            if fact.name in found:
                raise ValueError(f"{path.name}: the fact {fact.name} is defined twice")
            found[fact.name] = fact
    return MappingProxyType(found)


@cache
def load_vocabulary() -> Mapping[str, FactName]:
    """The shared vocabulary by name, read once."""
    return read_vocabulary(Path(__file__).with_name("vocabulary"))


def _fact_name(row: dict[str, object]) -> FactName:
    options = row.pop("options", [])
    assert isinstance(options, list)  # noqa: S101 - our own file
    return FactName(**row, options=tuple(Option(*text.split("|")) for text in options))  # type: ignore[arg-type]
