"""The shared dictionary of fields: what a value is called, who owns it, how fresh it must be.

Files in fields/*.toml, one group each. A field of an item that points here is entered once.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from ..api.manifest import FieldType, ItemField, Manifest, Mark

FOLDER = Path(__file__).with_name("fields")


class Entry(Manifest):
    """One shared field. `form` is its key in forms and parcels; days of freshness, 0 = never stale."""

    key: str
    form: str
    label_zh: str
    label_en: str
    type: FieldType
    required: bool = False
    codes: str = ""
    options: tuple[str, ...] = ()
    columns: tuple[ItemField, ...] = ()
    sensitivity: Literal["plain", "personal", "sensitive"] = "personal"
    authority: str = ""
    freshness_days: int = 0
    synonyms: tuple[str, ...] = ()
    standard: str = ""
    help_zh: str = ""
    help_en: str = ""
    note: str = ""
    column: bool = False  # held on the person's own row


class Group(Manifest):
    """One group of shared fields, asked together."""

    group: str
    label_zh: str
    label_en: str
    repeated: bool = False  # one row per member
    confidence: Mark = "typical"
    when: str = ""
    about: str = ""  # whom its fields are about, where that is not the applicant
    field: tuple[Entry, ...] = Field(default=())


@dataclass(frozen=True)
class Dictionary:
    """All groups and entries."""

    groups: Mapping[str, Group]
    entries: Mapping[str, Entry]

    def is_sensitive(self, key: str) -> bool:
        """Tell whether a fact of this key is sealed at rest; unknown keys are."""
        entry = self.entries.get(key)
        return entry.sensitivity == "sensitive" if entry else key.partition(".")[0] in SEALED_SUBJECTS


#: Rule facts outside the dictionary that tell about health, disability or money.
SEALED_SUBJECTS = frozenset({"disability", "smd", "diagnosis", "medical", "fp_complication", "household", "bank"})


@cache
def load_dictionary(folder: Path = FOLDER) -> Dictionary:
    """Read the dictionary; raises on the first file that is wrong, because nothing works without it."""
    read = [Group.model_validate(tomllib.loads(path.read_text("utf-8"))) for path in sorted(folder.glob("*.toml"))]
    entries = {entry.key: entry for group in read for entry in group.field}
    return Dictionary({group.group: group for group in read}, entries)
