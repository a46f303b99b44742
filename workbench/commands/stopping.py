"""How a process of ours is told to stop: SIGTERM or SIGINT."""

import signal
import threading


def stop_on_signals() -> threading.Event:
    """Give an event that is set when this process should stop."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
