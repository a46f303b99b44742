"""Keys are changed while the mix runs: the commands of an administrator beside a web and a worker process."""

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console

from .drain import program
from .loop import run_round
from .mix import WEIGHTS, Visitor
from .serving import Server
from .sittings import open_forms
from .world import World

STEPS = (("rotate",), ("rotate", "--finish"), ("status", "--json"))


@dataclass
class Changed:
    """What came of it."""

    requests: int = 0
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0
    told: list[str] = field(default_factory=list)
    #: What `workbench keys status` says at the end, a row for each key.
    status: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """No request failed, and only the new keys are left."""
        return not self.wrong and bool(self.status) and all(row["is_current"] for row in self.status)


def change_keys(world: World, everybody: list[Visitor], count: int) -> Changed:
    """Change all keys while rounds of the mix follow one another; one more round comes after that."""
    changed = Changed()
    server = Server("product", world.settings.instance)
    try:
        with program("work", instance=str(world.settings.instance)), ThreadPoolExecutor(1) as beside:
            _round(changed, server, world, everybody, count)
            change = beside.submit(_change, changed, world)
            while not change.done():
                _round(changed, server, world, everybody, count)
            change.result()
            _round(changed, server, world, everybody, count)
    finally:
        server.stop()
    return changed


def _round(changed: Changed, server: Server, world: World, everybody: list[Visitor], count: int) -> None:
    forms = open_forms(
        world, world.desks[: len(world.desks) // 2], round(count * WEIGHTS["accept"] / 100), is_complete=True
    )
    done = run_round("product", server.port, world, everybody, forms, count, changed.requests)
    changed.requests += done.requests
    changed.wrong += done.wrong


def _change(changed: Changed, world: World) -> None:
    began = time.monotonic()
    *changes, status = [_call(world, *step) for step in STEPS]
    changed.seconds = time.monotonic() - began
    changed.told = [line for said in changes for line in said.splitlines()]
    changed.status = json.loads(status)


def _call(world: World, *arguments: str) -> str:
    place = {"WORKBENCH_INSTANCE": str(world.settings.instance), "WORKBENCH_DATABASE_URL": world.settings.database_url}
    command = [sys.executable, "-m", "workbench.cli", "keys", *arguments]
    done = subprocess.run(  # noqa: S603 - our own program
        command, env=os.environ | place, capture_output=True, text=True, check=True
    )
    return done.stdout


def show_changed(changed: Changed, console: Console) -> None:
    """Print what came of it."""
    for line in changed.told:
        console.print(line)
    console.print(
        f"{changed.requests} requests, {len(changed.wrong)} wrong; the keys changed in {changed.seconds:.0f} s"
    )
    for row in changed.status:
        console.print(f"{row['key']}: {row['values']} values, {row['files']} files")
    for wrong in sorted(set(changed.wrong)):
        console.print(f"wrong: {wrong}")
