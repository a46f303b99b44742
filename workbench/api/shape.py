"""What all files that say what exists have in common."""

from pydantic import BaseModel, ConfigDict


class Manifest(BaseModel):
    """Common rule: frozen, and nothing that is not declared."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)
