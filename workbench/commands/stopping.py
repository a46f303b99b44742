"""How a process of ours is told to stop: SIGTERM, SIGINT, or the end of the process that started it."""

import os
import signal
import threading

import click

with_parent_option = click.option("--with-parent", is_flag=True, hidden=True)


def stop_on_signals() -> threading.Event:
    """Give an event that is set when this process should stop."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def end_with_parent() -> None:
    """Stop as if by SIGTERM when standard input closes: then the process that started this one is gone."""

    def watch() -> None:
        # Not through sys.stdin: its lock would be held while the interpreter ends.
        while os.read(0, 4096):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
