"""How the people of one sitting stand to each other, and what of their forms is the same question.

A mother who applies for her child is the child's guardian: her name is asked once, as her own.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import Field

from ..api.manifest import Manifest, Mark

FILE = Path(__file__).with_name("kin.toml")


class Role(Manifest):
    """How another person stands to the one at the table."""

    title_zh: str
    title_en: str
    confidence: Mark
    flag: str  # the answer that opens the group about the one at the table
    of_host: Mapping[str, str] = Field(default_factory=dict)
    of_other: Mapping[str, str] = Field(default_factory=dict)
    materials_of_host: Mapping[str, str] = Field(default_factory=dict)
    materials_of_other: Mapping[str, str] = Field(default_factory=dict)


@cache
def load_roles() -> Mapping[str, Role]:
    """Read the roles by name."""
    return {key: Role.model_validate(row) for key, row in tomllib.loads(FILE.read_text("utf-8"))["role"].items()}
