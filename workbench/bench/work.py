"""The product's worker with every platform led to the benchmark's departments: `python -m workbench.bench.work PORT`.

Their real limits per minute are lifted, or the drain rate would only measure those.
"""

import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import replace

from .. import tables  # noqa: F401 - cases refer to persons, whose table must be known
from ..cases.apply import apply_outcomes
from ..catalogue.items import load_catalogue
from ..host.discover import Installed, Platform, discover
from ..jobs.applier import Applier, Told
from ..jobs.dispatcher import Dispatcher
from ..jobs.errands import Errands
from ..jobs.worker import close_workshop, make_clock, open_workshop
from ..settings import load_settings
from ..store.context import Context

IN_FLIGHT, TIMEOUT = 8, 1.0
#: Loaded by name, as every codec is: nobody imports adapters.
CODEC = "adapters.benchmark.codec"


def redirect(installed: Installed) -> Installed:
    """Give the same platforms, all spoken to in the benchmark's own way."""
    platforms = (_redirected(platform) for platform in installed.platforms)
    return replace(installed, platforms=tuple(platforms))


def _redirected(platform: Platform) -> Platform:
    if platform.manifest is None:
        return platform
    limits = platform.manifest.limits.model_copy(
        update={"timeout_seconds": TIMEOUT, "in_flight": IN_FLIGHT, "per_minute": 0}
    )
    changed = {"way": "rest", "codec": CODEC, "repeat": "key", "capabilities": ("push",), "settings": ()}
    manifest = platform.manifest.model_copy(update=changed | {"limits": limits})
    return replace(platform, manifest=manifest)


def main(arguments: list[str]) -> int:
    """Work until standard input ends."""
    stop = threading.Event()
    installed, settings = redirect(discover()), load_settings()
    workshop = open_workshop(settings)
    workshop.installed, workshop.usable = installed, {platform.id: platform for platform in installed.platforms}
    dispatcher, errands = Dispatcher(workshop), Errands(workshop)
    dispatcher.take_inventory()
    catalogue = load_catalogue(installed.lines)

    def apply(ctx: Context, told: Sequence[Told]) -> list[None]:
        return [None for _ in apply_outcomes(ctx, catalogue, told)]

    applying = threading.Thread(target=Applier(workshop, apply).run, args=(stop,))
    clock = make_clock(workshop, errands, ())
    applying.start()
    clock.start()
    threading.Thread(target=_stop_with_parent, args=(stop,), daemon=True).start()
    try:
        dispatcher.run(stop)
    finally:
        stop.set()
        since = time.monotonic()
        dispatcher.finish(since)
        clock.shutdown()
        errands.close(since)
        applying.join()
        close_workshop(workshop)
    return 0


def _stop_with_parent(stop: threading.Event) -> None:
    sys.stdin.buffer.read()
    stop.set()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
