"""A process told to stop does so wherever the signal finds it."""

import subprocess
import sys

from waiting import PATIENCE

# What the main thread holds here is what it holds for a moment in every wait for the event.
PROGRAM = """
import os, signal
from workbench.commands.stopping import stop_on_signals
stop = stop_on_signals()
with stop._cond:
    os.kill(os.getpid(), signal.SIGTERM)
stop.wait()
print("stopped")
"""


def test_signal_in_the_middle_of_a_wait_for_it() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=PATIENCE, check=True)

    assert done.stdout == "stopped\n"
