"""Code tables: codes/*.csv with code, name, name_en; the standards each is from stand in their notes."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).with_name("codes")


@dataclass(frozen=True, slots=True)
class Code:
    """One code with its words."""

    code: str
    zh: str
    en: str

    def label(self, locale: str) -> str:
        """Give the words in a language."""
        return (self.en or self.zh) if locale.startswith("en") else self.zh


@cache
def load_codes(table: str) -> Mapping[str, Code]:
    """Read one table, in its order; raises FileNotFoundError."""
    with (FOLDER / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    name = "name" if rows and "name" in rows[0] else "name_zh"
    return {row["code"]: Code(row["code"], row[name], row.get("name_en") or "") for row in rows}


def parse_options(options: tuple[str, ...]) -> Mapping[str, Code]:
    """Read choices written as "value|中文|English"."""
    split = (option.split("|") for option in options)
    return {
        part[0]: Code(part[0], part[1] if len(part) > 1 else part[0], part[2] if len(part) > 2 else "")
        for part in split
    }
