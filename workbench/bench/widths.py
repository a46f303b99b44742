"""Start-up, memory and pages at 4, 31 and 100 lines: `workbench bench --lines`.

Four are the lines described in full; thirty-one are all that ship; the others are written by `workbench new-line`, each
a package with its entry points. Each width is a folder before everything installed: what a process of that
width finds there is all there is, exactly as pip would leave it. Each is measured by processes of its own, the
widths in turn and several times over; of every time the least counts, because what else runs only adds to it.
"""

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass, replace
from datetime import date
from importlib.metadata import EntryPoints, distribution
from itertools import product
from pathlib import Path
from string import ascii_uppercase
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table

from ..host.discover import discover
from ..scaffold.write import name_line, write_line

PACKAGE = "round-table-workbench"
#: The lines whose items are described in full.
DESCRIBED = ("civil_affairs", "social_security", "family_planning", "disability_federation")
WIDTHS = (4, 31, 100)
#: How much longer a page may take at the greatest width than at the smallest.
GOAL = 1.2
WITHIN = 300.0
#: How often each width is measured.
TURNS = 5


@dataclass(frozen=True)
class Width:
    """What was measured at one width."""

    lines: int
    items: int
    platforms: int
    start_cpu: float  # seconds of processor until the application is made, imports included
    start_wall: float
    memory_mb: float  # of a process that has answered every page
    pages: dict[str, tuple[float, int, int]]  # processor ms, statements, KB


def measure_widths(json_path: Path | None) -> int:
    """Measure every width and show them; 0 when pages stay within the goal and ask the same."""
    console = Console()
    with TemporaryDirectory(prefix="workbench-widths-") as folder:
        places = [_filled(Path(folder) / str(lines), lines) for lines in WIDTHS]
        turns = [[_probed(place) for place in places] for _ in range(TURNS)]
        found = [least(list(probes)) for probes in zip(*turns, strict=True)]
    show(found, console)
    if json_path:
        json_path.write_text(json.dumps([asdict(one) for one in found], indent=2) + "\n", "utf-8")
    return 0 if is_good(found) else 1


def is_good(found: list[Width]) -> bool:
    """Tell whether every page asks as often at every width, and stays within the goal."""
    first, last = found[0], found[-1]
    same = all(one.pages[name][1] == asked for one in found for name, (_, asked, _) in first.pages.items())
    return same and all(last.pages[name][0] <= GOAL * ms for name, (ms, _, _) in first.pages.items())


def least(probes: list[Width]) -> Width:
    """Give one width's least times; raises RuntimeError when a page did not ask the same every time."""
    pages: dict[str, tuple[float, int, int]] = {}
    for name, (_, asked, size) in probes[0].pages.items():
        if any(one.pages[name][1] != asked for one in probes):
            raise RuntimeError(f"{name} asks now {asked} times, now another number of times")
        pages[name] = min(one.pages[name][0] for one in probes), asked, size
    start_cpu, start_wall = (min(getattr(one, key) for one in probes) for key in ("start_cpu", "start_wall"))
    memory = max(one.memory_mb for one in probes)
    return replace(probes[0], start_cpu=start_cpu, start_wall=start_wall, memory_mb=memory, pages=pages)


def _filled(folder: Path, lines: int) -> Path:
    """Make an installation with so many lines."""
    site = folder / "site"
    site.mkdir(parents=True)
    write_site(site, lines)
    _call(folder, "fill")
    return folder


def _probed(folder: Path) -> Width:
    """Measure an installation in a process of its own."""
    found: dict[str, Any] = json.loads(_call(folder, "probe").read_text("utf-8"))
    if str(found["lines"]) != folder.name:
        raise RuntimeError(f"{folder.name} lines were written and {found['lines']} found")
    found["pages"] = {name: tuple(page) for name, page in found["pages"].items()}
    return Width(**found)


def _call(folder: Path, what: str) -> Path:
    answer = folder / "found.json"
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, (str(folder / "site"), os.environ.get("PYTHONPATH", "")))),
        "WORKBENCH_INSTANCE": str(folder / "instance"),
        "WORKBENCH_DATABASE_URL": f"sqlite:///{folder / 'workbench.db'}",
    }
    # -P: the folder it is called from does not count; a source tree holds all lines at every width.
    command = [sys.executable, "-P", "-m", "workbench.bench.width_probe", what, str(answer)]
    subprocess.run(command, env=environment, check=True, timeout=WITHIN)  # noqa: S603 - our own program
    return answer


def write_site(site: Path, lines: int) -> None:
    """Write so many lines: those that ship or four of them, the others as packages of their own."""
    points = distribution(PACKAGE).entry_points
    shipped = {point.name for point in points if point.group == "workbench.lines"}
    kept = shipped if lines >= len(shipped) else set(DESCRIBED[:lines])
    _write_points(site / "round_table_workbench-0.dist-info", PACKAGE, points, kept)
    taken = {line.manifest.code_prefix for line in discover().lines if line.manifest}
    prefixes = (a + b for a, b in product(ascii_uppercase, repeat=2) if a + b not in taken)
    for number, prefix in zip(range(lines - len(kept)), prefixes, strict=False):
        _write_line(site, f"width_{number:03}", prefix)


def _write_points(folder: Path, name: str, points: EntryPoints, lines: set[str]) -> None:
    """Write what pip would of a package that holds only these lines, and the platforms of their departments."""
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 0\n")
    kept: dict[str, list[str]] = {}
    for point in points:
        if point.group not in ("workbench.lines", "workbench.adapters") or point.name in lines:
            kept.setdefault(point.group, []).append(f"{point.name} = {point.value}")
    text = "".join(f"[{group}]\n" + "\n".join(named) + "\n\n" for group, named in kept.items())
    (folder / "entry_points.txt").write_text(text)


def _write_line(site: Path, line_id: str, prefix: str) -> None:
    """Write a line by the scaffold, as pip leaves it."""
    write_line(name_line(line_id, prefix, date(2026, 1, 1), "rest"), site / "packages" / line_id)
    (site / "packages" / line_id / line_id).rename(site / line_id)
    told = site / f"{line_id}-2026.1.dist-info"
    told.mkdir()
    (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {line_id}\nVersion: 2026.1\n")
    (told / "entry_points.txt").write_text(
        f"[workbench.lines]\n{line_id} = {line_id}\n\n[workbench.adapters]\n{line_id} = {line_id}.platforms\n"
    )


def show(found: list[Width], console: Console) -> None:
    """Print one row per figure, one column per width."""
    table = Table("", *(f"{one.lines} lines" for one in found), "last / first", title="Lines")
    table.add_row("items, platforms", *(f"{one.items}, {one.platforms}" for one in found), "")
    for name, key in (
        ("start-up, CPU s", "start_cpu"),
        ("start-up, wall s", "start_wall"),
        ("memory, MB", "memory_mb"),
    ):
        figures = [getattr(one, key) for one in found]
        table.add_row(name, *(f"{figure:.1f}" for figure in figures), f"{figures[-1] / figures[0]:.2f}")
    for name in found[0].pages:
        pages = [one.pages[name] for one in found]
        cells = (f"{ms:.1f} ms, {asked} statements, {size} KB" for ms, asked, size in pages)
        table.add_row(name, *cells, f"{pages[-1][0] / pages[0][0]:.2f}")
    console.print(table)
    console.print(f"Goal: pages within {GOAL} and the same statements: {'met' if is_good(found) else 'MISSED'}.")
