"""What a line may refer to: the shared dictionary, code tables, the vocabulary of rules, platforms, other lines."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

from ..api.manifest import PlatformManifest
from ..catalogue import codes
from ..catalogue.dictionary import Dictionary, load_dictionary
from ..host.discover import Installed, discover, read_manifest


@dataclass(frozen=True)
class World:
    """Everything around the line that is checked."""

    dictionary: Dictionary
    code_tables: frozenset[str]
    platforms: Mapping[str, PlatformManifest]
    installed: Installed
    extra: Path | None = None  # the folder that is checked and may not be installed

    @cached_property
    def forms(self) -> Mapping[str, str]:
        """Form key of every shared field, by its fact."""
        return {entry.key: entry.form for entry in self.dictionary.entries.values()}

    @cached_property
    def form_keys(self) -> frozenset[str]:
        """Every key a form can have: of the dictionary, of the items of all lines, of the columns of their tables."""
        folders = [line.folder for line in self.installed.lines if line.folder.name]
        files = [path for folder in folders for path in folder.glob("items/*.toml")]
        files += self.extra.rglob("items/*.toml") if self.extra else []
        own = {key for path in files for key in _keys_in(path)}
        tables = {f"{name}_members" for name, group in self.dictionary.groups.items() if group.repeated}
        return frozenset(own | tables | set(self.forms.values()) | self._shared_columns)

    @property
    def _shared_columns(self) -> set[str]:
        entries = self.dictionary.entries.values()
        return {column.key for entry in entries for column in getattr(entry, "columns", ())}


def _keys_in(path: Path) -> Iterator[str]:
    """Give the keys of the fields of one item; a file that cannot be read has its own finding."""
    try:
        fields = tomllib.loads(path.read_text("utf-8")).get("fields", [])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError):
        return
    for field in fields:
        yield str(field.get("key", ""))
        yield from (str(column.get("key", "")) for column in field.get("columns", []))


def look_around(extra: Path | None = None) -> World:
    """Read what is installed, and the platforms below a folder that is not installed yet."""
    installed = discover()
    platforms = {platform.id: platform.manifest for platform in installed.platforms if platform.manifest}
    for path in sorted(extra.rglob("platform.toml")) if extra else ():
        manifest, _ = read_manifest(PlatformManifest, path)
        if manifest:
            platforms[manifest.id] = manifest
    tables = frozenset(path.stem for path in codes.FOLDER.glob("*.csv"))
    return World(load_dictionary(), tables, platforms, installed, extra)


def suggest(word: str, known: Mapping[str, object] | frozenset[str]) -> str:
    """Give a hint that names what was probably meant."""
    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else ""
