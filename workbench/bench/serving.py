"""The two programs that are measured, under the same server, telling with each answer what CPU it took.

The clock is this thread's own CPU time around the WSGI call: neither the other threads nor the driver
are in it. What the server itself spends is the same for both and left out.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from ..app import create_web_app
from ..settings import load_settings
from ..testing.ports import free_port
from ..web.memory import settle
from .process import Usage, usage_of
from .twin.app import make_twin

CPU = "X-Bench-Cpu"
THREADS, CONNECTIONS, PROCESSES = 16, 1024, 2
START_WITHIN = 180.0
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def product() -> Wsgi:
    """Make the product, with the settings of the environment."""
    return metered(create_web_app().wsgi_app)


def twin() -> Wsgi:
    """Make the twin, with the settings of the environment."""
    made = make_twin(load_settings())
    settle()
    return metered(made.wsgi_app)


TARGETS: dict[str, Callable[[], Wsgi]] = {"product": product, "twin": twin}


def metered(application: Wsgi) -> Wsgi:
    """Let every answer say how many microseconds of CPU it took."""

    def measured(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        said: list[Any] = []
        began = time.thread_time_ns()
        answer = application(environ, lambda *given: said.extend(given))
        body = [b"".join(answer)]
        if close := getattr(answer, "close", None):
            close()
        spent = (time.thread_time_ns() - began) // 1000
        status, headers = said[0], said[1]
        start_response(status, [*headers, (CPU, str(spent))])
        return body

    return measured


class DidNotStart(RuntimeError):
    """A server gave no page in time; its log in the instance folder says why."""


class Server:
    """One program served by granian in processes of its own."""

    def __init__(self, target: str, instance: Path, processes: int = PROCESSES) -> None:
        self.target, self.port = target, free_port()
        command = [sys.executable, "-m", f"{__package__}.serve", target, str(self.port), str(processes)]
        environment = {"WORKBENCH_INSTANCE": str(instance), "PATH": "/usr/bin:/bin", "PYTHONHASHSEED": "0"}
        began = time.perf_counter()
        with (instance / f"{target}.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                command, env=environment, stdin=subprocess.PIPE, stderr=log, stdout=log
            )
        self._wait()
        #: Seconds from start to the first page.
        self.start_seconds = time.perf_counter() - began

    def _wait(self) -> None:
        """Wait for the first page; raises DidNotStart."""
        until = time.monotonic() + START_WITHIN
        while time.monotonic() < until and self._process.poll() is None:
            connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
            try:
                connection.request("GET", "/sign-in")
                if connection.getresponse().status == 200:
                    return
            except OSError:
                time.sleep(0.05)
            finally:
                connection.close()
        self.stop()
        raise DidNotStart(self.target)

    def usage(self) -> list[Usage]:
        """Give CPU and memory of the processes that answer."""
        return [usage for usage in usage_of(self._process.pid) if usage.pid != self._process.pid]

    def stop(self) -> None:
        """End the server and everything it started."""
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(5)
