"""The processes that `workbench run` starts: it stops these and no others.

They are forks, so what is imported once serves all. Each is a session of its own, so that Ctrl-C reaches
only the parent, and ends when the parent does, however that happens: the lifeline is a pipe that nobody
writes to and whose end they see.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path

STOP_WITHIN = 15.0
SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Lifeline:
    """What ties children to the process that started them."""

    def __init__(self) -> None:
        self._watched, self._held = os.pipe()

    def take(self) -> None:
        """In a child: stop as if by SIGTERM when the parent is gone."""
        os.close(self._held)
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        os.read(self._watched, 1)
        os.kill(os.getpid(), signal.SIGTERM)


class Child:
    """One part of the workbench in a process of its own, which may write its messages into a file."""

    def __init__(self, name: str, work: Callable[[], None], lifeline: Lifeline, messages: Path | None = None) -> None:
        self.name = name
        self._process = get_context("fork").Process(target=_live, args=(work, lifeline, messages), name=name)
        # The parent's handlers would swallow a signal that comes before the child has its own.
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            self._process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)

    @property
    def exit_code(self) -> int | None:
        """None while it lives."""
        return self._process.exitcode

    def ask_to_stop(self) -> None:
        """Ask it to finish what it is at."""
        self._process.terminate()

    def wait(self) -> bool:
        """Wait until it ended, insist after a while; tells whether it ended by itself."""
        self._process.join(STOP_WITHIN)
        ended = self.exit_code is not None
        if pid := self._process.pid:  # what it started and could not stop any more goes with it
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
        self._process.join(STOP_WITHIN)
        return ended


def stop_all(children: Iterable[Child]) -> list[str]:
    """Stop children together; names those that had to be killed."""
    stopping = list(children)
    for child in stopping:
        child.ask_to_stop()
    return [child.name for child in stopping if not child.wait()]


def _live(work: Callable[[], None], lifeline: Lifeline, messages: Path | None) -> None:
    os.setsid()
    if messages:
        with messages.open("ab") as file:
            os.dup2(file.fileno(), sys.stderr.fileno())
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    lifeline.take()
    work()
