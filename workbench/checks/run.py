"""Reads lines and platforms, asks every rule about them, and leaves out what is exempted with a reason."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ..api.manifest import ItemManifest, LineManifest, PlatformManifest
from ..catalogue.dictionary import FOLDER
from .finding import Fault, Finding, line_of, show_path
from .rules import DICTIONARY_RULES, FOLDER_RULES, ITEM_RULES, LINE_RULES, PLATFORM_RULES, TOGETHER_RULES, explain_rules
from .world import World, look_around, suggest

EXEMPTION = re.compile(r"#\s*check:\s*([\w-]+)(?:\s+because\s+(\S.*))?")
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Checked:
    """What was checked, and what was found."""

    lines: int
    items: int
    platforms: int
    findings: tuple[Finding, ...]


def check_installed() -> Checked:
    """Check every installed line and platform."""
    world = look_around()
    broken = [
        Finding(line.package, 0, "installed", line.reason) for line in world.installed.lines if line.state == "broken"
    ]
    folders = [line.folder for line in world.installed.lines if (line.folder / "line.toml").is_file()]
    platforms = [platform.folder for platform in world.installed.platforms if platform.folder.name]
    return _check(world, folders, platforms, broken + check_dictionary())


def check_dictionary() -> list[Finding]:
    """Check the shared dictionary as a whole."""
    found = [
        one for rule, look in DICTIONARY_RULES.items() for path, fault in look() for one in _settle(path, rule, [fault])
    ]
    return found + [one for path in sorted(FOLDER.glob("*.toml")) for one in check_exemptions(path)]


def check_folder(path: Path) -> Checked:
    """Check every line and platform below a folder, installed or not; raises FileNotFoundError when there is none."""
    lines = [file.parent for file in _below(path, "line.toml")]
    platforms = [file.parent for file in _below(path, "platform.toml")]
    if not lines and not platforms:
        raise FileNotFoundError(f"no line.toml and no platform.toml below {path}")
    return _check(look_around(path), lines, platforms, [])


def _below(path: Path, name: str) -> list[Path]:
    return sorted(file for file in path.rglob(name) if not {".venv", "node_modules", "build"} & set(file.parts))


def _check(world: World, lines: list[Path], platforms: list[Path], found: list[Finding]) -> Checked:
    items = 0
    for folder in lines:
        findings, count = check_line(folder, world)
        found += findings
        items += count
    for folder in platforms:
        found += check_platform(folder, world)
    return Checked(len(lines), items, len(platforms), tuple(sorted(set(found))))


def check_line(folder: Path, world: World) -> tuple[list[Finding], int]:
    """Check one line; gives what was found and the number of item files."""
    line_file, item_files = folder / "line.toml", sorted((folder / "items").glob("*.toml"))
    line, found = read(LineManifest, line_file)
    read_items = []
    for path in item_files:
        item, faults = read(ItemManifest, path)
        found += faults
        if item:
            read_items.append((path, item))
            for rule, ask in ITEM_RULES.items():
                found += _settle(path, rule, ask(item, world))
    if line:
        for rule, judge in LINE_RULES.items():
            found += _settle(line_file, rule, judge(line, folder, world))
        for rule, compare in TOGETHER_RULES.items():
            found += [one for path, fault in compare(line, read_items) for one in _settle(path, rule, [fault])]
        for rule, look in FOLDER_RULES.items():
            found += [one for path, fault in look(line, folder) for one in _settle(path, rule, [fault])]
    found += [one for path in (line_file, *item_files) for one in check_exemptions(path)]
    return found, len(item_files)


def check_platform(folder: Path, world: World) -> list[Finding]:
    """Check one platform of a department."""
    path = folder / "platform.toml"
    platform, found = read(PlatformManifest, path)
    if platform:
        for rule, judge in PLATFORM_RULES.items():
            found += _settle(path, rule, judge(platform, folder, world))
    return found + check_exemptions(path)


def check_exemptions(path: Path) -> list[Finding]:
    """Find exemptions of a file that name no rule or give no reason."""
    found = []
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []  # said already
    for number, line in enumerate(lines, 1):
        if match := EXEMPTION.search(line):
            if match[1] not in explain_rules():
                hint = suggest(match[1], frozenset(explain_rules()))
                found.append(Finding(show_path(path), number, "exemption", f"there is no rule {match[1]!r}", hint))
            elif not match[2]:
                hint = f"write: # check: {match[1]} because …"
                found.append(Finding(show_path(path), number, "exemption", "the exemption gives no reason", hint))
    return found


def read(model: type[M], path: Path) -> tuple[M | None, list[Finding]]:
    """Read a file into its model, or say everything that keeps it from being read."""
    try:
        text = path.read_text("utf-8")
        return model.model_validate(tomllib.loads(text)), []
    except ValidationError as error:
        return None, _settle(path, "readable", (_explain(model, detail) for detail in error.errors()))
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        return None, [Finding(show_path(path), int(line[1]) if line else 0, "readable", str(error), "see toml.io")]
    except (UnicodeDecodeError, OSError) as error:
        return None, [Finding(show_path(path), 0, "readable", str(error), "save the file as UTF-8")]


def _explain(model: type[BaseModel], detail: Any) -> Fault:
    place = tuple(detail["loc"])
    key = str(place[-1]) if place else ""
    if detail["type"] == "extra_forbidden":
        hint = (
            suggest(key, model.model_fields) if len(place) == 1 else "unknown keys are errors, so that slips are found"
        )
        return Fault(place, f"there is no key {'.'.join(map(str, place))}", hint)
    return Fault(place, f"{'.'.join(map(str, place))}: {detail['msg']}")


def _settle(path: Path, rule: str, faults: Iterable[Fault]) -> list[Finding]:
    """Turn faults into findings with their lines, without those exempted in the file."""
    text = ""
    found = []
    for fault in faults:
        text = text or path.read_text("utf-8")
        line = fault.line or line_of(text, fault.place)
        if not _is_exempt(text, line, rule):
            found.append(Finding(show_path(path), line, rule, fault.text, fault.hint))
    return found


def _is_exempt(text: str, line: int, rule: str) -> bool:
    return any(name == rule and reason for name, reason in _exemptions(text, line))


def _exemptions(text: str, line: int) -> Iterator[tuple[str, str]]:
    """Give the exemptions on a line and in the comments right above it."""
    lines = text.splitlines()
    for number in range(line - 1, -1, -1):
        if number < line - 1 and not lines[number].lstrip().startswith("#"):
            return
        if match := EXEMPTION.search(lines[number]):
            yield match[1], match[2] or ""
