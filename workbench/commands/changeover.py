"""Web processes that hand over to new ones: on `kill -HUP` the old one answers until the new one is ready.

All of them listen on one socket that the server itself keeps open, so that a request waits for a moment at worst and
is never refused. A new process that cannot start changes nothing.
"""

import logging
import os
import shutil
import socket
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from flask import Flask
from granian import Granian

from ..app import create_web_app
from .stopping import set_from_handler

log = logging.getLogger(__name__)

#: Where a web process says that it is ready, by its number.
READY = "WORKBENCH_WEB_READY"
#: Seconds a new process may take until it is ready, and an old one for the requests it has begun.
STARTS_WITHIN, ENDS_WITHIN, LOOK = 300.0, 60.0, 0.05
#: Seconds for which the system keeps a caller who says nothing from the web processes.
SPEAKS_WITHIN = 30


def make_room(instance: Path) -> None:
    """Make an empty folder for what web processes say."""
    folder = instance / "web"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    os.environ[READY] = str(folder)


def create_announced() -> Flask:
    """Make the application, and say so to the server."""
    application = create_web_app()
    (Path(os.environ[READY]) / str(os.getpid())).touch()
    return application


class WebServer(Granian):  # type: ignore[misc,valid-type]
    """Serves with processes that are replaced without a gap."""

    _ssp: Any
    _shd: Any

    def _init_shared_socket(self) -> None:
        # One socket each, as granian has it on Linux, drops what waits at a process that ends.
        super()._init_shared_socket()
        if self._shd is None:
            self._shd, self._ssp = self._ssp.build(), None
        # A process that ends hangs up on callers it has taken and who have said nothing yet: it takes none before.
        with socket.socket(fileno=os.dup(self._shd.get_fd())) as listener:
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, SPEAKS_WITHIN)

    def signal_handler_interrupt(self, *_: Any) -> None:
        """Stop; granian's own handler waits for ever when it interrupts the wait for what it says."""
        self.interrupt_signal = True
        set_from_handler(self.main_loop_interrupt)

    def signal_handler_reload(self, *_: Any) -> None:
        """Start the processes anew."""
        self.reload_signal = True
        set_from_handler(self.main_loop_interrupt)

    def _respawn_workers(
        self, workers: Iterable[int], spawn_target: Any, target_loader: Callable[..., Any], delay: float = 0
    ) -> None:
        for number in workers:
            new = self._spawn_worker(idx=number, target=spawn_target, callback_loader=target_loader)
            if self._starts(new):
                old, self.wrks[number] = self.wrks[number], new
                self._end(old)
        if self.reload_signal or self.interrupt_signal:  # it came in the moment in which granian forgot the one before
            self.main_loop_interrupt.set()

    def _starts(self, new: Any) -> bool:
        """Start a process and wait until it is ready; if it never is, the one before goes on."""
        new.interrupt_by_parent = True  # its end is not the end of the server
        new.start()
        ready = Path(os.environ[READY]) / str(new._id())
        self._wait(STARTS_WITHIN, lambda: ready.exists() or not new.is_alive())
        new.interrupt_by_parent = False
        if ready.exists() and new.is_alive():
            return True
        if not self.interrupt_signal:
            log.error("the new web process did not become ready; the one before goes on")
        new.kill()
        return False

    def _end(self, old: Any) -> None:
        """Let a process finish what it has begun."""
        old.terminate()
        self._wait(ENDS_WITHIN, lambda: not old.is_alive())
        if old.is_alive() and not self.interrupt_signal:
            log.warning("a web process did not end in time and was killed")
        old.join(0.0 if not self.interrupt_signal else self.workers_kill_timeout)
        if old.is_alive():
            old.kill()

    def _wait(self, seconds: float, is_over: Callable[[], bool]) -> None:
        """Wait for something, not longer than so many seconds, and not while the server is told to stop."""
        until = time.monotonic() + seconds
        while not is_over() and not self.interrupt_signal and time.monotonic() < until:
            time.sleep(LOOK)
