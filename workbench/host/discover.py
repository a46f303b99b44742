"""Finds lines and platforms by entry points and reads their files without importing them.

A line that cannot be read or was written for another surface still shows, with owner and reason.
"""

import importlib
import importlib.util
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ValidationError

from ..api import API_VERSION, Adapter
from ..api.errors import NeedsSettings
from ..api.manifest import LineManifest, PlatformManifest
from .keep import InUse, digest_of, stand_down, stand_in

#: "parked": its version in use is not here, or its package is not.
State = Literal["ready", "incompatible", "broken", "parked"]
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Line:
    """One installed line, whether it can be used or not."""

    id: str
    package: str
    folder: Path
    state: State
    reason: str = ""
    manifest: LineManifest | None = None
    #: The folder of its package where that holds another version than the one in use.
    waiting: Path | None = None

    @property
    def version(self) -> str:
        return self.manifest.version if self.manifest else ""

    @cached_property
    def digest(self) -> str:
        """Name exactly the files it runs from; "" for a line without a folder."""
        return digest_of(self.folder) if self.folder.name else ""

    @property
    def name_zh(self) -> str:
        return self.manifest.name_zh if self.manifest else self.id

    @property
    def name_en(self) -> str:
        return self.manifest.name_en if self.manifest else self.id


@dataclass(frozen=True)
class Platform:
    """One installed platform of a department."""

    id: str
    folder: Path
    state: State
    reason: str = ""
    manifest: PlatformManifest | None = None

    @cached_property
    def codec(self) -> Any:
        """Import the platform's codec, or build it from what the platform declares; None where there is neither."""
        if self.manifest is None:
            return None
        if self.manifest.declared is not None and not self.manifest.codec:
            (point,) = entry_points(group="workbench.codecs", name="declared")
            return point.load()(self.manifest, self.folder)
        return importlib.import_module(self.manifest.codec) if self.manifest.codec else None

    def make_adapter(self, settings: Mapping[str, Any], transports: Mapping[str, EntryPoint]) -> Adapter:
        """Build the adapter for these settings; raises NeedsSettings when it cannot be built."""
        if self.manifest is None:
            raise NeedsSettings(self.reason)
        if self.manifest.way not in transports:
            raise NeedsSettings(f"no transport {self.manifest.way!r} is installed")
        adapter: Adapter = transports[self.manifest.way].load().make_adapter(self.manifest, settings, self.codec)
        return adapter


@dataclass(frozen=True)
class Installed:
    """Everything that is installed, in a stable order."""

    lines: tuple[Line, ...]
    platforms: tuple[Platform, ...]
    transports: Mapping[str, EntryPoint] = field(default_factory=dict)

    def line(self, line_id: str) -> Line | None:
        """Find an installed line."""
        return self._lines.get(line_id)

    @cached_property
    def _lines(self) -> dict[str, Line]:
        return {line.id: line for line in self.lines}

    def platform(self, platform_id: str) -> Platform | None:
        """Find an installed platform."""
        return self._platforms.get(platform_id)

    @cached_property
    def platform_names(self) -> Mapping[str, tuple[str, str]]:
        """Give the Chinese and English names of all platforms by id; without a manifest it is called by its id."""
        manifests = {platform.id: platform.manifest for platform in self.platforms}
        return {key: (one.name_zh, one.name_en) if one else (key, key) for key, one in manifests.items()}

    @cached_property
    def _platforms(self) -> dict[str, Platform]:
        return {platform.id: platform for platform in self.platforms}

    def ready_among(self, line_ids: tuple[str, ...]) -> tuple[Line, ...]:
        """Give those of some lines that can be used, in this order."""
        known = self._ready.get(line_ids)
        if known is None:  # there are as many as hubs that differ, and every page of a hub asks
            found = map(self.line, line_ids)
            known = self._ready[line_ids] = tuple(line for line in found if line and line.state == "ready")
        return known

    @cached_property
    def _ready(self) -> dict[tuple[str, ...], tuple[Line, ...]]:
        return {}

    @property
    def ready_lines(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.state == "ready")


def discover(in_use: Mapping[str, InUse] | None = None) -> Installed:
    """Read what is installed; never raises for a bad line, says so in its state.

    A line of which another version is in use than is installed runs from that one's copy.
    """
    points, used = entry_points(group="workbench.lines"), in_use or {}
    for point in points if in_use is not None else ():
        stand_down(point.module)
    lines = [_read_line(point, used.get(point.name)) for point in points]
    lines += [_missing(one) for line_id, one in used.items() if line_id not in points.names]
    platforms = [platform for point in entry_points(group="workbench.adapters") for platform in _read_platforms(point)]
    return Installed(
        lines=tuple(sorted(_without_doubles(lines), key=lambda line: line.id)),
        platforms=tuple(sorted(platforms, key=lambda platform: platform.id)),
        transports={point.name: point for point in entry_points(group="workbench.transports")},
    )


def _read_line(point: EntryPoint, used: InUse | None) -> Line:
    try:
        folder = _folder_of(point.module)
    except (ImportError, ValueError) as error:
        return Line(point.name, point.module, Path(), "broken", f"package {point.module} not found: {error}")
    if used and used.package != point.module:
        reason = f"it comes from the package {point.module}; version {used.version} of {used.package} is in use"
        return Line(point.name, point.module, folder, "parked", reason, waiting=folder)
    if used and digest_of(folder) != used.digest:
        return _read_copy(point, folder, used)
    return read_line(point.name, point.module, folder)


def _read_copy(point: EntryPoint, installed: Path, used: InUse) -> Line:
    """Read the version in use from its copy, since another one is installed."""
    copy = used.unpack()
    if copy is None:
        manifest, _ = read_manifest(LineManifest, installed / "line.toml")
        found = f"version {manifest.version}" if manifest else "another version"
        reason = f"{found} is installed; version {used.version} is in use, and its copy is lost"
        return Line(point.name, point.module, installed, "parked", reason, manifest, installed)
    stand_in(point.module, copy)
    return replace(read_line(point.name, point.module, copy), waiting=installed)


def _missing(used: InUse) -> Line:
    """Say that the package of a line that is in use was taken away."""
    copy = used.unpack()
    manifest = read_manifest(LineManifest, copy / "line.toml")[0] if copy else None
    reason = f"its package {used.package} is not installed any more; version {used.version} was in use"
    return Line(used.line_id, used.package, copy or Path(), "parked", reason, manifest)


def read_line(line_id: str, package: str, folder: Path) -> Line:
    """Read the line of a folder, installed or not."""
    manifest, reason = read_manifest(LineManifest, folder / "line.toml")
    if manifest is None:
        return Line(line_id, package, folder, "broken", reason)
    if manifest.id != line_id:
        reason = f"line.toml says id = {manifest.id!r}, its entry point says {line_id!r}"
        return Line(line_id, package, folder, "broken", reason, manifest)
    state, reason = judge_api(manifest.api)
    return Line(line_id, package, folder, state, reason, manifest)


def _read_platforms(point: EntryPoint) -> Iterable[Platform]:
    try:
        folder = _folder_of(point.module)
    except (ImportError, ValueError) as error:
        return [Platform(point.name, Path(), "broken", f"package {point.module} not found: {error}")]
    return [read_platform(path.parent, point.name) for path in sorted(folder.glob("*/platform.toml"))]


def read_platform(folder: Path, department: str) -> Platform:
    """Read one platform folder."""
    platform_id = f"{department}.{folder.name}"
    manifest, reason = read_manifest(PlatformManifest, folder / "platform.toml")
    if manifest is None:
        return Platform(platform_id, folder, "broken", reason)
    if manifest.id != platform_id:
        return Platform(platform_id, folder, "broken", f"platform.toml says id = {manifest.id!r}", manifest)
    state, reason = judge_api(manifest.api)
    if state == "ready" and (missing := _missing_maps(manifest, folder)):
        return Platform(platform_id, folder, "broken", f"platform.toml: codes/{missing[0]}.csv is missing", manifest)
    return Platform(platform_id, folder, state, reason, manifest)


def _missing_maps(manifest: PlatformManifest, folder: Path) -> list[str]:
    """Name the code maps a declared platform cannot find; it would fail with the first parcel."""
    declared = manifest.declared
    if declared is None or manifest.codec:
        return []
    fields = [field for push in declared.push.values() for field in push.map]
    named = {field.codes for field in fields} | {field.codes for field in manifest.rekey_fields}
    if declared.collect and manifest.way != "rekey":
        named.add(declared.collect.statuses)
    return sorted(name for name in named - {""} if not (folder / "codes" / f"{name}.csv").is_file())


def _without_doubles(lines: list[Line]) -> Iterable[Line]:
    """Mark every line after the first that claims the same id or code prefix; lines of the workbench claim first."""
    seen: dict[str, str] = {}
    for line in sorted(lines, key=lambda line: (not line.package.startswith("plugins."), line.id)):
        claims = [line.id, *([line.manifest.code_prefix] if line.manifest else [])]
        taken = next((claim for claim in claims if claim in seen), None)
        for claim in claims:
            seen.setdefault(claim, line.package)
        if taken is None:
            yield line
        else:
            reason = f"{taken!r} is already claimed by {seen[taken]}"
            yield Line(line.id, line.package, line.folder, "broken", reason, line.manifest)


def _folder_of(module: str) -> Path:
    """Find a package's folder without importing it (its parent package may be imported)."""
    found = importlib.util.find_spec(module)
    if found is None or not found.submodule_search_locations:
        raise ImportError("not a package")
    return Path(next(iter(found.submodule_search_locations)))


def read_manifest(model: type[M], path: Path) -> tuple[M | None, str]:
    """Read a TOML file into a manifest; on failure gives None and a reason naming file and key."""
    try:
        return model.model_validate(tomllib.loads(path.read_text("utf-8"))), ""
    except FileNotFoundError:
        return None, f"{path.name} is missing in {path.parent.name}/"
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return None, f"{path.name}: {error}"
    except ValidationError as error:
        first = error.errors()[0]
        return None, f"{path.name}: {'.'.join(map(str, first['loc']))}: {first['msg']}"


def judge_api(wanted: str) -> tuple[State, str]:
    """Tell whether a line or platform written for `wanted` runs on this surface (same major, minor not newer)."""
    ours = tuple(map(int, API_VERSION.split(".")))
    try:
        theirs = tuple(map(int, wanted.split(".")))
    except ValueError:
        return "broken", f"api = {wanted!r} is not a version"
    if len(theirs) == 2 and theirs[0] == ours[0] and theirs[1] <= ours[1]:
        return "ready", ""
    return "incompatible", f"written for surface {wanted}; this workbench offers {API_VERSION}"
