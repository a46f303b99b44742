"""Serves one of the two programs until ended: `python -m workbench.bench.serve TARGET PORT PROCESSES`."""

import os
import signal
import sys
import threading

from granian import Granian
from granian.constants import Interfaces

from .serving import CONNECTIONS, THREADS


def main(arguments: list[str]) -> int:
    """Serve a target on loopback."""
    target, port, processes = arguments
    threading.Thread(target=_end_with_parent, daemon=True).start()
    Granian(
        f"{__package__}.serving:{target}",
        factory=True,
        interface=Interfaces.WSGI,
        address="127.0.0.1",
        port=int(port),
        workers=int(processes),
        blocking_threads=THREADS,
        backpressure=CONNECTIONS,
        websockets=False,
        log_dictconfig={"loggers": {"_granian": {"level": "WARNING"}}},
        workers_kill_timeout=5,
    ).serve()
    return 0


def _end_with_parent() -> None:
    """The pipe is never written to: its end means that whoever measures is gone."""
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
