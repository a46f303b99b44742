"""`workbench bench`: measures the product beside a hand-written twin, in an installation of its own."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from .installation import read_settings


@click.command("bench")
@click.option("--residents", default=10_000, show_default=True, type=click.IntRange(100), help="Size of the city.")
@click.option("--cases", default=600, show_default=True, type=click.IntRange(30), help="Cases in the queues.")
@click.option("--rounds", default=4, show_default=True, type=click.IntRange(1), help="Rounds of twin and product.")
@click.option("--json", "json_path", type=click.Path(dir_okay=False, path_type=Path), help="Write everything here.")
@click.option("--instructions", is_flag=True, help="Count instructions with valgrind instead of time.")
@click.option("--changing-keys", is_flag=True, help="Change all keys while the mix runs, instead of measuring.")
@click.option("--lines", is_flag=True, help="Start-up, memory and pages at 4, 31 and 100 lines, instead.")
@click.option("--registry", type=click.IntRange(1), help="The register of a city of so many residents, instead.")
@click.option("--database", "url", default="", metavar="URL", help="With --registry: an EMPTY database; else SQLite.")
def command(
    residents: int,
    cases: int,
    rounds: int,
    json_path: Path | None,
    instructions: bool,
    changing_keys: bool,
    lines: bool,
    registry: int | None,
    url: str,
) -> None:
    """Measure the program on this machine; your own installation is neither read nor written."""
    if registry is not None:
        sys.exit(_measure_registry(registry, url, json_path))
    if lines:
        from ..bench.widths import measure_widths  # as below

        sys.exit(measure_widths(json_path))
    from ..bench.main import run  # every room and the twin: only this command pays for it

    options: dict[str, Any] = {"residents": residents, "cases": cases, "rounds": rounds}
    options |= {"instructions": instructions, "changing_keys": changing_keys}
    sys.exit(run(read_settings(), json_path=json_path, **options))


def _measure_registry(residents: int, url: str, json_path: Path | None) -> int:
    from rich.console import Console

    from ..bench.registry import as_dict, run_registry, show

    result = run_registry(residents, url)
    show(result, Console())
    if json_path:
        json_path.write_text(json.dumps(as_dict(result), indent=2) + "\n", "utf-8")
    return 0 if result.is_good else 1
