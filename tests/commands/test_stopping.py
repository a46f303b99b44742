"""A process told to stop does so wherever the signal finds it."""

import subprocess
import sys

import pytest
from waiting import PATIENCE

# What the main thread holds here is what it holds for a moment in every wait for the event.
WORKER = """
import os, signal
from workbench.commands.stopping import stop_on_signals
stop = stop_on_signals()
with stop._cond:
    os.kill(os.getpid(), signal.SIGTERM)
stop.wait()
print("stopped")
"""
WEB = """
import os, signal
from workbench.commands.changeover import WebServer
server = WebServer("nothing:at_all", interface="wsgi")
signal.signal(signal.SIGHUP, server.signal_handler_reload)
signal.signal(signal.SIGTERM, server.signal_handler_interrupt)
for number in (signal.SIGHUP, signal.SIGTERM):
    with server.main_loop_interrupt._cond:
        os.kill(os.getpid(), number)
    server.main_loop_interrupt.wait()
    server.main_loop_interrupt.clear()
assert server.reload_signal and server.interrupt_signal
print("stopped")
"""


@pytest.mark.parametrize("program", [WORKER, WEB], ids=["worker", "web"])
def test_signal_in_the_middle_of_a_wait_for_it(program: str) -> None:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE, check=True)

    assert done.stdout == "stopped\n"
