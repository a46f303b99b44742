"""`workbench bench`: what is measured, in which order; nothing of the user's own installation is read or written."""

import os
import platform
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from ..settings import Settings
from .changing_keys import change_keys, show_changed
from .compare import compare, prepare
from .drain import drain
from .instructions import NoValgrind, count_instructions, show_instructions, write_instructions
from .mix import Visitor
from .outbox import compare_outboxes
from .report import result_of, show, write
from .world import World, make_world

#: Requests of one round, so that four rounds of both programs stay within a minute or two on two cores.
REQUESTS = 600
#: Seconds for which one of the departments is down when the worker starts.
OUTAGE = 5.0


def run(
    settings: Settings,
    *,
    residents: int = 10_000,
    cases: int = 600,
    rounds: int = 4,
    json_path: Path | None = None,
    instructions: bool = False,
    changing_keys: bool = False,
    requests: int = REQUESTS,
    outage: float = OUTAGE,
) -> int:
    """Measure the product beside its twin; 0 when every answer was right and nothing was lost or doubled.

    `settings` only says where this was asked; the measured installation is made in a temporary folder.
    """
    console = Console()
    with TemporaryDirectory(prefix="workbench-bench-") as folder:
        world = make_world(Path(folder) / "instance", residents)
        everybody = prepare(world, cases)
        try:
            if instructions:
                return _instructions(world, everybody, json_path, console)
            if changing_keys:
                changed = change_keys(world, everybody, requests)
                show_changed(changed, console)
                return 0 if changed.is_clean else 1
            found = compare(world, everybody, rounds, requests)
            accepted = [case_id for several in found.rounds.values() for one in several for case_id in one.accepted]
            drained = drain(world, accepted, outage)
            outboxes = compare_outboxes(world, cases)
        finally:
            world.store.close()
    about = {"residents": residents, "cases": cases, "rounds": rounds, "requests": requests} | _machine()
    result = result_of(found, drained, outboxes, about)
    show(result, console)
    if json_path:
        write(result, Path(json_path))
    return 1 if result["wrong"] or drained.lost or drained.doubled else 0


def _instructions(world: World, everybody: list[Visitor], json_path: Path | None, console: Console) -> int:
    try:
        counted = count_instructions(world, everybody[-1])
    except NoValgrind:
        console.print("valgrind is not installed; install the package valgrind to count instructions")
        return 2
    show_instructions(counted, console)
    if json_path:
        write_instructions(counted, Path(json_path))
    return 0


def _machine() -> dict[str, str | int]:
    return {"python": sys.version.split()[0], "system": platform.platform(), "cores": os.cpu_count() or 1}
