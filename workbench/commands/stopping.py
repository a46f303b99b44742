"""How a process of ours is told to stop: SIGTERM or SIGINT."""

import _thread
import signal
import threading


def stop_on_signals() -> threading.Event:
    """Give an event that is set when this process should stop."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        # From a thread of its own: the handler may interrupt a wait for this very event, which holds its lock.
        signal.signal(number, lambda *_: _thread.start_new_thread(stop.set, ()))
    return stop
