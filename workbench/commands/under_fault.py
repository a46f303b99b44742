"""One process under test: `python -m workbench.commands.under_fault web|worker`.

It is the product's own program; only its clock may run faster or jump, real limits per minute are lifted,
waiting for answers is short, and it may die at a planned step. The variables of `faults.plan` plan it.
"""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from ..faults.plan import COUNT, PLAN, ROGUE, STEP, TIMEOUT, WITHOUT
from ..faults.points import plant, plant_rogue, take_away
from ..host.discover import Installed, Platform
from ..hubs.versions import find_installed
from ..jobs import dispatcher, worker
from ..settings import Settings, load_settings
from ..store.clock import Clock
from ..store.engine import Store
from . import worker as worker_command
from .web import serve
from .worker import work


def lift_limits(installed: Installed) -> Installed:
    """Give the same platforms without their limits per minute: a test would only measure those."""
    return replace(installed, platforms=tuple(_lifted(platform) for platform in installed.platforms))


def _find_without_limits(settings: Settings, store: Store, *, patience: float = 0.0) -> Installed:
    return lift_limits(find_installed(settings, store, patience=patience))


def _lifted(platform: Platform) -> Platform:
    if platform.manifest is None:
        return platform
    patience = float(os.environ.get(TIMEOUT, "3"))
    limits = platform.manifest.limits.model_copy(update={"per_minute": 0, "timeout_seconds": patience})
    return replace(platform, manifest=platform.manifest.model_copy(update={"limits": limits}))


def moved_clock(file: Path) -> Callable[[Clock], datetime]:
    """Make a clock that runs as the file says: {"origin", "speed", "jump"}; read anew whenever it changes."""
    known: dict[str, float] = {}
    stamp = [0]

    def now(clock: Clock) -> datetime:
        try:
            changed = file.stat().st_mtime_ns
            if changed != stamp[0]:
                known.update(json.loads(file.read_text("utf-8")))
                stamp[0] = changed
        except (FileNotFoundError, ValueError):
            pass
        real = time.time()
        origin, speed = known.get("origin", real), known.get("speed", 1.0)
        moved = origin + (real - origin) * speed + known.get("jump", 0.0)
        return datetime.fromtimestamp(moved, UTC) + clock.offset

    return now


def prepare(settings: Settings) -> None:
    """Change this process as it is planned."""
    Clock.now = moved_clock(settings.instance / PLAN)  # type: ignore[method-assign,assignment]
    for module in (dispatcher, worker, worker_command):
        module.find_installed = _find_without_limits  # type: ignore[attr-defined]
    worker.WATCH = 0.25
    for protection in filter(None, os.environ.get(WITHOUT, "").split("|")):
        take_away(protection)
    if rogue := os.environ.get(ROGUE):
        plant_rogue(*rogue.split("="))
    if step := os.environ.get(STEP):
        plant(step, int(os.environ.get(COUNT, "1")))


def main(arguments: list[str]) -> int:
    """Run one process until it is ended, or its standard input closes."""
    settings = load_settings()
    prepare(settings)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if arguments == ["web"]:
        serve(settings, 1)
    else:
        work(settings)
    return 0


def _end_with_parent() -> None:
    """The pipe is never written to: its end means that whoever injects faults is gone."""
    while os.read(0, 4096):
        pass
    os.killpg(os.getpgid(0), signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
