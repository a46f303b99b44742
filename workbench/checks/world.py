"""What a line may refer to: the shared dictionary, code tables, the vocabulary of rules, platforms, other lines."""

from collections.abc import Mapping
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

    @cached_property
    def forms(self) -> Mapping[str, str]:
        """Form key of every shared field, by its fact."""
        return {entry.key: entry.form for entry in self.dictionary.entries.values()}


def look_around(extra: Path | None = None) -> World:
    """Read what is installed, and the platforms below a folder that is not installed yet."""
    installed = discover()
    platforms = {platform.id: platform.manifest for platform in installed.platforms if platform.manifest}
    for path in sorted(extra.rglob("platform.toml")) if extra else ():
        manifest, _ = read_manifest(PlatformManifest, path)
        if manifest:
            platforms[manifest.id] = manifest
    tables = frozenset(path.stem for path in codes.FOLDER.glob("*.csv"))
    return World(load_dictionary(), tables, platforms, installed)


def suggest(word: str, known: Mapping[str, object] | frozenset[str]) -> str:
    """Give a hint that names what was probably meant."""
    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else ""
