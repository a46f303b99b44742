"""The processes that `workbench run` starts: it stops these, in order, and no others."""

import signal
import subprocess
import sys
from contextlib import suppress
from os import killpg

STOP_WITHIN = 15.0


class Child:
    """One command of ours as a process in a session of its own, so that Ctrl-C reaches only the parent."""

    def __init__(self, name: str, *arguments: str) -> None:
        self.name = name
        command = [sys.executable, "-m", "workbench.cli", name, *arguments, "--with-parent"]
        # The pipe is never written to: its end tells the child that we are gone, however that happened.
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603

    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def ask_to_stop(self) -> None:
        """Ask it to finish what it is at."""
        if not self.has_ended():
            self.process.terminate()

    def wait(self) -> bool:
        """Wait until it ended, insist after a while; tells whether it ended by itself."""
        try:
            self.process.wait(STOP_WITHIN)
            return True
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(STOP_WITHIN)
            return False
        finally:
            if self.process.stdin:
                self.process.stdin.close()


def stop_all(children: list[Child]) -> list[str]:
    """Stop children in the order given; names those that had to be killed."""
    slow = []
    for child in children:
        child.ask_to_stop()
        if not child.wait():
            slow.append(child.name)
    return slow
