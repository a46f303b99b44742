"""Rules about a line as a whole: its own file, and what holds between its items."""

from collections.abc import Iterator
from pathlib import Path

from ..api.manifest import ItemManifest, LineManifest
from ..host.discover import judge_api
from ..staff.models import ROLES
from .finding import Fault
from .world import World

#: An item with the file it stands in.
Read = tuple[Path, ItemManifest]


def fit_this_workbench(line: LineManifest, folder: Path, world: World) -> Iterator[Fault]:
    """The line was written for a surface this workbench offers."""
    state, reason = judge_api(line.api)
    if state != "ready":
        yield Fault(("api",), reason, "see the changes of the surface in the documentation")


def claim_what_is_free(line: LineManifest, folder: Path, world: World) -> Iterator[Fault]:
    """No other installed line has the same id or code prefix."""
    for other in world.installed.lines:
        if other.manifest is None or other.folder.resolve() == folder.resolve():
            continue
        if other.id == line.id:
            yield Fault(("id",), f"the id {line.id!r} belongs to {other.package}", "choose another id")
        if other.manifest.code_prefix == line.code_prefix:
            text = f"the prefix {line.code_prefix!r} belongs to the line {other.id}"
            yield Fault(("code_prefix",), text, "choose another prefix")


def name_roles_that_exist(line: LineManifest, folder: Path, world: World) -> Iterator[Fault]:
    """Permissions are held by roles the workbench knows."""
    for permission, roles in line.permissions.items():
        for role in roles:
            if role not in ROLES:
                yield Fault(("permissions", permission), f"there is no role {role!r}", f"roles: {', '.join(ROLES)}")


def ship_what_is_named(line: LineManifest, folder: Path, world: World) -> Iterator[Fault]:
    """Every module and folder that line.toml names is in the package; tables come with migrations."""
    named = {"hooks": line.hooks, "blueprint": line.blueprint, "models": line.models, "rules": line.rules}
    for key, reference in named.items():
        if reference and not _is_shipped(folder, reference.partition(":")[0]):
            yield Fault((key,), f"the module {reference!r} is not in {folder.name}/", "check the dotted name")
    if line.models and not line.migrations:
        yield Fault(("models",), "the line has tables and no migrations", 'migrations = "migrations"')
    if line.migrations and not (folder / line.migrations).is_dir():
        yield Fault(("migrations",), f"there is no folder {line.migrations!r}", "it stands beside line.toml")


def _is_shipped(folder: Path, module: str) -> bool:
    parts = module.split(".")
    inside = parts[parts.index(folder.name) + 1 :] if folder.name in parts else parts[-1:]
    path = folder.joinpath(*inside)
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def name_files_by_code(line: LineManifest, items: list[Read]) -> Iterator[tuple[Path, Fault]]:
    """An item's file is called by its code, which begins with the line's prefix."""
    for path, item in items:
        if not path.stem.startswith(item.code):
            yield path, Fault(("code",), f"the file holds {item.code}", f"call it {item.code}.toml")
        if not item.code.startswith(f"{line.code_prefix}-"):
            text = f"codes of this line begin with {line.code_prefix}-"
            yield path, Fault(("code",), text, "see code_prefix in line.toml")


def keep_titles_apart(line: LineManifest, items: list[Read]) -> Iterator[tuple[Path, Fault]]:
    """Two items are never called the same."""
    for key in ("title_zh", "title_en"):
        seen: dict[str, str] = {}
        for path, item in items:
            title = getattr(item, key)
            if title and seen.setdefault(title, item.code) != item.code:
                yield path, Fault((key,), f"{seen[title]} has the same title", "say what tells them apart")


def keep_versions_apart(line: LineManifest, items: list[Read]) -> Iterator[tuple[Path, Fault]]:
    """Of the versions of an item for one division, at most one is in force on any day."""
    for number, (path, item) in enumerate(items):
        for _, other in items[:number]:
            if (item.code, item.division) == (other.code, other.division) and _overlap(item, other):
                text = f"version {other.version} of {item.code} is in force at the same time"
                yield path, Fault(("valid_from",), text, "end the older version with valid_to")


def _overlap(one: ItemManifest, other: ItemManifest) -> bool:
    starts, ends = max(one.valid_from, other.valid_from), [day for day in (one.valid_to, other.valid_to) if day]
    return not ends or starts <= min(ends)
