"""As many lines as a large hub may open: copies of the real ones under other ids and prefixes, with their platforms."""

import shutil
from dataclasses import replace
from pathlib import Path
from string import ascii_uppercase

from workbench.host.discover import Installed, Line, Platform

#: The lines whose items are described in full.
DESCRIBED = ("civil_affairs", "social_security", "family_planning", "disability_federation")


def only_described(installed: Installed) -> Installed:
    """Give the four lines whose items are described in full, with their platforms."""
    lines = tuple(line for line in installed.lines if line.id in DESCRIBED)
    platforms = tuple(one for one in installed.platforms if any(_is_of(one, line) for line in lines))
    return Installed(lines, platforms, installed.transports)


def copy_lines(installed: Installed, folder: Path, wanted: int) -> Installed:
    """Give so many lines: those that are installed, then copies of them in turn, written to `folder`."""
    own = installed.ready_lines
    twins = [_copy(own[number % len(own)], number, folder) for number in range(wanted - len(own))]
    pairs = [(own[number % len(own)], twin) for number, twin in enumerate(twins)]
    platforms = [_twin(one, twin) for line, twin in pairs for one in installed.platforms if _is_of(one, line)]
    return Installed((*own, *twins), (*installed.platforms, *platforms), installed.transports)


def _copy(line: Line, number: int, folder: Path) -> Line:
    """Write a line again under another id, its items with another prefix and for its own platforms."""
    assert line.manifest is not None
    twin_id, prefix = f"{line.id}_{number}", f"{'XYZ'[number // 26]}{ascii_uppercase[number % 26]}"
    shutil.copytree(line.folder, folder / twin_id, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    for path in (folder / twin_id / "items").glob("*.toml"):
        text = path.read_text("utf-8").replace(f'"{line.manifest.code_prefix}-', f'"{prefix}-')
        path.write_text(text.replace(f'"{line.id}.', f'"{twin_id}.'), "utf-8")
    manifest = line.manifest.model_copy(update={"id": twin_id, "code_prefix": prefix})
    return replace(line, id=twin_id, folder=folder / twin_id, manifest=manifest)


def _is_of(platform: Platform, line: Line) -> bool:
    return platform.manifest is not None and platform.manifest.line == line.id


def _twin(platform: Platform, line: Line) -> Platform:
    assert platform.manifest is not None
    twin_id = f"{line.id}.{platform.id.partition('.')[2]}"
    return replace(platform, id=twin_id, manifest=platform.manifest.model_copy(update={"id": twin_id, "line": line.id}))
