"""The steps of a delivery at which a process can be killed, and the protections that can be taken away.

Both are planted from outside, by the program that runs a process under test; the product knows nothing of them.
"""

import importlib
import os
import signal
import threading
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Literal

from ..delivery.dispatch import Result
from ..host.discover import Platform
from .rogues.adapter import Rogue

When = Literal["before", "after"]
#: step -> module, name in it, and on which side of the call the process dies.
POINTS: Mapping[str, tuple[str, str, When]] = {
    "accept: written, not committed": ("workbench.machine.intake", "accept", "after"),
    "accept: committed, not answered": ("workbench.machine.cases", "_tell_line", "before"),
    "lease: taken, not committed": ("workbench.jobs.dispatcher", "claim", "after"),
    "lease: committed, nothing sent": ("workbench.jobs.desk", "Desk.put", "before"),
    "call: about to be made": ("workbench.jobs.desk", "send", "before"),
    "answer: heard, not kept": ("workbench.jobs.desk", "send", "after"),
    "acknowledge: written, not committed": ("workbench.jobs.dispatcher", "write_results", "after"),
    "acknowledge: committed": ("workbench.jobs.desk", "Desk.adapt", "before"),
    "outcome: fetched, not committed": ("workbench.jobs.errands", "store", "after"),
    "outcome: applied, not committed": ("workbench.jobs.applier", "Applier._apply", "after"),
    "cover: told, not committed": ("workbench.jobs.clockwork", "tell_edges", "after"),
}
AT_ACCEPT = tuple(step for step in POINTS if step.startswith("accept"))
AT_WORK = tuple(step for step in POINTS if not step.startswith(("accept", "cover")))


def plant(step: str, count: int) -> None:
    """Kill this process, as a power cut would, when a step is reached for the `count`-th time."""
    module, name, when = POINTS[step]
    owner, attribute = place_of(module, name)
    real, reached, guard = getattr(owner, attribute), [0], threading.Lock()

    def strike() -> None:
        with guard:
            reached[0] += 1
            if reached[0] == count:
                os.kill(os.getpid(), signal.SIGKILL)

    def planted(*arguments: Any, **named: Any) -> Any:
        if when == "before":
            strike()
        given = real(*arguments, **named)
        if when == "after":
            strike()
        return given

    setattr(owner, attribute, planted)


def place_of(module: str, name: str) -> tuple[Any, str]:
    """Find what holds a name: a module, or a class in it."""
    owner: Any = importlib.import_module(module)
    *path, attribute = name.split(".")
    for part in path:
        owner = getattr(owner, part)
    return owner, attribute


def _any_worker_is_dead(real: Callable[..., bool]) -> Callable[..., bool]:
    return lambda session, folder, worker_id: True


def _never_asked(real: Callable[..., Any]) -> Callable[..., Any]:
    return lambda adapter, platform, parcel, *, in_doubt: real(adapter, platform, parcel, in_doubt=False)


def _no_rescue(real: Callable[..., int]) -> Callable[..., int]:
    return lambda session, owner, now, **terms: 0


def _errors_are_success(real: Callable[..., Any]) -> Callable[..., Any]:
    def failed(claimed: Any, error: Any, platform: Any, **verdict: Any) -> Result:
        about = (claimed.delivery_id, claimed.platform_id, claimed.fence)
        return Result(*about, "accepted", "well", reference="", proof=b"?")

    return failed


#: protection -> module, name, and what stands there without it. Used to show that the tests notice.
PROTECTIONS: Mapping[str, tuple[str, str, Callable[[Any], Any]]] = {
    "a worker is dead only when its lock is free": ("workbench.jobs.workshop", "is_dead", _any_worker_is_dead),
    "find is asked before a parcel in doubt is sent": ("workbench.delivery.dispatch", "_ask_or_push", _never_asked),
    "what a dead worker held is taken over": ("workbench.jobs.dispatcher", "rescue", _no_rescue),
    "an error is never a success": ("workbench.delivery.dispatch", "failed", _errors_are_success),
}


def take_away(protection: str) -> None:
    """Run this process without one protection, wherever the product has a name for it."""
    module, name, without = PROTECTIONS[protection]
    owner, attribute = place_of(module, name)
    real = getattr(owner, attribute)
    replaced = without(real)
    for holder in (owner, importlib.import_module("workbench.jobs.desk")):
        if getattr(holder, attribute, None) is real:
            setattr(holder, attribute, replaced)


def plant_rogue(platform_id: str, how: str) -> None:
    """Let one platform's package misbehave: when imported ("import error", "import exits", "import slow") or used."""
    if how.startswith("import "):
        module = {"error": "nowhere", "exits": "exits", "slow": "slow"}[how.removeprefix("import ")]
        real = Platform.codec.func  # type: ignore[attr-defined]
        name = f"{__package__}.rogues.{module}"
        rogue = cached_property(lambda one: importlib.import_module(name) if one.id == platform_id else real(one))
        rogue.__set_name__(Platform, "codec")
        Platform.codec = rogue  # type: ignore[method-assign,assignment]
        return
    make = Platform.make_adapter

    def made(platform: Platform, *given: Any) -> Any:
        return Rogue(how) if platform.id == platform_id else make(platform, *given)

    Platform.make_adapter = made  # type: ignore[method-assign,assignment]
