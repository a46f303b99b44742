"""How a process of ours is told to stop: SIGTERM or SIGINT."""

import _thread
import signal
import threading


def stop_on_signals() -> threading.Event:
    """Give an event that is set when this process should stop."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: set_from_handler(stop))
    return stop


def set_from_handler(event: threading.Event) -> None:
    """Set an event from a signal handler, which may interrupt a wait for this very event: that holds its lock."""
    _thread.start_new_thread(event.set, ())
