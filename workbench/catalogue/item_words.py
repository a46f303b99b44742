"""What the parts of an item are called, in the order they are read (item_words.toml), and how their values read."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from ..api.manifest import ItemManifest
from .codes import load_codes

FILE = Path(__file__).with_suffix(".toml")
ROWS_FILE = FILE.with_name("item_row_words.toml")
#: Parts whose values are codes of a table.
TABLES = {
    "item_type": "item_type", "case_type": "case_type",
    "accepting_level": "exercise_level", "deciding_level": "exercise_level",
}  # fmt: skip


class Words(NamedTuple):
    """The name of one part in both languages."""

    zh: str
    en: str


@cache
def item_words() -> Mapping[str, Words]:
    """Give the name of every part of an item, in reading order."""
    return {key: Words(**row) for key, row in tomllib.loads(FILE.read_text("utf-8")).items()}


@cache
def row_words() -> Mapping[str, Words]:
    """Give the name of every part of the rows of an item: of materials, fields, steps, sources."""
    return {key: Words(*words) for key, words in tomllib.loads(ROWS_FILE.read_text("utf-8")).items()}


def plain(manifest: ItemManifest, key: str) -> Any:
    """Give one part as it stands in a file: texts, numbers, lists, tables."""
    return manifest.model_dump(mode="json", include={key})[key]


def coded(key: str, value: str, locale: str) -> str:
    """Write a code with its words; a code no table knows stands as it is."""
    code = load_codes(TABLES[key]).get(value) if key in TABLES else None
    return f"{value} {code.label(locale)}" if code else value
