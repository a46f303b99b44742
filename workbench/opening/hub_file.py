"""A hub's configuration as a file: what it is, its communities, its lines with their admissions, its settings.

Secrets are never in it. Written and read in TOML, one file a hub; unknown keys are errors.
"""

import json
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from ..api.shape import Manifest


class GridEntry(Manifest):
    id: str
    name: str


class CommunityEntry(Manifest):
    id: str
    name_zh: str
    name_en: str = ""
    grids: tuple[GridEntry, ...] = ()


class AdmissionEntry(Manifest):
    """One admission; it counts as the same where directory and days are the same."""

    approved_by: str = ""
    directory: str
    valid_from: date
    valid_to: date | None = None
    forms: str = ""
    ledgers: str = ""


class LineEntry(Manifest):
    """One line of the hub, in its order."""

    id: str
    is_open: bool = True
    admissions: tuple[AdmissionEntry, ...] = ()


class SettingEntry(Manifest):
    owner: str
    key: str
    value: str


class HubFile(Manifest):
    """One hub."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")
    name_zh: str
    name_en: str
    shape: Literal["single", "many", "centre"]
    division: str
    parent: str = ""  # the hub above, from which settings are inherited
    opens: str = "09:00"
    closes: str = "21:00"
    phone: str = ""
    communities: tuple[CommunityEntry, ...] = ()
    lines: tuple[LineEntry, ...] = ()
    settings: tuple[SettingEntry, ...] = ()


class BadFile(ValueError):
    """A file of configuration cannot be used; the text says which, where and why."""


def read_files(folder: Path) -> list[HubFile]:
    """Read all hubs of a folder, or one file; raises BadFile for the first that cannot be used."""
    paths = [folder] if folder.is_file() else sorted(folder.glob("*.toml"))
    if not paths:
        raise BadFile(f"{folder}: there is no file *.toml")
    files = [_read(path) for path in paths]
    doubled = {one.id for one in files if sum(other.id == one.id for other in files) > 1}
    if doubled:
        raise BadFile(f"{folder}: {', '.join(sorted(doubled))} is there twice")
    return files


def _read(path: Path) -> HubFile:
    try:
        return HubFile.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadFile(f"{path.name}: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        raise BadFile(f"{path.name}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def write_toml(hub: HubFile) -> str:
    """Write a hub as TOML, always the same for the same hub."""
    content = hub.model_dump()
    plain = {key: value for key, value in content.items() if not isinstance(value, tuple)}
    parts = ["\n".join(_lines(plain))]
    for community in content["communities"]:
        parts.append("\n".join(["[[communities]]", *_lines(community)]))
    for line in content["lines"]:
        parts.append("\n".join(["[[lines]]", *_lines({key: line[key] for key in ("id", "is_open")})]))
        parts += ["\n".join(["[[lines.admissions]]", *_lines(one)]) for one in line["admissions"]]
    parts += ["\n".join(["[[settings]]", *_lines(one)]) for one in content["settings"]]
    return "\n\n".join(parts) + "\n"


def _lines(values: Mapping[str, Any]) -> Iterable[str]:
    return [f"{key} = {_value(value)}" for key, value in values.items() if value not in ("", None, ())]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(one)}" for key, one in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
