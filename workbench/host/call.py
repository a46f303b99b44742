"""Calls a hook over the lines open at a hub, one line at a time.

pluggy validates the implementations when a line is loaded; its own loop stops at the first one
that fails, so the loop is ours: only declared arguments are passed, a failure is caught and kept
with line and hook, and after three failures in five minutes a line's hook is left alone for a while.
A line that blocks is given up after a time limit; its thread cannot be ended, so it counts as a failure.
"""

import importlib
import logging
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as OutOfTime
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import pluggy

from ..api import hooks
from .discover import Line

log = logging.getLogger(__name__)

FAILURES, WINDOW, REST = 3, 300.0, 300.0
#: Seconds in which a line promises to answer, and for which this process waits.
SECONDS = 2.0
PATIENCE = SECONDS


@dataclass(frozen=True, slots=True)
class Answer:
    """What one line said to a hook; `fault` is set instead when it failed or rests."""

    line: Line
    value: Any = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """One failure of one line in one hook; `reason` names the kind of error, never its text."""

    line_id: str
    hook: str
    reason: str
    at: float


@dataclass
class Caller:
    """Holds the loaded hook modules and the recent failures of this process."""

    faults: list[Fault] = field(default_factory=list)
    #: Failures nobody has written down yet.
    _fresh: list[Fault] = field(default_factory=list)
    _plugins: dict[str, dict[str, pluggy.HookImpl]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(16, "hook"))

    def call(self, hook: str, lines: Iterable[Line], **arguments: Any) -> list[Answer]:
        """Ask every line in order; a line that does not implement the hook is not in the answers."""
        return list(self._walk(hook, lines, arguments))

    def listens(self, line: Line, hook: str) -> bool:
        """Tell whether a line has something to say to a hook; one that cannot be loaded fails when it is called."""
        try:
            return hook in self._load(line)
        except (Exception, SystemExit):
            return True

    def _walk(self, hook: str, lines: Iterable[Line], arguments: dict[str, Any]) -> Iterator[Answer]:
        for line in lines:
            if self.rests(line.id, hook):
                yield Answer(line, fault="resting")
                continue
            try:
                implementation = self._load(line).get(hook)
                if implementation is not None:
                    yield Answer(line, self._ask(implementation, arguments))
            # SystemExit too: a line must never end the server.
            except (Exception, SystemExit) as error:
                yield Answer(line, fault=self.note(line.id, hook, type(error).__name__))

    def _ask(self, implementation: pluggy.HookImpl, arguments: dict[str, Any]) -> Any:
        values = [arguments[name] for name in implementation.argnames]
        asked: Future[Any] = self._threads.submit(implementation.function, *values)
        try:
            return asked.result(PATIENCE)
        except OutOfTime:
            asked.cancel()
            raise TimeoutError from None

    def rests(self, line_id: str, hook: str) -> bool:
        """Tell whether this line's hook failed so often that it is left alone."""
        if not self.faults:  # asked for every line of every search
            return False
        now = time.monotonic()
        recent = [f.at for f in self.faults if f.line_id == line_id and f.hook == hook and now - f.at < WINDOW]
        return len(recent) >= FAILURES and now - recent[-1] < REST

    def note(self, line_id: str, hook: str, reason: str) -> str:
        """Keep a failure of a line; gives the reason."""
        log.warning("line %s failed in hook %s: %s", line_id, hook, reason)
        fault = Fault(line_id, hook, reason, time.monotonic())
        with self._lock:
            self.faults, self._fresh = [*self.faults[-99:], fault], [*self._fresh[-99:], fault]
        return reason

    def take_fresh(self) -> list[Fault]:
        """Give the failures since this was last asked, so that they can be written down."""
        if not self._fresh:
            return []
        with self._lock:
            fresh, self._fresh = self._fresh, []
        return fresh

    def _load(self, line: Line) -> dict[str, pluggy.HookImpl]:
        if line.id not in self._plugins:
            self._plugins[line.id] = load_hooks(line)
        return self._plugins[line.id]


def load_hooks(line: Line) -> dict[str, pluggy.HookImpl]:
    """Import a line's hooks and let pluggy check them against the specifications."""
    if line.manifest is None or not line.manifest.hooks:
        return {}
    manager = pluggy.PluginManager(hooks.PROJECT)
    manager.add_hookspecs(hooks)
    manager.register(importlib.import_module(line.manifest.hooks), line.id)
    manager.check_pending()
    callers = {name: getattr(manager.hook, name).get_hookimpls() for name in hooks.HOOK_NAMES}
    return {name: found[0] for name, found in callers.items() if found}


def deprecated_hooks(line: Line) -> dict[str, str]:
    """Name the hooks a line implements that are going to go, each with what its specification says about it."""
    if line.state != "ready":
        return {}
    try:
        implemented = load_hooks(line)
    except (Exception, SystemExit):  # what cannot be loaded is told elsewhere
        return {}
    marks = {name: getattr(getattr(hooks, name), f"{hooks.PROJECT}_spec", {}) for name in implemented}
    return {name: str(mark["warn_on_impl"]) for name, mark in marks.items() if mark.get("warn_on_impl")}
